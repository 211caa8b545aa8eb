"""The replication of the 2022 post: a page for creators, and a few lines for the terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2

from pipeline.render.text.escape import markdown

NAMES = {
    "views": "views",
    "shares": "shares",
    "comments": "comments",
    "subject_data analytics": "data analytics",
    "length": "length",
    "watchedFullVideo": "watched",
}
CORRECTED = {
    "published": "nothing: as published",
    "std_error": "standard errors",
    "p_value": "p-values",
    "rare": "rare words pooled",
    "all_videos": "all his videos",
    "vital_only": "his six only",
    "observed": "followers as noted",
    "exposure": "followers per view",
}
OWN = {"R²": "post.r2", "RMSE": "post.rmse"}
Figures = Mapping[str, Any]


def page(figures: Figures) -> bytes:
    """Write the page from the stored figures alone."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline.render.markdown", ""),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # Markdown: names of columns go through `md`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "md": markdown, "n": "{:,}".format, "p": p_value, "r": three, "two": two,
    }  # fmt: skip
    return environment.get_template("replication.md.jinja").render(values(figures)).encode()


def values(figures: Figures) -> dict[str, Any]:
    """What a page on the post needs: the figures, and what they come to."""
    return {
        "f": figures,
        "seen": figures["observed"],
        "filling": figures["filling"],
        "lines": _lines(figures),
        "line": {line["slug"]: line for line in figures["lines"]},
        "names": NAMES,
        "hints": [_hint(each) for each in figures["wider"]],
        "double": _double(figures["observed"]["rate"]),
    }


def as_text(figures: Figures, different: Sequence[str], edited: Sequence[str] = ()) -> str:
    """Tell the main figures, whether all are as stored, and which files are not their author's."""
    post, table = figures["post"], figures["table"]
    rows = _lines(figures)
    width = max(len(row["corrected"]) for row in rows)
    agree = figures["cells"] - len(figures["slips"])
    videos = f"{post['training']} videos fitted, {post['test']} tested"
    said = [
        f"The post: R² {post['r2']:.6f}, RMSE {post['rmse']:.6f} ({videos}).",
        f"Its table: R² {table['r2']:.6f}, RMSE {table['rmse']:.6f}.",
        f"Of its {figures['cells']} printed numbers, {agree} agree to the last digit.",
        "",
        f"{'corrected':<{width}}  videos  what stands",
        *(f"{row['corrected']:<{width}}  {row['videos']:>6}  {row['stands']}" for row in rows),
        "",
    ]
    verb = "are" if len(edited) > 1 else "is"
    files = f"{' and '.join(edited)} {verb} not the author's, byte for byte."
    if different:
        said += _differing([row["corrected"] for row in rows], different)
        said += [f"Besides, {files}"] if edited else []
    elif edited:
        said.append(f"The figures are the same, but {files}")
    else:
        said.append("The same as the stored figures, every one.")
    return "\n".join(said)


def _differing(lines: Sequence[str], different: Sequence[str]) -> list[str]:
    """Say what is not as stored: first the post's own figures, then the lines of the table."""
    own = [name for name, figure in OWN.items() if any(_is_in(each, figure) for each in different)]
    named = [
        name
        for i, name in enumerate(lines)
        if any(_is_in(each, f"lines.{i}") for each in different)
    ]
    listed_figures = (*OWN.values(), "lines")
    others = sum(not any(_is_in(each, figure) for figure in listed_figures) for each in different)
    if own:
        first = f"The post's {' and '.join(own)} {'are' if len(own) > 1 else 'is'} not as stored."
    else:
        first = f"The post's {' and '.join(OWN)} are as stored; other figures are not."
    return [
        first,
        f"In the table of corrections, {_count(len(named), 'line')}{':' if named else '.'}",
        *(f"    {name}" for name in named),
        f"Elsewhere, {_count(others, 'figure')}.",
    ]


def _is_in(place: str, figure: str) -> bool:
    """Return whether a place is a figure, or in it, or around it; "" is around all."""
    return not place or f"{place}.".startswith(f"{figure}.") or figure.startswith(f"{place}.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}s differ" if number > 1 else f"{number or 'no'} {what} differs"


def _lines(figures: Figures) -> list[dict[str, Any]]:
    return [_line(number, line) for number, line in enumerate(figures["lines"])]


def _line(number: int, line: Figures) -> dict[str, Any]:
    standing = [NAMES[term["variable"]] for term in line["terms"] if term["stands"]]
    name = CORRECTED[line["slug"]]
    return {
        **line,
        "corrected": f"{number}. {name}" if number else name,
        "stands": "all six" if len(standing) == len(NAMES) else ", ".join(standing) or "nothing",
        "cells": [_cell(term) for term in line["terms"]],
    }


def _cell(term: Figures) -> dict[str, Any]:
    """A direction and a p; no text where nothing can be told."""
    has_p_value = term["p_value"] is not None
    text = (
        f"{'+' if term['estimate'] > 0 else '−'} {p_value(term['p_value'])}" if has_p_value else ""
    )
    return {"text": text, "stands": term["stands"]}


def _hint(wider: Figures) -> dict[str, Any]:
    return {hint["term"]["variable"]: hint for hint in wider["hints"]} | {"line": wider["line"]}


def _double(rate: Figures) -> dict[str, float]:
    """By how much followers grow as views double, with a 95 % interval."""
    middle, half = rate["elasticity"], 1.959964 * rate["elasticity_std_error"]
    return {"middle": 2**middle, "low": 2 ** (middle - half), "high": 2 ** (middle + half)}


def p_value(value: float) -> str:
    """Write a p-value with two digits; one near 0 or 1 by its bound.

    >>> p_value(0.042), p_value(0.0046), p_value(0.31), p_value(1e-7), p_value(0.997)
    ('0.042', '0.0046', '0.31', '<0.001', '>0.99')
    """
    if not 0.001 <= value <= 0.99:
        return "<0.001" if value < 0.5 else ">0.99"
    return f"{value:.{1 - math.floor(math.log10(value))}f}"


def two(value: float) -> str:
    """Write a number with two significant digits.

    >>> two(3.117), two(0.33996), two(0.5612)
    ('3.1', '0.34', '0.56')
    """
    return f"{value:.{max(1 - math.floor(math.log10(value)), 0)}f}"


def three(value: float) -> str:
    """Write a number with three digits after the point."""
    return f"{value:.3f}"
