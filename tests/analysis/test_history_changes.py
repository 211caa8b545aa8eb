"""What came between two sets of results: the same before the report is committed and after it."""

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from pipeline.analysis.history import history_csv
from pipeline.analysis.history.changes import (
    ASIDE,
    CALCULATION,
    EDITED,
    QUESTIONS,
    RULES,
    SetDifference,
    causes,
    in_order,
)
from pipeline.dataset import pooled_csv
from pipeline.inference.results import Results
from pipeline.render import data_files
from support.git import Repository, repository
from support.results import findings_of, simulated
from support.withdrawn import somebody

pytestmark = pytest.mark.slow  # each runs git

METHOD = dict.fromkeys(("schema/rules.py",), RULES) | {
    "pipeline/model/questions.py": QUESTIONS,
    "pipeline/estimate/poisson.py": CALCULATION,
}
FIRST = dict.fromkeys(METHOD, b"1\n")
ResultsOfPool = Callable[[tuple[tuple[str, int], ...]], Results]


class Place:
    """A repository whose commits are contributions, code and reports, each on its own."""

    def __init__(self, folder: Path, results: ResultsOfPool) -> None:
        self.folder = folder
        self.results = results
        self.repository: Repository = repository(folder / "place", bare=False)
        self.head = self.commit(FIRST)
        self.history: history_csv.History = []

    @property
    def home(self) -> Path:
        return self.repository.path

    def commit(self, files, *parents: str) -> str:
        known = parents or ((self.head,) if hasattr(self, "head") else ())
        self.head = self.repository.commit(files, *known, branch="refs/heads/main")
        return self.head

    def pool(self, *names: str, **videos: int) -> Results:
        """Find what these creators' files say; 14 videos each unless said otherwise."""
        return self.results(tuple((name, videos.get(name, 14)) for name in names))

    def causes(self, findings: Results):
        return causes(self.home, self.history, findings)

    def cause(self, findings: Results) -> SetDifference | None:
        return self.causes(findings).get(findings.inputs)

    def report(self, findings: Results, *parents: str, column: bytes = b"") -> str:
        """Commit a report, as the command writes it; its pooled data may have one more column."""
        raw = history_csv.history(findings, self.history)
        self.history = history_csv.read_history(raw) or []
        files = {
            "reports/history.csv": raw,
            "reports/pooled.csv": pooled_csv.pooled(findings.pool).replace(b"\n", column + b"\n"),
            "reports/summary.json": data_files.summary(findings),
        }
        return self.commit(files, *parents)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> ResultsOfPool:
    """The results of creators with so many videos each; every pool is fitted once."""

    def fitted(creators: tuple[tuple[str, int], ...]) -> Results:
        home = tmp_path_factory.mktemp("pool")
        for name, videos in creators:
            for path, raw in somebody(name, videos).items():
                place = home / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(raw.encode() if isinstance(raw, str) else raw)
        return findings_of(home / "contributions")

    return cache(fitted)


@pytest.fixture
def place(tmp_path, results) -> Place:
    return Place(tmp_path, results)


def test_whoever_writes_the_rows_in_another_form_made_none_of_them(tmp_path, results):
    """A new column, or a new order: what came before each set is told as before."""
    place = Place(tmp_path, results)
    place.report(place.pool("ana"))
    second = place.pool("ana", "bea")
    place.report(second)
    told = place.causes(second)
    assert told[second.inputs].joined == ("bea",)
    place.history = [(*row[:-1], f"{row[-1]}, as it is called now") for row in place.history]
    rewritten = history_csv.as_csv(history_csv.HISTORY, place.history)
    place.commit({"reports/history.csv": rewritten, "schema/rules.py": b"2\n"})
    third = place.pool("ana", "bea", "cleo")
    place.report(third)
    again = place.causes(third)
    assert {name: again[name] for name in told} == told
    assert again[third.inputs].joined == ("cleo",)
    assert again[third.inputs].edited == (RULES,)


def test_the_first_set_has_nothing_before_it(place):
    findings = place.pool("ana", "bea")
    assert place.causes(findings) == {findings.inputs: SetDifference(simulated=False)}


def test_who_joined_who_changed_and_who_left_is_told(place):
    place.report(place.pool("ana", "bea"))
    now = place.pool("ana", "cleo", ana=16)
    expected = SetDifference(False, is_told=True, joined=("cleo",), changed=("ana",), left=1)
    assert place.cause(now) == expected
    assert not expected.is_nothing


def test_where_the_pooled_data_had_other_columns_nobody_is_said_to_have_changed(place):
    """Every row differs then, whoever changed a file."""
    place.report(place.pool("ana", "bea"), column=b",former")
    second = place.pool("bea", "cleo")
    place.report(second)
    cause = place.cause(second)
    assert (cause.joined, cause.left, cause.changed) == (("cleo",), 1, ())
    third = place.pool("bea", "cleo", bea=15)
    place.report(third)
    assert place.cause(third).changed == ("bea",)


@pytest.mark.parametrize("path", METHOD)
def test_an_edit_of_the_method_is_told(place, path):
    place.report(place.pool("ana", "bea"))
    place.commit({path: b"2\n"})
    cause = place.cause(place.pool("ana", "bea", "cleo"))
    assert cause is not None
    assert cause.edited == (METHOD[path],)


def test_what_is_no_method_is_no_cause(place):
    place.report(place.pool("ana", "bea"))
    place.commit(dict.fromkeys(["README.md", ASIDE, "pipeline/render/a.py"], b"2"))
    now = place.pool("ana", "bea", bea=16)
    assert place.cause(now) == SetDifference(False, is_told=True, changed=("bea",))


def test_the_same_numbers_in_other_files_are_no_cause(place):
    place.report(place.pool("ana", "bea"))
    other = dataclasses.replace(place.pool("ana", "bea"), inputs="0" * 64)
    cause = place.cause(other)
    assert cause is not None
    assert cause.is_nothing


def test_the_answer_is_the_same_before_the_report_is_committed_after_it_and_later(place):
    place.report(place.pool("ana", "bea"))
    place.commit({"pipeline/model/questions.py": b"2\n"})
    now = place.pool("ana", "bea", "cleo", ana=15)
    before = place.causes(now)
    assert len(before) == 2
    place.report(now)
    assert place.causes(now) == before
    place.commit({"pipeline/model/questions.py": b"3\n", "schema/rules.py": b"3\n"})
    assert place.causes(now) == before
    place.commit({"contributions/dora/creator.toml": b"refused"})
    assert place.causes(now) == before


def test_a_set_that_was_rebuilt_counts_as_made_by_the_later_code(place):
    place.report(place.pool("ana", "bea"))
    now = place.pool("ana", "bea", "cleo")
    place.report(now)
    assert place.cause(now) == SetDifference(False, is_told=True, joined=("cleo",))
    place.commit({"pipeline/estimate/poisson.py": b"2\n"})
    lines = tuple(
        dataclasses.replace(e, estimate=e.estimate and e.estimate + 0.01)
        for e in now.answers[0].estimates
    )
    moved = dataclasses.replace(now.answers[0], estimates=lines)
    rebuilt = dataclasses.replace(now, answers=(moved, *now.answers[1:]))
    before = place.cause(rebuilt)
    assert before is not None
    assert before.edited == (CALCULATION,)
    place.report(rebuilt)
    assert place.cause(rebuilt) == before
    place.commit({"pipeline/estimate/poisson.py": b"3\n"})
    assert place.cause(rebuilt) == before


def test_a_report_that_comes_by_a_merge_was_made_of_its_branch(place):
    start = place.report(place.pool("ana", "bea"))
    now = place.pool("ana", "bea", "cleo")
    expected = place.causes(now)
    branch = place.report(now, start)
    main = place.commit({"schema/rules.py": b"2\n"}, start)
    files = place.repository.run("ls-tree", "-r", branch, "reports").splitlines()
    merged = {
        line.split("\t")[1]: place.repository.run("show", f"{branch}:{line.split()[3]}").encode()
        + b"\n"
        for line in files
    }
    place.commit(merged, main, branch)
    assert place.causes(now) == expected


def test_a_merge_of_contributions_changes_no_answer(place):
    start = place.report(place.pool("ana", "bea"))
    side = place.commit({"contributions/cleo/creator.toml": b"1"}, start)
    main = place.commit({"README.md": b"2"}, start)
    place.commit({"contributions/cleo/creator.toml": b"1"}, main, side)
    now = place.pool("ana", "bea", "cleo")
    before = place.causes(now)
    place.report(now)
    assert place.causes(now) == before
    assert before[now.inputs].joined == ("cleo",)


def test_only_who_is_in_the_pool_today_is_named(place):
    place.report(place.pool("ana", "bea"))
    second = place.pool("ana", "bea", "cleo", bea=16)
    place.report(second)
    now = place.pool("ana", "dora")
    differences = place.causes(now)
    assert differences[second.inputs] == SetDifference(
        False, is_told=True, others_joined=1, others_changed=1
    )
    assert differences[now.inputs] == SetDifference(False, is_told=True, joined=("dora",), left=2)


def test_simulated_creators_make_way_for_real_ones(place):
    invented = findings_of(simulated(place.folder / "simulated" / "contributions", 3, 60))
    place.report(invented)
    assert place.cause(invented) == SetDifference(simulated=True)
    now = place.pool("ana", "bea")
    expected = SetDifference(False, is_told=True, joined=("ana", "bea"), left=3, made_way=3)
    assert place.cause(now) == expected


def test_a_simulated_creator_who_leaves_simulated_ones_makes_no_way(place):
    first = findings_of(simulated(place.folder / "simulated" / "contributions", 2, 30))
    place.report(first)
    videos = first.pool.videos
    pool = dataclasses.replace(first.pool, videos=videos[videos["creator"] != "example-amber"])
    fewer = dataclasses.replace(first, inputs="0" * 64, pool=pool)
    assert place.cause(fewer) == SetDifference(True, is_told=True, left=1)


def test_inputs_that_come_back_are_the_latest_set(place):
    first, second = place.pool("ana", "bea"), place.pool("ana", "bea", "cleo")
    place.report(first)
    place.report(second)
    names = in_order(
        history_csv.read_history(history_csv.history(first, place.history)) or [], first.inputs
    )
    assert names == (second.inputs, first.inputs)
    before = place.causes(first)
    assert before[first.inputs] == SetDifference(False, is_told=True, left=1)
    place.report(first)
    assert place.causes(first) == before


def test_a_set_whose_pool_was_never_committed_with_it_has_no_cause(place):
    first, second = place.pool("ana"), place.pool("ana", "bea")
    place.history = history_csv.read_history(history_csv.history(first, [])) or []
    place.report(second)  # both sets at once, and the pool of the second
    now = place.pool("ana", "bea", "cleo")
    differences = place.causes(now)
    assert set(differences) == {second.inputs, now.inputs}
    assert differences[second.inputs] == SetDifference(simulated=False)
    assert differences[now.inputs].joined == ("cleo",)


@pytest.mark.parametrize("state", ["shallow", "no repository", "a folder of one", "no report"])
def test_where_the_past_is_not_at_hand_nothing_is_said_of_it(place, state, tmp_path):
    place.report(place.pool("ana", "bea"))
    now = place.pool("ana", "bea", "cleo")
    place.report(now)
    home = place.home
    if state == "shallow":
        home = place.repository.clone(tmp_path / "shallow", "--depth=1").path
    elif state == "no repository":
        home = tmp_path / "elsewhere"
        home.mkdir()
    elif state == "a folder of one":
        home = place.home / "inside"
        home.mkdir()
    else:
        home = repository(tmp_path / "new", bare=False).path
        Repository(home).commit({"README.md": b"1"}, branch="refs/heads/main")
    differences = causes(home, place.history, now)
    assert differences == (
        {now.inputs: SetDifference(simulated=False)} if state == "no report" else {}
    )


def test_every_path_of_the_method_is_there():
    root = Path(__file__).parents[2]
    assert [path for path in EDITED if not (root / path).exists()] == []
