"""The pandera schema finds, in a table that any program made, what `check` finds in a file."""

import contextlib
import datetime
import io
import re
import warnings

import pandas as pd
import pandera.errors
import pytest

from pipeline.dataset.check import Accepted, check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read_folders
from schema import limits
from schema.captures_schema import EMPTY_CELL, IN_FORM, OUT_OF_RANGE, TYPES, captures_schema
from schema.columns import BY_NAME, COLUMNS
from schema.problem import Severity
from schema.row_rules import ROWS, date_in_future
from schema.word_rules import date, unknown_word
from support.contribution import ROOT

TODAY = datetime.date(2026, 11, 22)
RIGHT = {"video": "a", "views": 1000, "new_followers": 1, "duration_s": 20.0, "category": "info"}


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    """A table with the types of the schema, but where a column cannot have them."""
    made = pd.DataFrame([{**RIGHT, **row} for row in rows])
    return made.astype({name: TYPES[name] for name in made if name in TYPES}, errors="ignore")


def slugs_of(captures: pd.DataFrame) -> tuple[set[str], set[str]]:
    """The slugs of the errors, and those of the questions."""
    errors: set[str] = set()
    with warnings.catch_warnings(record=True) as asked:
        warnings.simplefilter("always")
        try:
            captures_schema(TODAY).validate(captures, lazy=True)
        except pandera.errors.SchemaErrors as failed:
            errors = set(failed.failure_cases["check"])
    messages = " ".join(str(each.message) for each in asked)
    return errors, {rule.slug for rule in ROWS if re.search(rf" {rule.slug} failure", messages)}


def cells(example: str) -> dict[str, object]:
    """The cells of a documented example such as "views: 100, shares: 150"."""
    pairs = [part.split(":") for part in example.split(", ")]
    return {name.strip(): cell.strip() or None for name, cell in pairs}


@pytest.mark.slow
@pytest.mark.parametrize("rule", [*ROWS, date_in_future], ids=lambda rule: rule.slug)
def test_each_rule_of_a_row_is_a_check_with_its_name(rule):
    wrong, right = frame(cells(rule.found)), frame(cells(rule.write))
    place = rule.severity is Severity.WARNING
    assert rule.slug in slugs_of(wrong)[place]
    assert not any(rule.slug in slugs for slugs in slugs_of(right))


@pytest.mark.parametrize(
    ("row", "slug"),
    [
        ({"duration_s": 5000.0}, OUT_OF_RANGE),
        ({"duration_s": 0.0}, OUT_OF_RANGE),
        ({"views": -1}, OUT_OF_RANGE),
        ({"views": "many"}, "dtype('Int64')"),
        ({"category": ""}, EMPTY_CELL),
        ({"video": ""}, EMPTY_CELL),
        ({"posted_on": "2026-03-01T10:00"}, date.slug),
        ({"category": "ramen"}, unknown_word.slug),
        ({"category": None}, "not_nullable"),
        ({"video": "x" * 121}, IN_FORM),
        ({"video": "me@example.org"}, IN_FORM),
        ({"subject": "Ramen"}, IN_FORM),
        ({"veiws": 1}, "column_in_schema"),
    ],
)
def test_a_value_that_a_cell_may_not_have_is_found(row, slug):
    assert slug in slugs_of(frame(row))[0]
    assert limits.out_of_range.slug == OUT_OF_RANGE


@pytest.mark.slow
def test_a_column_that_every_file_needs_is_missed():
    for column in COLUMNS[:9]:
        whole = frame({name: RIGHT.get(name) for name in BY_NAME}).drop(columns=column.name)
        assert ("column_in_dataframe" in slugs_of(whole)[0]) == column.required, column.name


def test_the_rows_that_are_wrong_are_named_by_their_index():
    captures = frame({}, {"likes": 1200}, {"likes": 4})
    captures.index = [7, 8, 9]
    with pytest.raises(pandera.errors.SchemaErrors) as failed:
        captures_schema(TODAY).validate(captures, lazy=True)
    assert set(failed.value.failure_cases["index"]) == {8}


def test_a_cell_of_another_type_or_beyond_its_limits_takes_no_part_in_a_row():
    """One cause, one problem, as in `check`."""
    other = frame({}).assign(views=["many"], likes=pd.array([5000], "Int64"))
    assert "dtype('Int64')" in slugs_of(frame({}).assign(views=[float("inf")]))[0]
    assert slugs_of(other) == ({"dtype('Int64')", OUT_OF_RANGE}, set())
    assert slugs_of(frame({"views": -5, "likes": 0, "new_followers": 0})) == ({OUT_OF_RANGE}, set())


def test_a_row_is_told_from_its_like_by_no_index():
    twice = frame({"likes": 1200}, {}).set_axis([3, 3])
    assert slugs_of(twice)[0] == {"count-above-views"}
    assert slugs_of(frame({}).iloc[:0]) == (set(), set())


def test_what_check_accepts_is_valid_as_it_is():
    (accepted,) = check_all(read_folders(locate(ROOT / "contributions")).contributions[:1], TODAY)
    assert isinstance(accepted, Accepted)
    assert slugs_of(accepted.captures[list(BY_NAME)])[0] == set()


def test_the_example_of_the_readme_says_what_it_says():
    text = (ROOT / "schema" / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102  # our own documentation
    assert re.findall(r"(\S+) +(\d+)\n", printed.getvalue()) == [("count-above-views", "1")]
