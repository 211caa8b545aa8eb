"""A creator leaves: no trace is left in what is built next, and only what they touched goes."""

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.analysis.diagnostics import cache
from pipeline.analysis.history.withdrawal import (
    gone,
    gone_since,
    kept_inputs,
    without,
    without_line,
)
from pipeline.commands.report import read_last_history
from pipeline.storage.git import TooMuchError
from support import preloaded
from support.contribution import ROOT, csv_of
from support.git import ALONE
from support.less_effort import copied_code
from support.withdrawn import somebody

# What nobody else has: if one of these is found, it is a trace.
LABEL, SUBJECT, DISPLAY, CREDIT = "zephyr waltz", "quokkas", "Xanthippe Q.", "Xenia of the Hills"
VIEWS, LIKES, DURATION = (7_654_321, 919_283, 47.13)
TRACES = ("xanthe", LABEL, SUBJECT, DISPLAY, CREDIT, "tlh", str(VIEWS), str(LIKES), str(DURATION))
HISTORY = "inputs,videos,creators,question,term,level,estimate,ci_low,ci_high\n"  # as it was
WITH_METHOD = f"{HISTORY.strip()},method\n"


class Place:
    """A repository with contributions, a report, and the code that builds it where it runs."""

    def __init__(self, path: Path, *, runs: bool = True) -> None:
        self.path = path
        path.mkdir()
        if runs:
            copied_code(path)
        (path / "contributions").mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        (path / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")

    def git(self, *command: str) -> str:
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
        answer = subprocess.run(
            ["git", "-C", str(self.path), *who, *command],
            env=os.environ | ALONE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def copied(self, path: Path) -> "Place":
        copy = object.__new__(Place)
        copy.path = path
        shutil.copytree(self.path, path)
        return copy

    def commit(self, message: str = "A change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def pipeline(self, *words: str) -> str:
        command = [*preloaded.python(), "-m", "pipeline", *words]
        answer = subprocess.run(
            command, cwd=self.path, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def write(self, files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def history(self, *inputs: str) -> None:
        """Commit a history of some sets of results."""
        lines = "".join(f"{each},1,1,q,t,l,1,1,1\n" for each in inputs)
        self.write({"reports/history.csv": HISTORY + lines})
        self.commit()

    def report(self) -> dict[str, bytes]:
        folder = self.path / "reports"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def xanthe() -> dict[str, str | bytes]:
    files = somebody("xanthe")
    files["contributions/xanthe/creator.toml"] += (
        f'display = "{DISPLAY}"\ncredit = "{CREDIT}"\nlanguage = "tlh"\npage = true\n'
    )
    odd = {"video": LABEL, "views": str(VIEWS), "likes": str(LIKES), "duration_s": str(DURATION)}
    odd |= {"subject": SUBJECT, "new_followers": "0", "watched_full_pct": "12.34"}
    more = csv_of(*({**odd, "video": f"{LABEL} {n}"} for n in range(3)))
    return files | {"contributions/xanthe/more.csv": more}


def traces(report: dict[str, bytes]) -> list[tuple[str, str]]:
    return [
        (name, trace)
        for name, content in report.items()
        for trace in TRACES
        if trace.lower().encode() in content.lower() or trace in name
    ]


@pytest.mark.slow
def test_no_trace_of_who_withdrew_is_in_what_is_built_next(tmp_path):
    """The report after it is, to the byte, the one of a repository that never knew them."""
    other = Place(tmp_path / "never")
    other.write(somebody("ben") | somebody("dua"))
    other.commit("Two are here before")
    other.pipeline("report", "--quick")
    other.commit("Rebuild the report")
    assert b"conversion" in other.report()["history.csv"]
    place = other.copied(tmp_path / "command")

    place.write(xanthe())
    place.commit("Xanthe comes")
    place.pipeline("report")
    place.commit("Rebuild the report")
    assert {trace for _, trace in traces(place.report())} >= {"xanthe", SUBJECT, CREDIT, str(VIEWS)}
    for each in (place, other):
        each.write(somebody("cem"))
        each.commit("Cem comes after")
    again = place.copied(tmp_path / "pull request")

    quarantine = (place.path / "schema/quarantine.toml").read_bytes()
    place.write({"schema/quarantine.toml": quarantine + b'xanthe = "under review"\n'})
    place.commit("Set her aside")
    assert "1 earlier result " in place.pipeline("withdraw", "xanthe")
    assert (place.path / "schema/quarantine.toml").read_bytes() == quarantine
    assert traces(place.report() | {"pooled.csv": b"", "README.md": b""}) != []  # until it is built
    shutil.rmtree(again.path / "contributions/xanthe")
    again.commit("Delete my folder")

    for each in (place, again, other):
        each.write({f"reports/{name}": place.report()[str(name)] for name in cache.NAMES})
        each.pipeline("report")  # what takes minutes is taken over where the inputs are the same
        assert not (each.path / "contributions/xanthe").exists()
        assert traces(each.report()) == []
        assert each.report() == place.report()
    assert len({line.split(b",")[0] for line in place.report()["history.csv"].splitlines()}) == 3


@pytest.mark.slow
def test_what_git_cannot_tell_goes_all(tmp_path):
    """A copy without its past: better too few earlier results than one too many."""
    place = Place(tmp_path / "here")
    place.write(somebody("ben"))
    place.commit()
    place.history("a", "b")
    place.write(xanthe())
    place.commit()
    shallow, bare = tmp_path / "shallow", tmp_path / "copy"
    place.git("clone", "--quiet", "--depth", "1", place.path.as_uri(), str(shallow))
    shutil.copytree(place.path, bare, ignore=shutil.ignore_patterns(".git"))
    for copy in (shallow, bare):
        assert kept_inputs(copy, ["xanthe"]) == frozenset()
        command = [*preloaded.python(), "-m", "pipeline", "withdraw", "xanthe"]
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
        assert (copy / "reports/history.csv").read_text(encoding="utf-8") == WITH_METHOD
    assert kept_inputs(place.path, ["xanthe"]) == {"a", "b"}


# --- what git tells


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place", runs=False)  # only git is asked here


def comes(place: Place, name: str) -> None:
    place.write({f"contributions/{name}/creator.toml": f'github = "{name}"\n' * 9})
    place.commit(f"{name} comes")


def test_only_what_stood_there_before_stays(place):
    place.history("a")
    place.history("a", "b")
    comes(place, "xanthe")
    place.history("a", "b", "c")
    comes(place, "ben")
    place.history("a", "b", "c", "d")
    assert kept_inputs(place.path, ["xanthe"]) == {"a", "b"}
    assert kept_inputs(place.path, ["ben"]) == {"a", "b", "c"}
    assert kept_inputs(place.path, ["ben", "xanthe"]) == {"a", "b"}
    assert kept_inputs(place.path, ["nobody"]) == {"a", "b", "c", "d"}


def test_who_is_there_from_the_first_commit_on_takes_all(place):
    comes(place, "xanthe")
    place.history("a")
    assert kept_inputs(place.path, ["xanthe"]) == frozenset()


def test_a_folder_that_is_gone_already_counts_from_its_first_day(place):
    place.history("a")
    comes(place, "xanthe")
    place.history("a", "b")
    shutil.rmtree(place.path / "contributions/xanthe")
    place.commit()
    place.history("a", "b", "c")
    comes(place, "xanthe")
    place.history("a", "b", "c", "d")
    shutil.rmtree(place.path / "contributions/xanthe")
    place.commit()
    assert kept_inputs(place.path, ["xanthe"]) == {"a"}


def test_a_folder_that_was_renamed_counts_from_its_first_name_on(place):
    place.history("a")
    comes(place, "anna")
    place.history("a", "b")
    place.git("mv", "contributions/anna", "contributions/xanthe")
    place.commit()
    place.history("a", "b", "c")
    place.git("mv", "contributions/xanthe", "contributions/xx")
    place.commit()
    assert kept_inputs(place.path, ["xx"]) == {"a"}


def test_a_merged_pull_request_counts_from_its_merge_on(place):
    place.history("a")
    place.git("switch", "--quiet", "--create", "topic")
    comes(place, "xanthe")
    place.git("switch", "--quiet", "main")
    place.history("a", "b")
    place.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    place.history("a", "b", "c")
    assert kept_inputs(place.path, ["xanthe"]) == {"a", "b"}


def test_a_past_that_had_them_on_a_branch_keeps_nothing(place):
    """A report that was built on a branch with them, then merged without them, is not trusted."""
    place.history("a")
    place.git("switch", "--quiet", "--create", "topic")
    comes(place, "xanthe")
    place.history("a", "b")
    shutil.rmtree(place.path / "contributions/xanthe")
    place.commit()
    place.git("switch", "--quiet", "main")
    place.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    comes(place, "xanthe")
    assert kept_inputs(place.path, ["xanthe"]) == frozenset()


def test_who_was_set_aside_and_then_left_is_gone_too(place):
    for name in ("ana", "ben", "example-x"):
        comes(place, name)
    place.history("a")
    comes(place, "cem")
    assert gone_since(place.path, ["ana", "ben", "cem", "example-x"]) == ()
    assert gone_since(place.path, ["ana"]) == ("ben",)
    place.history("b")
    assert gone_since(place.path, ["ana", "ben"]) == ("cem",)
    assert gone_since(place.path.parent, []) == ()


def test_who_left_cannot_be_told_where_a_part_of_the_past_is_missing(place, tmp_path, capsys):
    """Then no earlier result is carried on: better too few than one too many."""
    for name in ("ana", "ben"):
        comes(place, name)
    place.write({"reports/summary.json": "{}"})
    place.history("a")
    shutil.rmtree(place.path / "contributions/ben")
    place.commit()
    shallow = tmp_path / "shallow"
    place.git("clone", "--quiet", "--depth", "1", place.path.as_uri(), str(shallow))
    assert gone_since(shallow, ["ana"]) is None
    assert read_last_history(shallow / "reports", shallow / "contributions") == []
    assert "git fetch --unshallow" in capsys.readouterr().err
    copy = tmp_path / "copy"
    shutil.copytree(place.path, copy, ignore=shutil.ignore_patterns(".git"))
    assert (
        len(read_last_history(copy / "reports", copy / "contributions")) == 1
    )  # nothing was ever committed


def test_what_git_has_no_time_for_is_not_taken_for_nothing(place, monkeypatch):
    place.history("a")
    comes(place, "xanthe")
    place.history("a", "b")

    def late(*_: object, **__: object) -> bytes:
        raise TooMuchError

    assert kept_inputs(place.path, ["xanthe"]) == {"a"}
    monkeypatch.setattr("pipeline.analysis.history.withdrawal.ask", late)
    assert kept_inputs(place.path, ["xanthe"]) == frozenset()
    assert gone_since(place.path, []) is None


def test_a_repository_without_a_report_has_nobody_gone(place):
    comes(place, "ana")
    assert gone_since(place.path, []) == ()


def test_names_are_taken_as_they_are(place):
    place.history("a")
    comes(place, "ana")
    place.history("a", "b")
    comes(place, "ana-maria")
    assert kept_inputs(place.path, ["ana-maria"]) == {"a", "b"}
    assert kept_inputs(place.path, ["a*"]) == {"a", "b"}
    assert kept_inputs(place.path, [":(glob)*"]) == {"a", "b"}


@pytest.mark.parametrize("history", [b"", b"\xff\xfe", b"nothing,here\n1,2\n"])
def test_a_history_that_is_none_keeps_nothing(place, history):
    place.write({"reports/history.csv": history})
    place.commit()
    comes(place, "xanthe")
    assert kept_inputs(place.path, ["xanthe"]) == frozenset()


def test_a_folder_inside_another_repository_keeps_nothing(place):
    place.history("a")
    comes(place, "xanthe")
    assert kept_inputs(place.path / "contributions", ["xanthe"]) == frozenset()
    assert kept_inputs(place.path.parent, ["xanthe"]) == frozenset()


# --- lists


def test_rows_keep_their_order():
    rows = [("b", "1"), ("a", "2"), ("b", "3"), ("c", "4")]
    assert without(rows, {"c", "b"}) == [("b", "1"), ("b", "3"), ("c", "4")]


LINES = [
    ('ana = "doubts"\n', "ana", ""),
    ('# ana = "x"\nana = "doubts"  # since May\nben = "y"\n', "ana", '# ana = "x"\nben = "y"\n'),
    ('ana-b = "x"\r\n"ana" = "y"\r\n', "ana", 'ana-b = "x"\r\n'),
    ("'ana'='y'\n\n\nben = \"z\"", "ana", '\n\nben = "z"'),
    ('  ana = """\nben = 1\n"""\nben = "x"\n', "ana", 'ben = "x"\n'),
    ('ben = """\nana = "x"\n"""\nana = "y"\n', "ana", 'ben = """\nana = "x"\n"""\n'),
    ('ben = "ana = 1"\n', "ana", 'ben = "ana = 1"\n'),
    ("", "ana", ""),
]


@pytest.mark.parametrize(("text", "creator", "left"), LINES)
def test_one_entry_goes_and_the_rest_stays_byte_for_byte(text, creator, left):
    assert without_line(text, creator) == left


NAMES = st.from_regex(r"[a-z][a-z0-9-]{2,6}", fullmatch=True)


@given(st.dictionaries(NAMES, st.from_regex(r"[a-zäé #=']{0,9}", fullmatch=True), min_size=1))
def test_any_entry_can_be_taken_out(entries):
    lines = [f'{name} = "{reason}"  # {name}\n' for name, reason in entries.items()]
    for place, name in enumerate(entries):
        assert without_line("".join(lines), name) == "".join(lines[:place] + lines[place + 1 :])


def test_an_entry_that_cannot_be_taken_out_alone_is_our_fault():
    with pytest.raises(ValueError, match="ana"):
        without_line('an\\u0061 = "x"'.replace("an\\u0061", '"an\\u0061"'), "ana")


def test_who_is_gone_is_who_has_no_folder():
    pooled = (ROOT / "reports/pooled.csv").read_bytes()
    creators = {row["creator"] for row in csv.DictReader(io.StringIO(pooled.decode()))}
    assert gone(pooled, creators) == ()
    assert gone(pooled, creators - {"example-birch", "example-amber"}) == (
        "example-amber",
        "example-birch",
    )
    assert gone(b"", []) == gone(b"\xff", []) == gone(b"a,b\n1,2\n", []) == ()
