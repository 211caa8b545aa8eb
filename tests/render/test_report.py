"""The report: the same bytes for the same inputs, every file by contract, hostile text inert."""

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import PurePosixPath

import pytest
from markdown_it import MarkdownIt

from pipeline.analysis.diagnostics import cache
from pipeline.analysis.diagnostics.diagnostics import key
from pipeline.analysis.history.history_csv import HISTORY, history, read_history
from pipeline.analysis.history.withdrawal import is_whole
from pipeline.commands.report import written
from pipeline.dataset.check import check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read, read_folders
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Results, gather
from pipeline.render.data_files import ESTIMATES, OWN
from pipeline.render.markdown import estimates, readme
from pipeline.render.report import NAMES, files
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.pages import NAMES as PAGES
from support.command_line import run
from support.contribution import DAY, ROOT, TOML, csv_of
from support.results import findings_of, simulated

pytestmark = pytest.mark.slow  # whole pools are fitted

ASKED = ["followers", "reach", "conversion", "signals"]


@pytest.fixture(scope="module")
def report(examples) -> dict[str, bytes]:
    return {str(path): content for path, content in files(examples, []).items()}


def table(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


def page_of(findings: Results) -> str:
    """The report in short, and every estimate."""
    rows = read_history(history(findings, []))
    short = readme.page(Edition(findings, None, rows or []))
    return "\n".join(page.decode() for page in (short, estimates.page(findings)))


def test_every_file_of_the_contract_is_there(report):
    assert set(report) == {
        "README.md",
        "estimates.csv",
        "covariance.csv",
        "creators.csv",
        "pooled.csv",
        "summary.json",
        "history.csv",
        "replication-2022.md",
        "estimates.md",
        *map(str, PAGES),
        *(f"creators/example-{name}.html" for name in ("amber", "birch")),
        *(
            f"figures/{name}-{theme}.svg"
            for name in (*ASKED, "map", "findings")
            for theme in ("light", "dark")
        ),
    }


def test_the_names_of_a_report_s_files_are_known_beforehand(report):
    """So that a folder with other files is refused before any work is done for it."""
    names = {PurePosixPath(n) for n in report if not n.startswith(("figures/", "creators/"))}
    assert {*names, *cache.NAMES, PurePosixPath("how-sure.md")} == NAMES  # which older ones have


def test_the_committed_report_is_the_one_that_the_pool_gives(report, examples):
    branch = subprocess.run(
        ["git", "rev-parse", "--abbrev-ref", "HEAD"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    if branch != "main" or os.environ.get("GITHUB_EVENT_NAME") == "pull_request":
        pytest.skip("a contribution never touches reports/: compared on main only")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("published reports are built with Python 3.11")
    before = read_history((ROOT / "reports" / "history.csv").read_bytes())
    raws = {name: (ROOT / "reports" / name).read_bytes() for name in cache.NAMES}
    sure = cache.read(raws, key(examples.inputs))
    assert sure is not None, "what takes minutes is of other inputs or code: run `make report`"
    built = {str(path): raw for path, raw in written(ROOT, examples, before, sure).items()}
    committed = {
        path.relative_to(ROOT / "reports").as_posix(): path.read_bytes()
        for path in (ROOT / "reports").rglob("*")
        if path.is_file()
    }
    untold = [] if is_whole(ROOT) else ["history.html"]  # what moved a line, only the past tells
    other = [name for name in built if committed.get(name) != built[name]]
    assert [name for name in other if name not in untold] == [], "run `make report`"
    assert set(committed) == set(built)


def test_estimates_have_the_columns_of_the_contract(report):
    rows = table(report["estimates.csv"])
    assert tuple(rows[0]) == ESTIMATES
    assert list(dict.fromkeys(row["question"] for row in rows)) == ASKED
    for row in rows:
        assert (row["creators_needed"] != "") <= (
            row["verdict"] in (Verdict.CANNOT_TELL, Verdict.LIKELY, Verdict.MAY)
        )
        assert (row["creators_needed_at_most"] != "") <= (row["creators_needed"] != "")
        assert (row["q_value"] == "") == (row["p_adjusted"] == "")
        if row["verdict"] in (Verdict.TOO_FEW, "not estimable", "not identified"):
            assert row["p_value"] == row["ci_low"] == row["p_adjusted"] == ""
        if row["verdict"] in (Verdict.CLEAR, Verdict.LIKELY, Verdict.MAY):
            assert float(row["ci_low"]) <= float(row["estimate"]) <= float(row["ci_high"])
            assert int(row["creators"]) >= 5
            assert float(row["ratio_high"]) / float(row["ratio_low"]) <= 30


def test_odds_decide_what_is_likely_and_what_may_be(report):
    rows = table(report["estimates.csv"])
    least = {Verdict.LIKELY: 0.8, Verdict.MAY: 2 / 3}
    below = {Verdict.LIKELY: 1.0, Verdict.MAY: 0.8}
    for row in rows:
        assert (row["odds"] == "") == (row["p_adjusted"] == "")
        if row["odds"]:
            assert 0 <= float(row["odds"]) <= 1
        if row["verdict"] in least:
            assert least[row["verdict"]] <= float(row["odds"]) <= below[row["verdict"]]
            at_most = row["creators_needed_at_most"]
            assert not at_most or int(row["creators_needed"]) <= int(at_most)
        if row["verdict"] == Verdict.CANNOT_TELL and float(row["odds"]) >= 2 / 3:
            assert float(row["ratio_high"]) / float(row["ratio_low"]) > 30
    assert {Verdict.CLEAR, *least, Verdict.CANNOT_TELL} <= {row["verdict"] for row in rows}


def test_what_is_shrunken_is_nearer_to_no_difference_and_of_what_has_odds(report):
    with_odds = 0
    for row in table(report["estimates.csv"]):
        numbers = [row[name] for name in ("shrunken_low", "shrunken", "shrunken_high")]
        has_odds = row["odds"] != "" and float(row["odds"]) >= 2 / 3
        assert [number != "" for number in numbers] == [has_odds] * 3
        if has_odds:
            low, size, high = map(float, numbers)
            assert low <= size <= high
            assert 0 < math.log(size) / math.log(float(row["ratio"])) < 1
            with_odds += 1
    assert with_odds > 5


def test_a_term_is_tested_as_a_whole_and_of_advice_the_totals_are_told(report):
    rows = table(report["estimates.csv"])
    joint: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["joint_p_value"]:
            assert row["p_value"]
            assert 0 <= float(row["joint_p_value"]) <= 1
            joint.setdefault((row["question"], row["term"]), set()).add(row["joint_p_value"])
        if row["total_ratio"]:
            assert row["question"] != "signals"
            assert (row["total_ratio_low"] == "") == (row["total_ratio_high"] == "")
            if row["total_ratio_low"]:
                ends = float(row["total_ratio_low"]), float(row["total_ratio_high"])
                assert ends[0] <= float(row["total_ratio"]) <= ends[1]
    assert joint
    assert all(len(values) == 1 for values in joint.values())
    assert sum(row["total_ratio_low"] != "" for row in rows) > 40


def test_followers_are_reach_times_conversion(report):
    effects: dict[tuple[str, str], dict[str, float]] = {}
    for row in table(report["estimates.csv"]):
        if row["estimate"]:
            line = effects.setdefault((row["term"], row["level"]), {})
            line[row["question"]] = float(row["estimate"])
    lines = [line for line in effects.values() if "followers" in line]
    assert len(lines) > 20
    for line in lines:
        assert line["followers"] == pytest.approx(line["reach"] + line["conversion"], abs=1e-6)


def test_standard_errors_are_the_roots_of_the_published_covariance(report):
    published = {
        (row["question"], row["term"], row["level"]): float(row["covariance"])
        for row in table(report["covariance.csv"])
        if (row["term"], row["level"]) == (row["other_term"], row["other_level"])
    }
    rows = [row for row in table(report["estimates.csv"]) if row["std_error"]]
    assert len(published) == len(rows)
    for row in rows:
        variance = published[row["question"], row["term"], row["level"]]
        assert float(row["std_error"]) ** 2 == pytest.approx(variance, rel=1e-6)


def test_the_pooled_data_has_no_label(report, examples):
    rows = table(report["pooled.csv"])
    assert len(rows) == len(examples.pool.videos)
    assert list(rows[0])[:5] == ["creator", "file", "line", "video_no", "views"]
    assert not {"nan", "None", "NaT", "<NA>"} & {cell for row in rows for cell in row.values()}
    assert "video" not in rows[0]
    labels = set(examples.pool.videos["video"])
    assert not labels & {cell for row in rows for cell in row.values()}
    assert not any(cell.startswith(("=", "+", "@", "-")) for r in rows for cell in r.values())


def test_every_row_is_accounted_for(report):
    summary = json.loads(report["summary.json"])
    account = summary["account"]
    assert account["rows_in"] == account["rows_used"] + sum(account["left_out"].values())
    assert summary["videos"] == account["rows_used"] == len(table(report["pooled.csv"]))
    assert summary["simulated"] is True
    assert [fit["question"] for fit in summary["fits"]] == ASKED
    product, *fitted = summary["fits"]  # a product has no error of its own
    assert product["rmse_log"] is product["cv_rmse"] is None
    assert all(0 < fit["rmse_log"] < fit["cv_rmse"] for fit in fitted)


def test_the_planted_effects_stand_beside_the_estimates(report):
    """Kinds of video share what they are compared with, so that many may be off together."""
    tables, all_held = report["estimates.md"].decode().split("\n## ")[1:4], []
    for table_of in tables:
        rows = [line.split(" | ") for line in table_of.splitlines() if re.search(r"\d to \d", line)]
        intervals = [(re.findall(r"[0-9.,]+", row[2]), row[4]) for row in rows if row[4].strip()]
        held = [float(low) <= float(truth) <= float(high) for (low, high), truth in intervals]
        assert len(held) >= 15
        assert sum(held) >= 0.75 * len(held)
        all_held += held
    assert sum(all_held) >= 0.85 * len(all_held)


def test_lines_of_few_creators_show_each_creators_own(report):
    lines = {
        (row["question"], row["term"], row["level"]): row
        for row in table(report["estimates.csv"])
        if row["verdict"] == Verdict.TOO_FEW and 2 <= int(row["creators"]) <= 4
    }
    own = table(report["creators.csv"])
    assert tuple(own[0]) == OWN
    shown = Counter((row["question"], row["term"], row["level"]) for row in own)
    assert shown == {line: int(row["creators"]) for line, row in lines.items()}


def test_simulated_data_is_labelled_wherever_it_shows(report):
    for page in ("README.md", "estimates.md", *map(str, PAGES)):
        assert "These numbers are simulated." in report[page].decode()
    for name, content in report.items():
        if name.endswith(".svg"):
            assert "Simulated creators" in content.decode()


def test_history_grows_for_new_inputs_only(examples, report, simulated_results_of):
    again = files(examples, read_history(report["history.csv"]))
    assert again == {path: report[str(path)] for path in again}
    other = simulated_results_of(6, 300)
    grown = history(other, read_history(report["history.csv"]) or [])
    assert grown.startswith(report["history.csv"])
    assert tuple(table(grown)[0]) == HISTORY
    assert len({row["inputs"] for row in table(grown)}) == 2
    assert history(examples, read_history(grown) or []) == grown


STATES = {
    "nobody": (0, 0, "No video is in the pool yet"),
    "one creator": (1, 60, "one account"),
    "three creators": (3, 150, "too few creators to test"),
    "six creators": (6, 300, "6 creators"),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_pool_makes_sense(state, results_of):
    creators, videos, words = STATES[state]
    page = page_of(results_of(creators, videos))
    assert words in page
    assert "simulated" not in page.lower()
    assert not re.search(r"\bnan\b|None|undefined", page)
    if creators == 1:
        assert Verdict.THIS_ACCOUNT in page
        assert Verdict.CLEAR not in re.sub(r"is clear", "", page)


def test_a_real_creator_drives_the_simulated_ones_out(tmp_path):
    folder = simulated(tmp_path / "contributions", 3, 60)
    (folder / "ana").mkdir()
    (folder / "ana" / "creator.toml").write_bytes(TOML)
    (folder / "ana" / "a.csv").write_bytes(
        csv_of(*({"video": f"v{i}", "new_followers": str(i % 3)} for i in range(30)))
    )
    findings = findings_of(folder)
    assert findings.pool.creators == ("ana",)
    assert findings.pool.set_aside == 3
    assert findings.pool.account.rows_in == 30
    assert findings.effects == {}


def test_thanks_are_given_by_name_and_a_folder_set_aside_is_told_with_the_reason(tmp_path):
    for name, credit in (("ana", "Ana & *friends*"), ("bea", "Bea")):
        folder = tmp_path / "contributions" / name
        folder.mkdir(parents=True)
        (folder / "creator.toml").write_bytes(TOML + f'credit = "{credit}"\n'.encode())
        rows = ({"video": f"v{i}", "views": str(900 + i)} for i in range(12))
        (folder / "a.csv").write_bytes(csv_of(*rows))
    collection = read_folders(locate(tmp_path / "contributions"))
    verdicts = check_all(collection.contributions, DAY)
    findings = gather(verdicts, {"bea": "counts under review"}, {})
    page = page_of(findings)
    assert "To Ana &#38; &#42;friends&#42;, and to everyone" in page
    assert "bea is set aside by the maintainers: counts under review." in page
    assert findings.pool.creators == ("ana",)


EVIL = "<img src=x onerror=alert(1)> | [x](javascript:alert(1)) `a` **b** @octocat :smile: $x$"


def test_hostile_text_is_inert(tmp_path):
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    evil = EVIL[:38].lower()
    rows = [
        {
            "video": f"v{i}",
            "new_followers": str(i % 3),
            "views": str(900 + i),
            "duration_s": str(20 + i % 7),
            "subject": [evil, "cooking", "</script>", "{level}{{ 7*7 }}"][i % 4],
        }
        for i in range(60)
    ]
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(csv_of(*rows))
    written = files(findings_of(folder.parent), [])
    texts = {str(path): raw.decode() for path, raw in written.items()}
    for name in ("README.md", "estimates.md"):
        page = MarkdownIt("commonmark", {"html": True}).enable("table").render(texts[name])
        assert "<img src=x" not in page
        assert "javascript:" not in re.sub(r">[^<]*<", "><", page)
        assert "@octocat" not in page
        assert "49" not in re.findall(r"\{level\}(.*?)[ |]", texts[name])
    for name, text in texts.items():
        if name.endswith(".svg"):
            assert "<img" not in text
            assert "</script>" not in text


def test_the_bytes_do_not_depend_on_folder_order_clock_or_locale(tmp_path):
    source = simulated(tmp_path / "one" / "contributions", 6, 120)
    outs = []
    for i, environment in enumerate(
        ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C"}, {"TZ": "America/Adak", "LANG": "de_DE.UTF-8"})
    ):
        out = tmp_path / f"out-{i}" / "reports"
        answer = run("report", "--quick", "--contributions", source, "--out", out, **environment)
        assert answer.returncode == 0, answer.stderr
        outs.append({p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()})
        source = source.rename(tmp_path / "contributions")
    assert outs[0] == outs[1]


def test_refused_folders_are_left_out_and_named_first(tmp_path):
    folder = simulated(tmp_path / "contributions", 3, 60)
    (folder / "example-zed").mkdir()  # a real one would keep the examples out
    (folder / "example-zed" / "creator.toml").write_bytes(TOML + b"simulated = true\n")
    (folder / "example-zed" / "a.csv").write_bytes(csv_of({"views": "1,200"}))
    answer = run("report", "--quick", "--contributions", folder, "--out", tmp_path / "reports")
    assert answer.returncode == 1
    assert "contributions/example-zed/a.csv:2" in answer.stderr
    page = (tmp_path / "reports" / "README.md").read_text(encoding="utf-8")
    assert page.index("contributions/example-zed") < page.index("## The answer")
    assert "1 creator was left out" in page


@pytest.mark.parametrize("why", ["the clock", "the cells"])
def test_where_every_folder_is_refused_the_last_report_stays(tmp_path, why):
    folder = simulated(tmp_path / "contributions", 2, 40)
    if why == "the cells":
        for path in folder.glob("*/*.csv"):
            path.write_bytes(csv_of({"views": "1,200"}))
    out = tmp_path / "reports"
    out.mkdir()
    (out / "summary.json").write_text("the last one")
    day = ("--today", "1970-01-01") if why == "the clock" else ()
    answer = run("report", "--contributions", folder, "--out", out, *day)
    assert answer.returncode == 1
    assert answer.stdout.startswith("No folder is accepted (2 refused), so no report is written")
    assert ("2 of them for a date that may not be later than 1970-01-01" in answer.stdout) == bool(
        day
    )
    assert "written without them" not in answer.stderr
    assert [path.read_text() for path in out.iterdir()] == ["the last one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contributions", "reports"]


def test_a_site_of_somebody_else_is_never_replaced(tmp_path):
    folder = simulated(tmp_path / "contributions", 2, 40)
    out = tmp_path / "public"
    (out / "creators").mkdir(parents=True)
    mine = [out / "index.html", out / "creators" / "my-novel.html"]
    for path in mine:
        path.write_text("years of work")
    answer = run("report", "--contributions", folder, "--out", out)
    assert answer.returncode == 2
    assert "no summary.json of a report" in answer.stderr
    assert [path.read_text() for path in mine] == ["years of work"] * 2


def test_a_folder_with_other_files_is_never_replaced(tmp_path):
    folder = simulated(tmp_path / "contributions", 2, 40)
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter-1.txt").write_text("years of work")
    answer = run("report", "--contributions", folder, "--out", out)
    assert answer.returncode == 2
    assert "chapter-1.txt" in answer.stderr
    assert [path.name for path in out.iterdir()] == ["chapter-1.txt"]


def test_a_link_to_a_folder_stays_and_its_folder_gets_the_report(tmp_path):
    folder = simulated(tmp_path / "contributions", 2, 40)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    out = tmp_path / "link" / ".." / "link"
    assert run("report", "--quick", "--contributions", folder, "--out", out).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "README.md").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["contributions", "link", "real"]


@pytest.mark.parametrize("what", ["a file", "a picture", "a history"])
def test_what_is_not_a_report_is_left_alone(tmp_path, what):
    folder, out = simulated(tmp_path / "contributions", 2, 40), tmp_path / "out"
    if what == "a file":
        mine = out
    else:
        mine = out / ("figures/keep.png" if what == "a picture" else "history.csv")
        mine.parent.mkdir(parents=True)
    mine.write_bytes(b"\xffmine")
    answer = run("report", "--contributions", folder, "--out", out)
    assert answer.returncode == 2
    assert mine.read_bytes() == b"\xffmine"
    assert not list(tmp_path.glob(".*"))


def test_a_report_that_was_between_its_two_moves_comes_back(tmp_path):
    (tmp_path / ".reports.last").mkdir()
    (tmp_path / ".reports.last" / "history.csv").write_text("mine")
    assert run("report", "--out", tmp_path / "reports").returncode == 2
    assert (tmp_path / "reports" / "history.csv").read_text() == "mine"


def test_what_was_left_out_is_told_where_nothing_is_left(tmp_path):
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(
        csv_of({"is_promoted": "yes"}, {"video": "b", "is_promoted": "yes"})
    )
    page = page_of(findings_of(folder.parent))
    assert "none of their videos can be counted now" in page
    assert "| left out: paid promotion was used | 2 |" in page


def test_the_rows_of_a_question_that_is_withheld_have_a_reason(tmp_path):
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    (folder / "creator.toml").write_bytes(TOML)
    (folder / "a.csv").write_bytes(csv_of({}, {"video": "b", "new_followers": ""}))
    findings = findings_of(folder.parent)
    for answer in findings.answers:
        account = answer.fit.account
        assert (account.rows_in, account.rows_used) == (2, 0)
        assert sum(rows for _, rows in account.left_out) == 2
    assert "| not in *conversion*: too few videos with a follower count | 1 |" in page_of(findings)


def test_a_pool_without_contributions_says_so(tmp_path):
    (tmp_path / "contributions").mkdir()
    answer = run("report", "--contributions", tmp_path / "contributions", "--out", tmp_path / "r")
    assert answer.returncode == 0
    assert "No video is in the pool yet" in (tmp_path / "r" / "README.md").read_text("utf-8")
    assert read("ana", "contributions/ana", {}).sheets == ()
