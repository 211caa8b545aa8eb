"""The page of the method: true of the code, complete, and its snippets give what is published."""

import ast
import io
import re
import subprocess
import sys
from html import unescape
from xml.etree import ElementTree

import pytest

from pipeline.analysis.comparison.comparison import compare
from pipeline.analysis.comparison.published import published
from pipeline.dataset import pooled_csv, simulate
from pipeline.inference.verdicts import LEVEL
from pipeline.model.questions import CONVERSION, FOLLOWERS, LEVERS, QUESTIONS, REACH, Form
from pipeline.render import data_files
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.method import page as method
from pipeline.render.site.method.mathml import formula, inline_formula
from support.contribution import ROOT

ANCHORS = (
    "data questions creator-effects models errors many-lines ladder verdicts "
    "decomposition robustness forecasts partial-pooling compare yardstick planner history limits "
    "commands"
)
REPOSITORY = "https://github.com/octocat/followworthy"


@pytest.fixture(scope="module")
def page(examples) -> str:
    return method.page(Edition(examples, None, [], {}, REPOSITORY)).decode()


@pytest.fixture(scope="module")
def report(examples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "estimates.csv").write_bytes(data_files.estimates(examples))
    (folder / "covariance.csv").write_bytes(data_files.covariances(examples))
    (folder / "pooled.csv").write_bytes(pooled_csv.pooled(examples.pool))
    return folder


def test_every_section_has_its_anchor_once_in_order(page):
    ids = re.findall(r'<h2 id="([a-z-]+)"', page)
    assert ids == ANCHORS.split()
    for name in re.findall(r'href="#([a-z-]+)"', page):
        assert page.count(f' id="{name}"') == 1


def test_every_path_that_is_named_is_there(page, examples):
    linked = re.findall(rf'href="{REPOSITORY}/blob/HEAD/([^"]+)"', page)
    assert len(linked) > 40
    assert [path for path in linked if not (ROOT / path).is_file()] == []
    plain = method.page(Edition(examples, None, [])).decode()
    named = re.findall(r"<code>((?:pipeline|simulations)/[\w/.-]+)</code>", plain)
    assert set(linked) - {"CONTRIBUTING.md"} <= set(named)
    assert "blob/HEAD" not in plain


def test_every_question_and_term_is_in_the_tables(page):
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    for question in QUESTIONS:
        assert method.model(question) in text
        assert question.counts in text
    for term in {term.column for question in QUESTIONS for term in question.terms}:
        assert f'<th scope="row">{term}</th>' in page
    assert method.model(CONVERSION) == "new_followers per view ~ levers + context | creator"
    assert method.model(QUESTIONS[-1]) == "new_followers ~ signs + levers + context | creator"


def test_a_term_says_in_which_questions_it_is():
    entries = {(entry.column, entry.part): entry.questions for entry in method.terms()}
    assert entries["has_cover", "lever"] == ("followers", "reach", "conversion", "signals")
    assert entries["likes", "sign"] == ("signals",)


def test_the_rules_are_said_with_the_numbers_of_the_code(page):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert f"Holm’s p is below {LEVEL}" in text
    assert "counted less than 7 days after posting" in text


def test_only_files_that_are_written_are_linked(page, examples):
    from pipeline.analysis.diagnostics import cache
    from pipeline.analysis.diagnostics.diagnostics import Diagnostics

    files = re.findall(r'href="([\w.-]+\.(?:csv|json))"', page)
    assert not set(files) & set(map(str, cache.NAMES))
    with_all = method.page(Edition(examples, Diagnostics(), [])).decode()
    linked = set(re.findall(r'href="([\w.-]+\.(?:csv|json))"', with_all))
    assert linked == {name for name, _, _ in method.FILES}
    assert {*map(str, cache.NAMES)} - linked <= {"sureness.json"}


def snippet(page: str, label: str) -> str:
    """What a reader would copy from the page."""
    match = re.search(rf'aria-label="Python: {label}"><code>(.*?)</code>', page, re.DOTALL)
    assert match
    return unescape(match[1])


def test_the_knots_of_a_curve_are_the_same_in_models_snippets_and_simulated_creators(page):
    curves = {term.column: term for term in LEVERS if term.form is Form.SPLINE}
    knots = {name: term.knots for name, term in curves.items()}
    assert knots == simulate.KNOTS
    for name, term in curves.items():
        others = [level for level in term.levels if level != term.reference]
        assert list(simulate.EFFECTS[name]) == others
    for label in ("estimate again", "compare two videos"):
        (again,) = re.findall(r"^knots = (\{.*\})$", snippet(page, label), re.MULTILINE)
        assert ast.literal_eval(again) == knots


def test_each_curve_is_said_to_be_one_of_its_own_log():
    forms = {entry.column: entry.form for entry in method.terms()}
    assert forms["duration_s"] == (
        "a smooth curve of its logarithm, told by its height at 10, 25 and 60, compared with 25"
    )
    assert forms["hashtags"] == (
        "a smooth curve of the logarithm of 1 + it, told by its height at 0, 3 and 8,"
        " compared with 3"
    )
    assert forms["followers_before"] == "the logarithm of 1 + it"


def run_snippet(page: str, folder, label: str, instead: tuple[str, str] = ("", "")) -> str:
    """Run a snippet, with something in it replaced, beside the files of the report."""
    code = snippet(page, label)
    assert instead[0] in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace(*instead) if instead[0] else code],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_reader_can_do_each_estimate_again(page, report, examples):
    import pandas as pd

    output = run_snippet(page, report, "estimate again")
    again = pd.read_fwf(io.StringIO(output), keep_default_na=False)
    values = {(row.question, row.term, row.level): row for row in again.itertuples()}
    for question in (FOLLOWERS, REACH, CONVERSION):
        answer = next(each for each in examples.answers if each.question == question)
        estimated = [line for line in answer.estimates if line.estimate is not None]
        assert len(estimated) > 30
        for line in estimated:
            row = values[question.name, line.variable.term, line.variable.level]
            assert float(row.again) == pytest.approx(line.estimate, abs=2e-6)  # six digits printed
            if line.std_error is not None:
                near = 2e-6 if question is REACH else 0.4 * line.std_error
                assert float(row.error) == pytest.approx(line.std_error, abs=near)
        assert sum(line.std_error is not None for line in estimated) > 25


TUTORIAL = {"duration_s": 15.0, "category": "tutorial"}
OPINION = {"duration_s": 45.0, "category": "opinion"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("instead", "a", "b"),
    [
        (("", ""), TUTORIAL, OPINION),
        (("# of 5 hashtags instead of none: ", ""), {"hashtags": 5.0}, {"hashtags": 0.0}),
        (
            ('c = numbers("duration_s", 15, 45)', 'c = numbers("hashtags", 3, 8)'),
            {"hashtags": 3.0, "category": "tutorial"},
            {"hashtags": 8.0, "category": "opinion"},
        ),
    ],
)
def test_a_reader_can_compare_two_videos(page, report, examples, instead, a, b):
    output = run_snippet(page, report, "compare two videos", instead)
    lines = published(examples.answers[0], examples.pool.videos)
    assert lines
    expected = compare(lines, a, b).ratios
    assert None not in expected
    ratios = [float(word) for word in output.strip("[] \n").split()]
    assert ratios == pytest.approx(expected, rel=1e-7)


FORMULAS = {
    "x_i^T β": "<msubsup><mi>x</mi><mi>i</mi><mi>T</mi></msubsup><mi>β</mi>",
    "{ a + 1 } / { b }^2": "<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow>"
    "<msup><mrow><mi>b</mi></mrow><mn>2</mn></msup></mfrac>",
    "1 / m": "<mn>1</mn><mo>/</mo><mi>m</mi>",
    "√{ V }": "<msqrt><mi>V</mi></msqrt>",
    "∑_g s_g": "<munder><mo>∑</mo><mi>g</mi></munder><msub><mi>s</mi><mi>g</mi></msub>",
    "{ { a } / { b } } / { c }": "<mfrac><mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi>"
    "</mrow></mfrac></mrow><mrow><mi>c</mi></mrow></mfrac>",
    "a < b": "<mi>a</mi><mo>&lt;</mo><mi>b</mi>",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_line_of_text_becomes_mathml(text):
    made = inline_formula(text)
    assert re.sub(r"^<math[^>]*>|</math>$", "", made) == FORMULAS[text]


def test_every_formula_of_the_page_is_whole_and_keeps_its_signs(page):
    formulas = re.findall(r"<math .*?</math>", page)
    assert len(formulas) > 60
    for each in formulas:
        element = ElementTree.fromstring(each)  # noqa: S314  # ours
        marks = str.maketrans("", "", "{}_^√/ ")
        drawn = "".join(element.itertext()).translate(marks)
        assert drawn == element.attrib["alttext"].translate(marks)


def test_a_formula_of_its_own_line_is_a_block():
    assert formula("x").startswith('<math display="block" alttext="x">')
