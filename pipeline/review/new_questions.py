"""Which problems a change raises: errors, and the questions that were not there before it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from schema.problem import Problem, Severity, total

Cause = tuple[str, str, str | None]


def raised(
    problems: Iterable[Problem], known: Iterable[Problem], place: Callable[[str], str]
) -> list[Problem]:
    """Leave out the questions that are known, wherever rows moved; errors stay.

    `place` names a file as it is compared. Of a cause with more places than are listed, as many
    are told as came to it; where none of those is listed, the last one listed stands for them.
    """
    listed = Counter((*_cause(each, place), each.value) for each in known)
    left: Counter[Cause] = Counter()
    for each in known:
        left[_cause(each, place)] += total([each])
    kept: list[Problem] = []
    uncounted: dict[Cause, Problem] = {}
    for each in problems:
        cause, key = _cause(each, place), (*_cause(each, place), each.value)
        if each.severity is Severity.ERROR:
            kept.append(each)
            continue
        if listed[key] > 0:
            listed[key] -= 1
            left[cause] -= 1
        else:
            kept.append(replace(each, more=0))
        if each.more:
            uncounted[cause] = each
    for cause, each in uncounted.items():
        if (more := each.more - max(left[cause], 0)) > 0:
            _count(kept, each, more)
    return kept


def _count(kept: list[Problem], last: Problem, more: int) -> None:
    """Let the last problem of a cause that is told count the others."""
    for place in reversed(range(len(kept))):
        if _cause(kept[place], str) == _cause(last, str):
            kept[place] = replace(kept[place], more=more)
            return
    kept.append(replace(last, more=more - 1))


def _cause(problem: Problem, place: Callable[[str], str]) -> Cause:
    return (place(problem.file), problem.rule, problem.column)
