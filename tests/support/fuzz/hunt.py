"""One batch of numbers through all commands, again without a folder that fails until all pass."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from support.fuzz.batch import STEPS, Fault, world
from support.fuzz.mutants import Mutant, mutant
from support.fuzz.reduce import guilty, smaller
from support.git import Node

MOST_ROUNDS = 40
SHOWN = 2_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Found:
    """The sums of a batch, and what failed, each with the words that tell it."""

    sums: Counter[str]
    faults: tuple[tuple[Fault, str], ...]


def hunt(numbers: Sequence[int], *, is_reduced: bool = True) -> Found:
    """Take the folders of some numbers through all commands, and make what fails small."""
    left = [mutant(number) for number in numbers]
    sums = Counter(folders=len(left), mutations=sum(len(each.mutations) for each in left))
    faults: dict[Fault, str] = {}
    for _ in range(MOST_ROUNDS):
        fault, accepted = _first(left, sums)
        if fault is None:
            sums["accepted"] = accepted
            break
        bad = guilty(left, fault)
        named = Fault(fault.command, fault.what, tuple(each.number for each in bad))
        is_known = fault.what in {each.what for each in faults}
        shown = smaller(bad[0], fault) if is_reduced and len(bad) == 1 and not is_known else None
        faults[named] = words(named, bad, shown)
        left = [each for each in left if each not in bad]
        if not bad:  # only once: it cannot be told from what, and the rest goes unseen
            break
    sums["left out"] = sums["folders"] - len(left)
    return Found(sums, tuple(faults.items()))


def _first(mutants: Sequence[Mutant], sums: Counter[str]) -> tuple[Fault | None, int]:
    """Take folders through the commands up to the first that fails; count the accepted."""
    with world(mutants) as here:
        for name, step in STEPS.items():
            began = time.monotonic()
            faults = sorted(step(here), key=lambda fault: not fault.numbers)
            sums[f"s in {name}"] += round(time.monotonic() - began)
            if faults:
                return faults[0], 0
            sums[f"through {name}"] = len(mutants)
        return None, len(here.accepted)


def words(fault: Fault, bad: Sequence[Mutant], shown: Mutant | None) -> str:
    """Tell a failure: what it is, how to write its folders out, and the least that is needed."""
    lines = [f"{fault.command}: {fault.what}"]
    lines += [
        f"    make fuzz WRITE={each.number}  # {', '.join(each.mutations)}" for each in bad[:3]
    ]
    if shown:
        lines += [f"    {shown.creator!a} by {', '.join(shown.mutations)}"]
        lines += [f"    {name!a}: {_shown(content)}" for name, content in shown.files.items()]
    return "\n".join(lines)


def _shown(content: bytes | Node) -> str:
    raw = content.content if isinstance(content, Node) else content
    mode = f" ({content.mode})" if isinstance(content, Node) else ""
    cut = raw if len(raw) <= SHOWN else raw[:SHOWN] + b"..."
    return f"{cut!r}{mode}"
