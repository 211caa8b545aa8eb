"""Which questions of a change were there before, and how many are new where not all are listed."""

import pytest

from pipeline.review.new_questions import raised
from schema.problem import Problem, Severity, total

FILE = "contributions/ana/a.csv"


def asked(values: str, more: int = 0, rule: str = "falling-count") -> tuple[Problem, ...]:
    """A question a letter, at the lines from 2 on; the last one counts the others."""
    return tuple(
        Problem(
            FILE, line, "views", value, rule, Severity.WARNING, "", more * (line == len(values) + 1)
        )
        for line, value in enumerate(values, start=2)
    )


# now, before, the values that are told, how many in all
ROWS = {
    "nothing before": (asked("ab"), (), "ab", 2),
    "all before": (asked("ab"), asked("ab"), "", 0),
    "one is new": (asked("ab"), asked("b"), "a", 1),
    "twice, and once before": (asked("aa"), asked("a"), "a", 1),
    "others are not listed": (asked("ab", 7), (), "ab", 9),
    "and were not before": (asked("ab", 7), asked("ab", 7), "", 0),
    "and some are new": (asked("ab", 7), asked("ab", 5), "b", 2),
    "a new one is the first": (asked("xa", 8), asked("ab", 7), "x", 1),
    "the first one is gone": (asked("bc", 6), asked("ab", 7), "c", 1),
    "more are listed than were": (asked("ab", 7), asked("b"), "a", 8),
    "fewer than before": (asked("ab"), asked("ab", 7), "", 0),
    "of another cause": (asked("ab", 7), asked("ab", 7, "changed-once"), "ab", 9),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_what_was_asked_before_is_not_asked_again(name):
    now, before, values, number = ROWS[name]
    new = raised(now, before, str)
    assert ("".join(problem.value or "" for problem in new), total(new)) == (values, number)


def test_errors_are_told_whether_they_were_there_or_not():
    error = Problem(FILE, 2, None, None, "short-row", Severity.ERROR, "", 5)
    assert raised((error,), (error,), str) == [error]
