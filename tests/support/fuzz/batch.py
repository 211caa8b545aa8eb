"""Many folders as one `contributions/`, through every command; what is wrong, and whose it is."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pipeline.commands import check as checking
from pipeline.commands import fix as fixing
from pipeline.commands import import_ as importing
from pipeline.commands import report as reporting
from pipeline.dataset import check_bulk, csv_file
from pipeline.dataset.check_paths import Judgement, judge
from pipeline.dataset.read_commit import contributions, creators_of
from pipeline.storage import git as objects
from support.fuzz.commands import NOT_JUDGED, OUR_FAULT, Outcome, json_of, place, run, text_faults
from support.fuzz.folders import DAY, LOGINS
from support.fuzz.mutants import PROGRAM, SUBMODULE, Mutant, original, write
from support.fuzz.values import LABEL
from support.git import Node, Repository, repository

HOME = "contributions"
TODAY = ("--today", DAY.isoformat())
FORMATS = ("text", "github", "markdown")
EACH_NTH = 16  # folder is judged again after `fix` and `import`, which takes long
TOUCHED = 20  # one in so many is new in a pull request, one is changed
FEW = 8  # of the others, one in so many stands beside in a small pull request
BOSS = "boss"
CODE = {"pipeline/__main__.py": b""}  # by which a base is known for ours; what runs is what is here


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and the numbers of the folders that it is known to come from."""

    command: str
    what: str
    numbers: tuple[int, ...] = ()


@dataclass(slots=True)
class World:
    """Folders on disk and in git, and what was said of them so far."""

    path: Path
    mutants: tuple[Mutant, ...]
    checked: dict[str, Any] = field(default_factory=dict)
    judged: dict[str, Judgement | Exception] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.path / HOME

    @property
    def odd(self) -> bool:
        """Whether small files too are read in the quick way, which is for large ones."""
        return bool(self.mutants) and self.mutants[0].number // 2 % 2 == 1

    def problems(self, creator: str) -> list[dict[str, Any]]:
        """What `check` told of a folder."""
        inside = f"{HOME}/{creator}"
        return [p for p in self._problems if f"{p['file']}/".startswith(inside + "/")]

    @property
    def _problems(self) -> list[dict[str, Any]]:
        return list(self.checked.get("problems", ()))

    @property
    def accepted(self) -> tuple[Mutant, ...]:
        """Those in which `check` found no error."""
        wrong = {_creator(p["file"]) for p in self._problems if p["severity"] == "error"}
        return tuple(each for each in self.mutants if each.creator not in wrong)

    @property
    def not_judged(self) -> set[str]:
        """The folders on which something of ours broke."""
        return {_creator(p["file"]) for p in self._problems if p["rule"] == NOT_JUDGED}


Step = Callable[[World], Iterator[Fault]]


@contextmanager
def world(mutants: Sequence[Mutant]) -> Iterator[World]:
    """Write folders out, for as long as they are needed."""
    with TemporaryDirectory(prefix="fuzz-") as folder:
        made = World(Path(folder), tuple(mutants))
        made.home.mkdir()
        for each in mutants:
            write(each, made.home)
        with _ways(quick=made.odd):
            yield made


@contextmanager
def _ways(*, quick: bool) -> Iterator[None]:
    with patch.object(csv_file, "ENOUGH_BYTES", 1 if quick else csv_file.ENOUGH_BYTES):
        yield


@contextmanager
def _once(here: World) -> Iterator[None]:
    """Judge the same folders once for all the formats and the report: it takes most of the time."""

    def remembered(*about: object) -> Judgement:
        key = repr(about)
        if key not in here.judged:
            try:
                here.judged[key] = judge(*about)  # type: ignore[arg-type]  # the arguments as they came
            except Exception as error:  # noqa: BLE001  # the same crash again, at no cost
                here.judged[key] = error
        judgement = here.judged[key]
        if isinstance(judgement, Exception):
            raise judgement
        return judgement

    with patch.object(checking, "judge", remembered), patch.object(reporting, "judge", remembered):
        yield


def _faults(here: World, command: str, done: Outcome, *codes: int) -> Iterator[Fault]:
    numbers = _numbers(here, {*map(_creator, done.suspects)} | here.not_judged)
    yield from (Fault(command, what, numbers) for what in done.faults(*codes))


def _creator(file: object) -> str:
    """Name the folder that a path from `contributions/` on is in."""
    return (*str(file).split("/"), "")[1]


def check(here: World, formats: Sequence[str] = FORMATS) -> Iterator[Fault]:
    """`check` in every format: all agree on how it ends."""
    with _once(here):
        first = run("check", here.home, "--format", "json", *TODAY)
    here.checked = json_of(first.out) or {}
    yield from _faults(here, "check", first, 0, 1)
    if not here.checked and not first.crashes:
        yield Fault("check", "no JSON")
    for style in formats:
        with _once(here):
            done = run("check", here.home, "--format", style, *TODAY)
        yield from _faults(here, "check", done, first.code)
    if first.code != OUR_FAULT and first.code != int(len(here.accepted) < len(here.mutants)):
        yield Fault("check", f"ends with {first.code}, and {len(here.accepted)} are accepted")


def report(here: World) -> Iterator[Fault]:
    """`report`: the creators in it are among the accepted, every row of theirs is accounted for."""
    out = here.path / "reports"
    with _once(here):
        done = run("report", "--contributions", here.home, "--out", out, "--quick", *TODAY)
    yield from _faults(here, "report", done, 0, 1)
    if done.crashes or not (out / "pooled.csv").is_file():
        return
    accepted = {each.creator for each in here.accepted}
    if done.code != int(len(accepted) < len(here.mutants)):
        yield Fault("report", f"ends with {done.code}")
    pooled = csv.DictReader(io.StringIO((out / "pooled.csv").read_text("utf-8")))
    if strangers := {row["creator"] for row in pooled} - accepted:
        yield Fault("report", "pools who is not accepted", _numbers(here, strangers))
    if json_of((out / "summary.json").read_text("utf-8")) is None:
        yield Fault("report", "no JSON")
    for path in sorted(out.rglob("*")):
        if path.suffix in (".md", ".html", ".csv", ".json", ".svg"):
            page = path.read_text("utf-8")
            yield from (Fault("report", f"{path.name}: {what}") for what in _page_faults(page))


def _page_faults(page: str) -> Iterator[str]:
    hidden = (what for what in text_faults(page.replace("\r\n", "\n")) if "character" not in what)
    yield from hidden
    if LABEL in page:
        yield "a label"
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in page):
        yield "a control character"


def _numbers(here: World, creators: set[str]) -> tuple[int, ...]:
    return tuple(each.number for each in here.mutants if each.creator in creators)


def fix(here: World) -> Iterator[Fault]:
    """`fix` of each folder by itself."""
    for each in here.mutants:
        folder = here.path / "fix" / each.creator
        folder.parent.mkdir(exist_ok=True)
        shutil.copytree(here.home / each.creator, folder, symlinks=True)
        with _judged_again(each):
            done = run("fix", folder)
        yield from (Fault("fix", what, (each.number,)) for what in done.faults(0, 1, 2))


def import_(here: World) -> Iterator[Fault]:
    """`import` of the CSVs of each folder."""
    new = here.path / "imported"
    for each in here.mutants:
        files = sorted((here.home / each.creator).glob("*.csv"))
        words = ["--creator", f"c{each.number}", "--contributions", new]
        words += ["--github", LOGINS[0], "--consent", "2026-05-31"] if each.number % 2 else []
        words += ["--zero-is-missing", "new_followers"] if each.number % 3 == 0 else []
        with _judged_again(each):
            done = run("import", *words, "--", *files) if files else Outcome(0)
        yield from (Fault("import", what, (each.number,)) for what in done.faults(0, 1, 2))


@contextmanager
def _judged_again(each: Mutant) -> Iterator[None]:
    """Let few folders be judged once more: `check` has judged all of them, the same way."""
    if each.number % EACH_NTH == 0:
        yield
    else:
        with (
            patch.object(importing, "check_paths", lambda *_: 0),
            patch.object(fixing, "check_paths", lambda *_: 0),
        ):
            yield


@dataclass(frozen=True, slots=True)
class Pulled:
    """A pull request on its base, and the folders that it touches."""

    base: str
    head: str
    touched: tuple[Mutant, ...]


def _is_new(each: Mutant) -> bool:
    return each.number % TOUCHED == 0


def _is_changed(each: Mutant) -> bool:
    return each.number % TOUCHED == 1


def _tree(mutants: Sequence[Mutant]) -> dict[str | bytes, bytes | Node | None]:
    return {
        f"{HOME}/{each.creator}/{path}": content
        for each in mutants
        for path, content in each.files.items()
    }


def _pulled(made: Repository, there: Sequence[Mutant], touched: Sequence[Mutant]) -> Pulled:
    """Write a base with some folders and the first versions of others; a head with the last."""
    first = [original(each.number) for each in touched if _is_changed(each)]
    owners = {".github/CODEOWNERS": f"* @{BOSS}\n".encode()}
    base = made.commit(CODE | owners | _tree([*there, *first]), branch="refs/heads/main")
    gone = dict.fromkeys(_tree(first))
    head = made.commit(gone | _tree(touched), base)
    old = {each.creator: each.files for each in first}
    changed = (each for each in touched if each.files not in ({}, old.get(each.creator)))
    return Pulled(base, head, tuple(changed))


def review(here: World) -> Iterator[Fault]:
    """`review` of one large pull request by a maintainer, and of small ones of all kinds."""
    made = repository(here.path / "git")
    touched = [each for each in here.mutants if _is_new(each) or _is_changed(each)]
    others = [each for each in here.mutants if each not in touched]
    all_ = _pulled(made, others, touched)
    yield from _reviewed(here, made, all_, "--author", BOSS)
    yield from _same_from_git(here, made, all_)
    few = [each for each in others if each.number % FEW == 0]
    good = [each for each in touched if each in here.accepted]
    if good:
        yield from _reviewed(here, made, _pulled(made, few, good), "--data-only", is_all=False)
    for each in (good[:1], touched[-1:]):
        if each:
            small = _pulled(made, few, each)
            login = LOGINS[each[0].number % len(LOGINS)]
            yield from _reviewed(here, made, small, "--author", login, is_all=False)
            back = Pulled(small.head, small.base, ())
            yield from _reviewed(here, made, back, "--author", login, "--author-id", "7")


def _reviewed(
    here: World, made: Repository, pulled: Pulled, *who: str, is_all: bool = True
) -> Iterator[Fault]:
    out = here.path / "review"
    shutil.rmtree(out, ignore_errors=True)
    words = ("--base", pulled.base, "--head", pulled.head, "--repository", made.path, "--out", out)
    style = ("json", *FORMATS)[len(pulled.touched) % 4]
    done = run("review", *words, *who, "--pull", "7", "--format", style, *TODAY)
    judged = json_of(_text(out / "check.json"))
    theirs = World(here.path, here.mutants, judged or {})
    yield from _faults(theirs, "review", done, 0, 1)
    if done.crashes:
        return
    verdict = dict(line.split("=") for line in _text(out / "outputs").splitlines())
    if verdict.get("verdict") != ("refused" if done.code else "accepted"):
        yield Fault("review", f"says {verdict}, and ends with {done.code}")
    if judged is None or json_of(_text(out / "review.json")) is None:
        yield Fault("review", "no JSON")
    body = _text(out / "review.md")
    yield from (Fault("review", f"review.md: {what}") for what in text_faults(body))
    if is_all:
        yield from _same_problems(here, theirs, pulled)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _same_problems(here: World, theirs: World, pulled: Pulled) -> Iterator[Fault]:
    """A folder has the same problems on disk and in git, but for what only git knows."""
    for each in pulled.touched:
        disk, git = here.problems(each.creator), theirs.problems(each.creator)
        if not _only_in_git(each) and _sorted(disk) != _sorted(git):
            yield Fault("review", "other problems than from disk", (each.number,))


def _only_in_git(each: Mutant) -> bool:
    nodes = (content for content in each.files.values() if isinstance(content, Node))
    return any(node.mode in (PROGRAM, SUBMODULE) for node in nodes)


def _sorted(problems: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(problem, sort_keys=True) for problem in problems)


def _same_from_git(here: World, made: Repository, pulled: Pulled) -> Iterator[Fault]:
    """Who is accepted is the same from git, read in the other way, judged in one go."""
    tree = objects.tree(made.path, pulled.head)
    try:
        with _ways(quick=not here.odd):
            # Not by `merged`, which would go on without the folder that breaks it.
            together = check_bulk.merged_together(
                contributions(made.path, tree, creators_of(tree)), DAY
            )
    except Exception as error:  # noqa: BLE001  # every crash is what we look for
        whose = _numbers(here, {_creator(getattr(error, "file", ""))})
        yield Fault("merged", f"crash: {place(error)}", whose)
        return
    from_git = {each.creator for each in together.accepted}
    plain = {each.creator for each in here.mutants if each.files and not _only_in_git(each)}
    from_disk = {each.creator for each in here.accepted}
    if other := (from_git ^ from_disk) & plain:
        yield Fault("merged", "others are accepted than by check", _numbers(here, other))


STEPS: dict[str, Step] = {
    "check": check, "report": report, "review": review, "fix": fix, "import": import_,
}  # fmt: skip
