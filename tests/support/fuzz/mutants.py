"""A number → a mutated folder: the same one every time, whole or with some mutations left out."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from support.fuzz.folders import draft
from support.fuzz.mutations import AFTER, BYTES, MILD, WILD, Mutation, huge
from support.git import Node

ONE_IN = 500  # has thousands of rows, which takes seconds
LINK, PROGRAM, SUBMODULE = "120000", "100755", "160000"
BADLY = WILD | BYTES


@dataclass(frozen=True, slots=True)
class Mutant:
    """A creator's folder. `files` are by path in it; `mutations` are the names of those it has."""

    number: int
    creator: str
    files: dict[str, bytes | Node]
    mutations: tuple[str, ...]


def plan(number: int) -> tuple[Mutation, ...]:
    """Choose the mutations of a number, in the order in which they are made; 0 to 6 of them."""
    random = Random(f"plan {number}")  # noqa: S311  # to be the same again
    many = random.choice((1, 1, 1, 1, 2, 2, 3, 6))
    weights = random.choice((MILD, MILD, BADLY, BADLY, MILD | BADLY))
    chosen = random.choices(list(weights), list(weights.values()), k=many)
    if number % ONE_IN == ONE_IN - 1:
        chosen.append(huge)
    return tuple(sorted(chosen, key=lambda mutation: mutation in AFTER))


def mutant(number: int, keep: Collection[int] | None = None) -> Mutant:
    """Make the folder of a number; with `keep`, only with those of its mutations."""
    made, chosen = draft(number), plan(number)
    kept = range(len(chosen)) if keep is None else sorted(keep)
    is_written = False
    for place in kept:
        if chosen[place] in AFTER and not is_written:
            made.write()
            is_written = True
        with suppress(IndexError, ValueError):  # in a row too short for it, or a name not there
            chosen[place](Random(f"mutation {number} {place}"), made)  # noqa: S311  # to be the same again
    if not is_written:
        made.write()
    return Mutant(number, made.creator, made.files, tuple(chosen[i].__name__ for i in kept))


def original(number: int) -> Mutant:
    """Make the valid folder that a mutant's number begins with, under the mutant's name."""
    return Mutant(number, mutant(number).creator, mutant(number, ()).files, ())


def write(mutant: Mutant, home: Path) -> None:
    """Write a folder out, links and all, below the folder of creators."""
    folder = home / mutant.creator
    folder.mkdir(parents=True)
    for name, content in mutant.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not isinstance(content, Node):
            path.write_bytes(content)
        elif content.mode == LINK:
            path.symlink_to(content.content.decode())
        elif content.mode == SUBMODULE:
            path.mkdir()
        else:
            path.write_bytes(content.content)
            path.chmod(0o755)
