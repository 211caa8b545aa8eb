"""Where a message names `fix`, it repairs; where `fix` changes something, a message has said so."""

from collections.abc import Iterator

import pytest

from pipeline.dataset.read import read
from pipeline.intake.repair import Unreadable, repair
from schema.problem import Problem
from support.contribution import DAY, ROOT, TOML, check
from support.faults import TABLES
from support.spreadsheets import LEFT, SAVED

CASES = ROOT.parent / "shared" / "cases"


def problems(raw: bytes) -> tuple[Problem, ...]:
    verdict = check(read("ana", "ana", {"creator.toml": TOML, "a.csv": raw}), DAY)
    return tuple(problem for problem in verdict.problems if problem.file == "ana/a.csv")


def corpus() -> Iterator[tuple[str, bytes]]:
    yield from (TABLES | SAVED | LEFT).items()
    yield from ((path.parent.name, path.read_bytes()) for path in sorted(CASES.glob("*/*.csv")))


CORPUS = list(corpus())


@pytest.mark.parametrize("raw", [raw for _, raw in CORPUS], ids=[name for name, _ in CORPUS])
def test_fix_does_what_is_promised_and_promises_what_it_does(raw):
    promised = [problem for problem in problems(raw) if problem.repaired]
    text = repair(raw)
    if isinstance(text, Unreadable):
        assert promised == []
        return
    left = {(each.rule, each.column, each.value) for each in problems(text.written())}
    assert [each for each in promised if (each.rule, each.column, each.value) in left] == []
    assert bool(promised) == bool(text.changes)


@pytest.mark.parametrize("name", SAVED)
def test_what_a_spreadsheet_saves_is_right_after_fix(name):
    text = repair(SAVED[name])
    assert not isinstance(text, Unreadable), text
    left = [p for p in problems(text.written()) if p.rule not in ("same-capture-twice",)]
    assert left == []


@pytest.mark.parametrize("name", LEFT)
def test_what_only_a_person_knows_is_left_and_told(name):
    listed = problems(LEFT[name])
    assert [p for p in listed if p.severity == "error" and not p.repaired]
