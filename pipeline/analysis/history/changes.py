"""What came between two sets of results: looked up in git at build time, never stored.

A set of results is known by its inputs. What its pool was made of is in the `pooled.csv` that was
committed with it; which rules and code it was made by, in the same commit. Nothing else of git's
past is looked at, so that other commits, before or after, change no answer.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.analysis.history import history_csv
from pipeline.analysis.history.history_csv import History
from pipeline.analysis.history.withdrawal import HISTORY, is_whole
from pipeline.dataset import pooled_csv
from pipeline.inference.results import Results
from pipeline.storage import git as objects
from pipeline.storage.git import GitError, Sandbox, answer, ask, opened
from schema.creator import EXAMPLE

RECENT = 30  # sets of results that are looked up, and drawn
POOLED, SUMMARY = "reports/pooled.csv", "reports/summary.json"
RULES, QUESTIONS, CALCULATION = "the rules", "the questions", "the calculation"
EDITED = {  # paths of the repository → what an edit of them is one of
    "schema": RULES,
    "pipeline/dataset": RULES,
    "pipeline/model/fit.py": CALCULATION,
    "pipeline/model": QUESTIONS,
    "pipeline/inference": CALCULATION,
    "pipeline/estimate": CALCULATION,
}
FORMER = {  # where they were, when the first reports were made
    **dict.fromkeys(("pipeline/check.py", "pipeline/pool.py"), RULES),
    **dict.fromkeys(
        [f"pipeline/{name}.py" for name in ("questions", "design", "terms")], QUESTIONS
    ),
    **dict.fromkeys(("pipeline/fit.py", "pipeline/ladder.py"), CALCULATION),
}
METHOD = EDITED | FORMER
ASIDE = "schema/quarantine.toml"  # a list of creators, not a rule


@dataclass(frozen=True, slots=True)
class SetDifference:
    """What a set of results has that the set before it had not.

    `joined` and `changed` are creators of today's pool, by name; `others_joined` and
    `others_changed` count those who are not in it. `left` counts those whose videos are no longer
    in the pool, `made_way` the simulated ones among them. `edited` names what of the method was
    edited. All of this is empty where `is_told` is false: the set before is not at hand, or there
    is none. `simulated` tells of the set itself.
    """

    simulated: bool
    is_told: bool = False
    joined: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    others_joined: int = 0
    others_changed: int = 0
    left: int = 0
    made_way: int = 0
    edited: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Return whether nothing is known to have changed."""
        people = self.others_joined + self.others_changed + self.left
        return self.is_told and not (people or self.joined or self.changed or self.edited)


@dataclass(frozen=True, slots=True)
class _Set:
    """One set of results: its creators with a digest of their rows, and the method's objects."""

    header: bytes
    creators: Mapping[str, bytes]
    method: Mapping[str, frozenset[str]]

    @property
    def simulated(self) -> bool:
        return any(name.startswith(EXAMPLE) for name in self.creators)


def in_order(history: History, inputs: str) -> tuple[str, ...]:
    """Give the inputs of each set of results once, oldest first, and the named ones last.

    >>> in_order([("a",), ("a",), ("b",), ("c",)], "b")
    ('a', 'c', 'b')
    """
    distinct = dict.fromkeys(row[0] for row in history)
    return (
        *(each for each in distinct if each != inputs),
        *((inputs,) if inputs in distinct else ()),
    )


def causes(home: Path, before: History, findings: Results) -> Mapping[str, SetDifference]:
    """Look up what came before each of the latest sets of results, by its inputs.

    `before` is the history of the last report, `home` the folder that holds the contributions. A
    set whose pool is not at hand has no entry; none has where git does not have the whole past.
    """
    rows = history_csv.read_history(history_csv.history(findings, before)) or []
    names = in_order(rows, findings.inputs)[-RECENT - 1 :]
    if not is_whole(home):
        return {}
    today = frozenset(findings.pool.creators)
    try:
        with opened(home) as git:
            sets = dict(_sets(git, names, rows, findings))
    except GitError:
        return {}
    pairs = zip((None, *names), names, strict=False)
    differences = {
        name: _cause(sets.get(earlier) if earlier else None, sets[name], today)
        for earlier, name in pairs
        if name in sets
    }
    return {name: differences[name] for name in names[-RECENT:] if name in differences}


def _cause(earlier: _Set | None, later: _Set, today: frozenset[str]) -> SetDifference:
    """Compare two sets; names only of creators who are in the pool today."""
    if earlier is None:
        return SetDifference(later.simulated)
    old, new = earlier.creators, later.creators
    joined = sorted(set(new) - set(old))
    alike = earlier.header == later.header  # else whose rows changed cannot be told
    changed = sorted(name for name in set(new) & set(old) if alike and new[name] != old[name])
    left = set(old) - set(new)
    method = earlier.method, later.method
    return SetDifference(
        later.simulated,
        is_told=True,
        joined=tuple(name for name in joined if name in today),
        changed=tuple(name for name in changed if name in today),
        others_joined=len(set(joined) - today),
        others_changed=len(set(changed) - today),
        left=len(left),
        made_way=0 if later.simulated else sum(name.startswith(EXAMPLE) for name in left),
        edited=tuple(
            each for each in (RULES, QUESTIONS, CALCULATION) if method[0][each] != method[1][each]
        ),
    )


def _sets(
    git: Sandbox, names: Sequence[str], rows: History, findings: Results
) -> Iterator[tuple[str, _Set]]:
    """Find each set: today's is at hand; its method is that of HEAD until it is committed."""
    if (head := objects.commit(git, "HEAD")) is None:
        return
    commits = _made_in(git, head, names)
    here = [row for row in rows if row[0] == findings.inputs]
    raw = answer(git, "cat-file", "blob", f"{head}:{HISTORY}") or b""
    committed = [row for row in history_csv.read_history(raw) or [] if row[0] == findings.inputs]
    for name in names:
        is_today = name == findings.inputs
        commit = commits.get(name, "")
        if is_today and here != committed:
            commit = head
        pooled = pooled_csv.pooled(findings.pool) if is_today else _pooled(git, commit, name)
        if commit and pooled is not None:
            yield name, _Set(*_creators(pooled), _method(git, commit))


def _made_in(git: Sandbox, head: str, names: Sequence[str]) -> dict[str, str]:
    """Find the last commit that wrote the rows of each set, with a report of the same inputs.

    Whoever only wrote them in another form, or sorted them, made none of them. Merges write none: a
    report that came by a branch was made of that branch's files.
    """
    commits: dict[str, str] = {}
    where = ("--", HISTORY)
    options = ("--topo-order", "--full-history", "--no-merges")
    for commit in ask(git, "rev-list", *options, head, *where).decode().split():
        if len(commits) == len(names):
            break
        name = _inputs(git, commit)
        if name in names and name not in commits and name in _added(git, commit, where):
            commits[name] = commit
    return commits


def _added(git: Sandbox, commit: str, where: Sequence[str]) -> frozenset[str]:
    """Name the sets of which a commit added results to the history, by whatever method."""
    plain = ("--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--text")
    raw = answer(git, "diff-tree", "-p", "--root", "--unified=0", *plain, commit, *where) or b""
    lines = raw.decode("utf-8", "replace").split("\n")
    added, taken = (
        {
            tuple(line[1:].split(",")[: len(history_csv.WITHOUT_METHOD)])
            for line in lines
            if line.startswith(sign)
        }
        for sign in "+-"
    )
    return frozenset(result[0] for result in added - taken)


def _pooled(git: Sandbox, commit: str, inputs: str) -> bytes | None:
    """Read the pooled data of a commit, where it is what the set was made of."""
    if not commit or _inputs(git, commit) != inputs:
        return None
    return answer(git, "cat-file", "blob", f"{commit}:{POOLED}")


def _inputs(git: Sandbox, commit: str) -> str:
    """Read the inputs of the report of a commit; "" where there is none."""
    raw = answer(git, "cat-file", "blob", f"{commit}:{SUMMARY}") or b"{}"
    try:
        said = json.loads(raw)
    except ValueError:
        return ""
    inputs = said.get("inputs") if isinstance(said, dict) else None
    return inputs if isinstance(inputs, str) else ""


def _creators(pooled: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Read the header, and a digest of each creator's rows: lines that begin with the creator."""
    header, *rows = pooled.split(b"\n")
    digests: dict[bytes, hashlib._Hash] = {}
    for row in filter(None, rows):
        creator = row.partition(b",")[0]
        digests.setdefault(creator, hashlib.sha256()).update(row + b"\n")
    return header, {name.decode("utf-8", "replace"): d.digest() for name, d in digests.items()}


def _method(git: Sandbox, commit: str) -> dict[str, frozenset[str]]:
    """Name the files of the method with their objects, by what an edit of them would be."""
    listing = answer(git, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *METHOD) or b""
    by_kind: dict[str, set[str]] = {RULES: set(), QUESTIONS: set(), CALCULATION: set()}
    for entry in listing.decode("utf-8", "replace").split("\0")[:-1]:
        path = entry.partition("\t")[2]
        if path != ASIDE:
            by_kind[_kind(path)].add(entry)
    return {kind: frozenset(entries) for kind, entries in by_kind.items()}


def _kind(path: str) -> str:
    return next(said for place, said in METHOD.items() if f"{path}/".startswith(f"{place}/"))
