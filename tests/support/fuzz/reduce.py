"""From a failure of many folders to the one that it comes from, and to the least of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from support.fuzz.batch import FORMATS, STEPS, Fault, check, world
from support.fuzz.mutants import Mutant, mutant, plan

T = TypeVar("T")
MOST_TRIES = 60  # of one reduction
MOST_SUSPECTS = 5
EACH_ALONE = ("fix", "import")  # say the same, whatever `check` said


def fails(mutants: Sequence[Mutant], wanted: Fault) -> bool:
    """Whether these folders alone fail in the same way; `check` comes first, as in a batch."""
    with world(mutants) as here:
        judged = check(here, () if "crash" in wanted.what else FORMATS)
        faults = list(judged if wanted.command not in EACH_ALONE else ())
        if wanted.command != "check":
            faults += STEPS["review" if wanted.command == "merged" else wanted.command](here)
    return any((each.command, each.what) == (wanted.command, wanted.what) for each in faults)


def guilty(mutants: Sequence[Mutant], wanted: Fault) -> tuple[Mutant, ...]:
    """Find a smallest set of folders that fails; none where all together do not fail again."""
    for each in mutants:
        if each.number in wanted.numbers[:MOST_SUSPECTS] and fails([each], wanted):
            return (each,)
    if not fails(mutants, wanted):
        return ()
    return tuple(_smallest(list(mutants), lambda some: fails(some, wanted)))


def _smallest(parts: list[T], is_wanted: Callable[[list[T]], bool]) -> list[T]:
    """Leave parts out, large shares first, as long as what is left is still wanted."""
    share, tries = len(parts) // 2, 0
    while share >= 1 and tries < MOST_TRIES:
        start = 0
        while start < len(parts) and len(parts) > 1 and tries < MOST_TRIES:
            rest = parts[:start] + parts[start + share :]
            tries += 1
            if rest and is_wanted(rest):
                parts = rest
            else:
                start += share
        share //= 2
    return parts


def smaller(whole: Mutant, wanted: Fault) -> Mutant:
    """Leave out mutations, files and lines of one folder that fails by itself."""
    places = list(range(len(plan(whole.number))))
    kept = _smallest(places, lambda some: fails([mutant(whole.number, some)], wanted))
    small = mutant(whole.number, kept)
    names = _smallest(list(small.files), lambda some: fails([_only(small, some)], wanted))
    small = _only(small, names)
    for name in names:
        raw = small.files[name]
        if isinstance(raw, bytes) and len(lines := raw.splitlines(keepends=True)) > 1:
            small = _with(small, name, _fewest(small, name, lines, wanted))
    return small


def _fewest(whole: Mutant, name: str, lines: list[bytes], wanted: Fault) -> list[bytes]:
    return _smallest(lines, lambda some: fails([_with(whole, name, some)], wanted))


def _only(whole: Mutant, names: Sequence[str]) -> Mutant:
    return replace(whole, files={name: whole.files[name] for name in names})


def _with(whole: Mutant, name: str, lines: Sequence[bytes]) -> Mutant:
    return replace(whole, files={**whole.files, name: b"".join(lines)})
