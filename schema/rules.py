"""The registry of rules: a function that finds, and the docstring that explains.

The docstring's first paragraph is the rule's documentation and its hint, in the contributor's
words. `found` and `write` are its documented example, and the tests run it. The rules stand in
the modules named for what they look at (`*_rules`, `cells`, `limits`, `creator`); `catalogue` lists
them all.
"""

import inspect
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from schema.columns import BY_NAME, Kind
from schema.problem import BARE_ID, Problem, Severity, is_personal

NUMBER = re.compile(r"[0-9]{1,60}(\.[0-9]{1,60})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN = {Kind.WHOLE: NUMBER, Kind.DECIMAL: NUMBER, Kind.DATE: DAY}
PLACES = 100  # of one cause that are listed, the first ones; the others are counted

F = TypeVar("F", bound=Callable[..., Any])
F_co = TypeVar("F_co", bound=Callable[..., Any], covariant=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a rule found something, and the sentence that helps there.

    `file` is None where the rule looks at one file only. An empty hint is the rule's own. `instead`
    and `repaired` are those of a `Problem`.
    """

    line: int | None = None
    column: str | None = None
    value: str | None = None
    hint: str = ""
    file: str | None = None
    instead: str = ""
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class Rule(Generic[F_co]):
    """One rule: a stable slug, how grave a finding is, the words, an example, the function."""

    slug: str
    severity: Severity
    hint: str
    found: str
    write: str
    find: F_co

    def problem(self, file: str, finding: Finding) -> Problem:
        """Turn a finding into a problem; what may be personal is not repeated in it."""
        value, hint, column = finding.value, finding.hint or self.hint, finding.column
        instead = finding.instead
        if value is not None and _is_personal(value, column):
            value, hint, instead = None, self.hint, ""
        if column is not None and _is_personal(column, None):
            column = None
        return Problem(
            finding.file or file,
            finding.line,
            column,
            value,
            self.slug,
            self.severity,
            hint,
            instead=instead,
            repaired=finding.repaired,
        )


def rule(found: str, write: str, severity: Severity = Severity.ERROR) -> Callable[[F], Rule[F]]:
    """Make a rule of a function: its name is the slug, its docstring the documentation."""

    def make(find: F) -> Rule[F]:
        first = (inspect.getdoc(find) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
        return Rule(find.__name__.replace("_", "-"), severity, first, found, write, find)

    return make


@lru_cache(maxsize=4096)  # a cell that is wrong in one row is often so in many
def _is_personal(value: str, column: str | None) -> bool:
    """Return whether it may be personal; a number or a day in its own column is not."""
    known = BY_NAME.get(column or "")
    form = PLAIN.get(known.kind) if known else None
    is_id = known is not None and known.kind is Kind.LABEL and BARE_ID.fullmatch(value)
    is_plain = is_id or (form is not None and form.fullmatch(value) is not None)
    return not is_plain and is_personal(value)


def apply(rule: Rule[Callable[..., Iterator[Finding]]], file: str, *about: object) -> list[Problem]:
    """Ask one rule about something of a file; of each cause the first places are listed.

    Raises RuleCrashError where the rule itself fails.
    """
    try:
        return listed(rule, file, rule.find(*about))
    except Exception as error:
        raise RuleCrashError(rule.slug, file) from error


def listed(rule: Rule[Any], file: str, findings: Iterable[Finding]) -> list[Problem]:
    """List the first places of each file and column that a rule finds, and count the others."""
    first: dict[tuple[str | None, str | None], list[Finding]] = {}
    number: dict[tuple[str | None, str | None], int] = {}
    for finding in findings:
        cause = (finding.file, finding.column)
        number[cause] = number.get(cause, 0) + 1
        if number[cause] <= PLACES:
            first.setdefault(cause, []).append(finding)
    return [
        problem
        for cause, places in first.items()
        for problem in counted(rule, file, places, number[cause])
    ]


def counted(rule: Rule[Any], file: str, first: Sequence[Finding], number: int) -> list[Problem]:
    """List the first places of one cause; the last of them counts those that are not listed."""
    problems = [rule.problem(file, finding) for finding in first[:PLACES]]
    if more := number - len(problems):
        problems[-1] = replace(problems[-1], more=more)
    return problems


class RuleCrashError(Exception):
    """A rule failed on its own: our fault, never the contributor's. The door answers it."""

    def __init__(self, slug: str, file: str) -> None:
        super().__init__(f"the rule {slug} failed on {file}")
        self.slug = slug
        self.file = file


def crash_site(error: Exception) -> str:
    """Name the kind of a crash and the place in our code, without a word of the data.

    >>> crash_site(ValueError("a word of the data"))
    'ValueError'
    """
    cause = error.__cause__ if isinstance(error, RuleCrashError) and error.__cause__ else error
    trace = traceback.extract_tb(cause.__traceback__)[-1:]
    where = [f" in {Path(at.filename).name}, line {at.lineno}, in {at.name}" for at in trace]
    rule = f" (rule {error.slug})" if isinstance(error, RuleCrashError) else ""
    return "".join([type(cause).__name__, *where, rule])
