"""Mutated folders through the commands: a bounded part of what `make fuzz` does for hours."""

import subprocess
import sys
from collections import Counter

import pytest

from pipeline.dataset import check as checking
from pipeline.dataset import check_bulk
from pipeline.dataset.check import Accepted
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read_folders
from support.contribution import ROOT, check
from support.fuzz.batch import DAY, STEPS, fix, import_, world
from support.fuzz.commands import json_of, text_faults
from support.fuzz.hunt import hunt
from support.fuzz.mutants import ONE_IN, mutant, original, plan, write
from support.fuzz.mutations import BYTES, MILD, WILD, huge
from support.fuzz.values import SECRET

FIRST, MANY, MORE = 3_000, 30, 240  # through all commands, and through the quick ones


@pytest.mark.slow
def test_nothing_that_a_creator_sends_crashes_a_command():
    """What fails is named by its number: `make fuzz WRITE=...` writes the folder out."""
    hunted = hunt(range(FIRST, FIRST + MANY), is_reduced=False)
    assert [words for _, words in hunted.faults] == []
    assert {name: hunted.sums[f"through {name}"] for name in STEPS} == dict.fromkeys(STEPS, MANY)
    assert MANY / 4 < hunted.sums["accepted"] < MANY * 2 / 3
    assert hunted.sums["mutations"] > MANY


@pytest.mark.slow
def test_nothing_that_a_creator_sends_crashes_what_is_quick():
    """Reading, judging in one go, `fix` and `import`: more folders in the same time."""
    mutants = [mutant(number) for number in range(FIRST + MANY, FIRST + MANY + MORE)]
    with world(mutants) as here:
        faults = [*fix(here), *import_(here)]
        contributions = read_folders(locate(here.home)).contributions
        accepted = check_bulk.merged_together(
            contributions, DAY
        ).accepted  # `merged` would go on after a crash
    assert faults == []
    assert len(contributions) == MORE
    assert MORE / 4 < len(accepted) < MORE * 2 / 3


@pytest.mark.slow
def test_a_crash_is_found_and_made_small(monkeypatch):
    """Of twelve folders, one has what breaks."""
    numbers, judge_profile = range(1, 13), checking.judge_profile

    def breaks(contribution, today):
        if contribution.creator.startswith("c7-"):
            raise ZeroDivisionError
        return judge_profile(contribution, today)

    monkeypatch.setattr(checking, "judge_profile", breaks)
    (fault, words), *others = hunt(numbers).faults
    assert fault.numbers == (7,)
    assert "make fuzz WRITE=7 " in words
    assert others == []


def test_every_mutation_is_made():
    made = Counter(mutation for number in range(2_000) for mutation in plan(number))
    assert {*made} == {*MILD, *WILD, *BYTES, huge}
    assert sum(made.values()) > 2_000
    assert plan(ONE_IN - 1).count(huge) == 1


@pytest.mark.parametrize("number", range(20))
def test_a_number_makes_the_same_folder_again(number):
    assert mutant(number) == mutant(number)


def test_most_are_changed():
    same = [n for n in range(100) if mutant(n).files == original(n).files]
    assert len(same) < 15


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_what_is_mutated_was_valid(number, home):
    made = mutant(number, ())
    write(made, home)
    (contribution,) = read_folders(locate(home)).contributions
    assert isinstance(check(contribution, DAY), Accepted)


def test_a_folder_is_written_out_by_its_number(tmp_path):
    command = [sys.executable, "-m", "support.fuzz", "--write", "7", str(tmp_path)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / mutant(7).creator / "creator.toml").is_file()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("all is well\n::error file=a,title=b::c\n::error::3 more kinds of error", 0),
        ("  ::add-mask::x", 1),
        ("x\n::error::x", 1),
        ("##[error]", 1),
        ("x \x1b[31m", 1),
        ("\u202e", 1),
        (f"write to {SECRET}", 1),
        ("Traceback (most recent call last):", 1),
        ("a.py:1: RuntimeWarning: divide by zero", 1),
    ],
)
def test_what_no_text_may_hold_is_seen(text, count):
    assert len(list(text_faults(text))) == count


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": NaN}', '{"a": Infinity}'])
def test_what_is_no_json_is_seen(text):
    assert json_of(text) is None
    assert json_of('{"a": 1}') == {"a": 1}
