"""What DEVELOPING.md says is one entry is one: all on one copy of the code, with a whole report."""

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.dataset.simulate import simulate
from support import preloaded
from support.contribution import ROOT
from support.less_effort import lessen

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Extension:
    """What is added: a text before another one, in a file; new files; and what shows it then.

    `change` gives a row of the data what the extension asks for.
    """

    file: str
    before: str
    added: str
    shown: dict[str, str]  # file → what stands in it
    files: dict[str, str] = field(default_factory=dict)
    change: Callable[[int, Row], Row] = lambda _, row: row
    column: str = ""  # a new one, in Python


CATEGORY = """
[category.podcast]
meaning = "people talk"
synonyms = ["talk show"]

"""
QUESTION = """
SAVED = Question(
    "saved", "What is saved?", "saves", Model.POISSON, (*LEVERS, *CONTEXT),
    advice=True, counts="saves", event="save",
)
QUESTIONS = (SAVED, """
RULE = """
@rule("views: 1234567", "the views", Severity.WARNING)
def digits_in_order(captures: pd.DataFrame) -> Iterator[Finding]:
    '''The digits of this number follow each other: is it right?'''
    for line in captures.index[captures["views"] == 1234567]:
        yield Finding(line=line, column="views", value="1234567")


ROWS = (digits_in_order, """
PAGE = """
from pipeline.render.site.layout.page import html_page

def page(edition):
    return html_page(edition, "about/about.html.jinja", "about.html")
"""
TEMPLATE = """{% extends "layout/shell.html.jinja" %}
{% block title %}About{% endblock %}
{% block description %}One more page.{% endblock %}
{% block main %}<h1>One more page</h1>{% endblock %}
"""
QUESTIONS_PY = "pipeline/model/questions.py"
PROMOTED = '    _flag("is_promoted", '
EXTENSIONS = {
    "a category word": Extension(
        "schema/vocabulary.toml",
        "[category.info]",
        CATEGORY,
        {"out/index.html": "odcast", "out/data.html": "podcast", "out/estimates.csv": "podcast"},
        change=lambda n, row: row | ({"category": "podcast"} if n % 3 == 0 else {}),
    ),
    "a yes/no lever": Extension(
        QUESTIONS_PY,
        '    Term("has_cover"',
        '    Term("has_subtitles", Form.FLAG, "subtitles", reference="no"),\n',
        {"out/index.html": "ubtitles", "out/compare.html": "a.has_subtitles"},
        change=lambda n, row: row | {"has_subtitles": ("yes", "no")[n % 2]},
        column='_flag("has_subtitles", Role.LEVER, "the video has subtitles")',
    ),
    "a numeric lever": Extension(
        QUESTIONS_PY,
        '    Term("has_cover"',
        '    Term("cuts", Form.SPLINE, "{level} cuts", reference="2", knots=(0, 2, 6)),\n',
        {
            "out/index.html": "uts 6 instead of cuts 2",
            "out/compare.html": " (cuts)",
            "out/estimates.csv": "cuts,6,against 2",
        },
        change=lambda n, row: row | {"cuts": str(n * 7 % 19)},
        column='Column("cuts", Kind.WHOLE, Role.LEVER, "number of cuts", low=0, high=500)',
    ),
    "a question": Extension(
        QUESTIONS_PY,
        "QUESTIONS = (",
        QUESTION,
        {
            "out/estimates.csv": "saved,",
            "out/method.html": "What is saved?",
            "out/compare.html": "Saves",
        },
        # Of subtitles, which are by turns, this question alone tells something.
        change=lambda n, row: row | ({"saves": ("40", "4")[n % 2]} if "saves" in row else {}),
    ),
    "an analysis of robustness": Extension(
        "pipeline/analysis/robustness/datasets.py",
        "    choices.WITHOUT_TOP: ",
        '    "short videos alone": lambda videos: videos[videos["duration_s"] < 60],\n',
        {"out/robustness.csv": "short videos alone", "out/how-sure.html": "short videos alone"},
    ),
    "a prediction model": Extension(
        "pipeline/analysis/prediction/models.py",
        '    ModelEntry("boosting", BEFORE,',
        '    ModelEntry("twice-the-mean", BEFORE, lambda task, _: 2 * own_mean(task)),\n',
        {"out/prediction.csv": "twice-the-mean", "out/how-sure.html": "twice the mean"},
    ),
    "a page": Extension(
        "pipeline/render/site/layout/page.py",
        '    ("method.html", ',
        '    ("about.html", "About", "about.page"),\n',
        {"out/about.html": "One more page", "out/index.html": 'href="about.html"'},
        files={
            "pipeline/render/site/about/page.py": PAGE,
            "pipeline/render/site/about/about.html.jinja": TEMPLATE,
        },
    ),
    "a check rule": Extension(
        "schema/row_rules.py",
        "ROWS = (",
        RULE,
        {"check.json": "digits-in-order"},
        change=lambda n, row: row | ({"views": "1234567"} if n == 5 else {}),
    ),
}


def write_data(copy: Path) -> None:
    """Six simulated creators with some 25 videos each, with what the extensions ask for."""
    for path, raw in simulate(6, 150, 5).items():
        place = copy / "contributions" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.suffix == ".csv":
            rows = list(csv.DictReader(io.StringIO(raw.decode())))
            for extension in EXTENSIONS.values():
                rows = [extension.change(n, row) for n, row in enumerate(rows)]
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            raw = text.getvalue().encode()
        place.write_bytes(raw)


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(copy)}
    command = [*preloaded.python(), "-m", "pipeline", *words]
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300
    )


def put_in(copy: Path, file: str, before: str, added: str) -> None:
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(before) == 1, (file, before)
    opens = before.endswith("= (")  # the entry is the first of a tuple, after what it names
    new = added if opens else added + before
    (copy / file).write_text(text.replace(before, new), encoding="utf-8")


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the repository with every extension, and what it says of data that use them."""
    copy = tmp_path_factory.mktemp("extended")
    for name in ("pipeline", "schema"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock", "CITATION.cff", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    lessen(copy)
    for extension in EXTENSIONS.values():
        put_in(copy, extension.file, extension.before, extension.added)
        if extension.column:
            put_in(copy, "schema/columns.py", PROMOTED, f"    {extension.column},\n")
        for path, text in extension.files.items():
            (copy / path).parent.mkdir(exist_ok=True)
            (copy / path).write_text(text, encoding="utf-8")
    write_data(copy)
    checked = run(copy, "check", "contributions", "--format", "json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    (copy / "out").mkdir()
    (copy / "check.json").write_text(checked.stdout, encoding="utf-8")
    made = run(copy, "report", "--out", "out")
    assert made.returncode == 0, made.stdout + made.stderr
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS)
def test_one_entry_is_enough(extended, extension):
    for name, text in extension.shown.items():
        assert text in (extended / name).read_text(encoding="utf-8"), (name, text)
