"""A page of the site: what all pages share, a policy that lets nothing in, and escaping."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipeline.inference.published_line import Verdict
from pipeline.render.labels import table
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio, short, whole
from pipeline.render.text.templates import no_video

PAGES = (  # file, name in the menu, and the module below `site` whose `page` writes it
    ("index.html", "The answer", "answer.page"),
    ("compare.html", "Compare", "compare.page"),
    ("normal.html", "Am I normal?", "normal.page"),
    ("creators.html", "Creators", "creators.index"),
    ("how-sure.html", "How sure?", "how_sure.page"),
    ("data.html", "The data", "data.page"),
    ("history.html", "History", "history.page"),
    ("method.html", "Method", "method.page"),
)
NO_BREAK = "\u00a0"  # a blank at which no line breaks
# What could end a script, or a line of it, in the text of a JSON block.
UNSAFE = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)

SITE = Path(__file__).parents[1]  # a folder for each page, and `layout`


def html_page(edition: Edition, template: str, here: str, script: str = "", **values: Any) -> bytes:
    """Fill the template of a page; `here` is its place in the menu, `script` our file that it runs.

    Whatever is filled in is escaped, and loses what is not printable, unless it is `Markup`.
    """
    code = _asset(script) if script else ""
    filled = _environment().get_template(template)
    return filled.render(
        edition=edition,
        findings=edition.findings,
        pool=edition.findings.pool,
        pages=[(file, name) for file, name, _ in PAGES],
        here=here,
        style=Markup(_asset("layout/style.css")),  # noqa: S704  # a file of ours
        script=Markup(code),  # noqa: S704  # a file of ours
        policy=_policy(_asset("layout/style.css"), code),
        **{"root": "", "truth": None, **values},
    ).encode()


def embedded(value: Mapping[str, Any]) -> Markup:
    """Write data for a script of the page as JSON that cannot end the block it stands in."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(UNSAFE))  # noqa: S704  # escaped in this line


def _policy(style: str, script: str) -> str:
    """Write the content security policy: our style and our script by hash, and nothing else."""
    rules = ["default-src 'none'", f"style-src {_hash(style)}", "img-src data:"]
    rules += [f"script-src {_hash(script)}"] if script else []
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _asset(name: str) -> str:
    return SITE.joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"n": whole, "ratio": ratio, "number": short}
    environment.globals |= {
        "Verdict": Verdict,
        "plural": _plural,
        "no_video": no_video,
        "labels": table.question,
        "column_labels": table.column,
    }
    return environment


def _printable(value: object) -> object:
    """Take from a text what no reader sees, such as marks that turn the direction of writing."""
    if isinstance(value, str) and not isinstance(value, Markup) and not value.isprintable():
        return "".join(
            letter if letter.isprintable() or letter == NO_BREAK else " " for letter in value
        )
    return value


def _plural(number: int, noun: str) -> str:
    """Count something: "1 creator", "2 creators", "1,200 videos"."""
    return f"{whole(number)} {noun}{'' if number == 1 else 's'}"
