import csv
import io
import re
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.stats import binomtest, kurtosis

from pipeline.dataset.simulate import AUDIENCE, EFFECTS, SHEET_2022, SILENT, simulate

CONTRIBUTIONS = Path(__file__).parents[2] / "contributions"
COUNTS = ("likes", "comments", "shares", "saves", "new_followers")
NO = {"", "no", "false", "0"}


def rows_of(files):
    """Every row with canonical names, its creator and its file."""
    rows = []
    for path, content in files.items():
        if path.suffix == ".csv":
            for row in csv.DictReader(io.StringIO(content.decode("ascii"), newline="")):
                named = {SHEET_2022.get(header, header): cell for header, cell in row.items()}
                rows.append(named | {"creator": path.parts[0], "file": str(path)})
    return rows


def numbers(rows, column):
    return np.array([float(row.get(column) or "nan") for row in rows])


def creators_of(rows):
    return np.array([row["creator"] for row in rows])


@pytest.fixture(scope="module")
def files():
    return simulate()


@pytest.fixture(scope="module")
def rows(files):
    return rows_of(files)


@pytest.fixture(scope="module")
def many():
    """Videos of sixty creators, one capture each, promoted ones left out."""
    videos = {}
    for row in rows_of(simulate(creators=60, videos=12_000, seed=7)):
        first = videos.setdefault((row["creator"], row["video"]), row)
        if row.get("captured_on", "") < first.get("captured_on", ""):
            videos[row["creator"], row["video"]] = row
    return [row for row in videos.values() if row.get("is_promoted", "") in NO]


def test_the_committed_examples_are_the_simulated_ones(files):
    committed = {
        PurePosixPath(path.relative_to(CONTRIBUTIONS).as_posix()): path.read_bytes()
        for path in CONTRIBUTIONS.glob("example-*/*")
    }
    effects = PurePosixPath("example-effects.toml")
    assert committed | {effects: (CONTRIBUTIONS / effects).read_bytes()} == files


def test_a_seed_decides_every_byte(files):
    assert simulate(seed=2106) == files
    assert rows_of(simulate(seed=2026)) != rows_of(files)


@pytest.mark.parametrize(("creators", "videos"), [(1, 1), (1, 40), (5, 7), (24, 1500), (60, 2000)])
def test_creators_and_videos_are_those_asked_for(creators, videos):
    rows = rows_of(simulate(creators, videos))
    assert len({row["creator"] for row in rows}) == creators
    assert len({(row["creator"], row["video"]) for row in rows}) == videos


@pytest.mark.parametrize("wrong", [{"creators": 0}, {"videos": 23}, {"seed": -1}])
def test_impossible_requests_are_refused(wrong):
    with pytest.raises(ValueError, match="simulate needs"):
        simulate(**wrong)


def test_a_file_is_plain_ascii_with_unix_line_ends(files):
    for path, content in files.items():
        text = content.decode("ascii")
        assert "\r" not in text
        assert text.endswith("\n")
        assert re.fullmatch(r"example-(effects\.toml|[a-z0-9-]+/[a-z0-9-]+\.(csv|toml))", str(path))


def test_creator_files_say_that_they_are_simulated(files):
    creators = [tomllib.loads(b.decode()) for p, b in files.items() if p.name == "creator.toml"]
    plain = {
        "github": "followworthy-examples",
        "licence": "CC-BY-4.0",
        "consent": date(2026, 11, 1),
        "simulated": True,
    }
    assert creators == [plain | {"page": True}] * 2 + [plain] * 22


def test_the_effects_file_adds_up(files):
    effects = tomllib.loads(files[PurePosixPath("example-effects.toml")].decode())
    assert list(effects) == ["followers", "reach", "conversion"]
    for term, levels in EFFECTS.items():
        for level, (reach, conversion) in levels.items():
            assert effects["reach"][term][level] == reach
            assert effects["conversion"][term][level] == conversion
            assert effects["followers"][term][level] == pytest.approx(reach + conversion)


def test_figures_are_realistic(rows):
    views, followers = numbers(rows, "views"), numbers(rows, "new_followers")
    seen = np.isfinite(followers)
    assert 1_300 < np.median(views) < 2_000
    assert 0.45 < 1000 * followers[seen].sum() / views[seen].sum() < 0.67
    assert 1.1 < np.log(views).std() < 1.6
    assert 0.03 < np.nansum(numbers(rows, "likes")) / views.sum() < 0.05
    sizes = [
        sum(row["creator"] == creator for row in rows) for creator in {r["creator"] for r in rows}
    ]
    assert min(sizes) < 30
    assert 120 < max(sizes) <= 210


def own_means_out(columns, groups):
    """Columns (n, k) less their creators' means."""
    dummies = (groups[:, None] == np.unique(groups)).astype(float)
    return columns - dummies @ ((dummies.T @ columns) / dummies.sum(axis=0)[:, None])


def test_log_views_have_the_tails_of_an_exponential_distribution(many):
    """Its kurtosis is 9, the levers out; and one video has half of all views of some creators."""
    views, groups = numbers(many, "views"), creators_of(many)
    columns = own_means_out(np.column_stack([np.log(views), design(many)[1]]), groups)
    slopes = np.linalg.lstsq(columns[:, 1:], columns[:, 0])[0]
    luck = columns[:, 0] - columns[:, 1:] @ slopes
    assert 7 < kurtosis(luck, fisher=False) < 11
    assert 1.1 < luck.std() < 1.3
    assert np.mean(luck > 0) < 0.4
    tops = [views[groups == name].max() / views[groups == name].sum() for name in np.unique(groups)]
    assert 0.1 < np.mean(np.array(tops) > 0.5) < 0.5


def test_some_videos_are_silent_whatever_their_views(many):
    views, followers = numbers(many, "views"), numbers(many, "new_followers")
    seen = np.isfinite(followers) & (views > 20_000)  # ten followers, typically
    assert seen.sum() > 200
    assert binomtest(int((followers[seen] == 0).sum()), int(seen.sum()), SILENT).pvalue > 0.05


def test_an_audience_never_shrinks_and_brings_views(many):
    before, groups = numbers(many, "followers_before"), creators_of(many)
    known = np.isfinite(before)
    dates = np.array([row.get("posted_on", "") for row in many])
    assert 0.5 < known.mean() < 0.8
    dated = known & (dates > "")
    for name in np.unique(groups[dated]):
        mine = dated & (groups == name)
        assert (np.diff(before[mine][np.argsort(dates[mine], kind="stable")]) >= 0).all()
    columns = [np.log(numbers(many, "views")), design(many)[1], np.log(before)]
    within = own_means_out(np.column_stack(columns)[known], groups[known])
    estimates, errors = least_squares(within[:, 0], within[:, 1:])
    assert errors[-1] < 0.06
    assert abs(estimates[-1] - AUDIENCE) < 3 * errors[-1]


def test_outcomes_are_missing_more_often_at_low_views_and_in_old_videos(many):
    views, missing = numbers(many, "views"), np.isnan(numbers(many, "new_followers"))
    low, high = views < np.quantile(views, 1 / 3), views > np.quantile(views, 2 / 3)
    assert missing[low].mean() > 1.5 * missing.mean() > 4 * missing[high].mean()
    posted = np.array([row.get("posted_on", "") for row in many])
    old, new = (posted > "") & (posted < "2025-07"), posted > "2026-03"
    assert missing[old].mean() > missing[new].mean() + 0.05


def test_few_outcomes_look_like_gaps(rows):
    for file in {row["file"] for row in rows}:
        outcomes = [
            row["new_followers"] for row in rows if row["file"] == file and row["new_followers"]
        ]
        assert 0 < outcomes.count("0") < 0.9 * len(outcomes), file
    large = [row for row in rows if int(row["views"]) >= 5000 and row["new_followers"]]
    assert sum(row["new_followers"] == "0" for row in large) < 0.25 * len(large)


def test_every_habit_of_recording_occurs(files, rows):
    headers = {
        content.split(b"\n")[0].decode() for path, content in files.items() if path.suffix == ".csv"
    }
    assert ",".join(SHEET_2022) in headers
    creators = {row["creator"]: row for row in rows}.values()
    recorded = ("posted_on", "posted_hour", "hashtags", "sound", "avg_watch_s", "followers_before")
    for column in recorded:
        assert {column in row for row in creators} == {True, False}, column
    unused = {c["creator"] for c in creators} - {r["creator"] for r in rows if r.get("has_cover")}
    assert len(unused) == 6
    for flag in ("is_promoted", "counts_rounded", "is_duet", "is_stitch"):
        assert 0 < sum(row.get(flag, "") not in NO for row in rows) < 60, flag
    assert any(
        len({r["file"] for r in rows if r["creator"] == c["creator"]}) == 2 for c in creators
    )


def test_a_second_capture_is_later_and_greater(rows):
    captures = {}
    for row in rows:
        captures.setdefault((row["creator"], row["video"]), []).append(row)
    twice = [sorted(pair, key=lambda r: r["captured_on"]) for pair in captures.values() if pair[1:]]
    assert 5 < len(twice) < 40
    for first, second in twice:
        assert first["captured_on"] < second["captured_on"]
        assert int(first["views"]) < int(second["views"])
        for column in COUNTS:
            assert float(first[column] or 0) <= float(second[column] or 0)


def test_every_row_is_possible(rows):
    for row in rows + rows_of(simulate(20, 3000, seed=3)):
        views = int(row["views"])
        likes, comments, shares, saves = (int(row.get(c) or 0) for c in COUNTS[:4])
        assert max(comments, shares, saves) <= likes <= 0.2 * views
        assert int(row["new_followers"] or 0) <= max(1, 0.05 * views)
        assert 5 <= float(row["duration_s"]) <= 600
        assert float(row.get("avg_watch_s") or 0) <= float(row["duration_s"]) + 0.05
        assert not row["watched_full_pct"] or 1 <= float(row["watched_full_pct"]) <= 96
        assert row["category"] in {"info", *EFFECTS["category"]}
        assert row.get("sound", "") in {"", "original", *EFFECTS["sound"]}
        assert re.fullmatch(r"[a-z][a-z ]+ \d+", row["video"])
        assert 0 <= int(row.get("posted_hour") or 0) <= 23
        if row.get("posted_on"):
            posted, captured = (date.fromisoformat(row[c]) for c in ("posted_on", "captured_on"))
            assert date(2025, 1, 1) <= posted <= date(2026, 9, 1)
            assert 28 <= (captured - posted).days <= 90
            assert captured <= date(2026, 11, 15)


def test_flags_are_no_step_function_of_row_order(rows):
    for file in {row["file"] for row in rows}:
        for flag in ("has_cover", "has_caption", "is_reply", "is_duet", "is_stitch"):
            cells = [row.get(flag, "") for row in rows if row["file"] == file]
            changes = sum(a != b for a, b in pairwise(cells))
            seldom = min(cells.count(cell) for cell in set(cells))
            assert changes != 1 or seldom < 3, (file, flag)


def design(rows):
    """Levers as (names, (n, k) matrix); a lever's gaps have their own column."""
    columns = {}
    for term, levels in EFFECTS.items():
        cells = np.array([row.get(term, "") for row in rows])
        if term in ("duration_s", "hashtags"):
            value = numbers(rows, term)
            log, knots = (np.log, (10, 25, 60)) if term == "duration_s" else (np.log1p, (0, 3, 8))
            at, ends = log(np.where(np.isnan(value), knots[1], value)), log(np.array(knots, float))
            spline = CubicSpline(ends, np.eye(3), bc_type="natural")
            inside = np.clip(at, ends[0], ends[2])
            heights = spline(inside) + spline(inside, 1) * (at - inside)[:, None]
            columns |= {(term, str(knots[i])): heights[:, i] for i in (0, 2)}
        elif term == "posted_hour":
            block = np.where(cells == "", -1, np.nan_to_num(numbers(rows, term)) // 6)
            columns |= {(term, f"{6 * b}-{6 * b + 5}"): block == b for b in (0, 1, 3)}
        else:
            words = {"yes": ["yes", "true", "1"]}
            columns |= {
                (term, level): np.isin(cells, words.get(level, [level])) for level in levels
            }
        if term in ("hashtags", "posted_hour", "sound"):
            columns[term, "unknown"] = cells == ""
    return list(columns), np.column_stack(list(columns.values())).astype(float)


def least_squares(y, x):
    """Coefficients (k,) and heteroscedastic standard errors (k,), by the pseudoinverse."""
    bread = np.linalg.pinv(x.T @ x)
    slopes = bread @ (x.T @ y)
    score = x * (y - x @ slopes)[:, None]
    return slopes, np.sqrt(np.diag(bread @ (score.T @ score) @ bread))


def quasi_poisson(y, x, groups, exposure, dispersion=0.7):
    """Coefficients (k,) and heteroscedastic standard errors (k,), by scoring with dummies.

    Weighted by the variance μ + a μ²: right for any a, and sure of itself near the true one.
    """
    dummies = (groups[:, None] == np.unique(groups)).astype(float)
    z = np.column_stack([dummies, x])
    start = np.log((dummies.T @ y) / (dummies.T @ exposure))
    beta = np.concatenate([start, np.zeros(x.shape[1])])
    for _ in range(50):
        mean = exposure * np.exp(z @ beta)
        bread = np.linalg.inv(z.T @ ((mean / (1 + dispersion * mean))[:, None] * z))
        score = z * ((y - mean) / (1 + dispersion * mean))[:, None]
        step = bread @ score.sum(axis=0)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    errors = np.sqrt(np.diag(bread @ (score.T @ score) @ bread))
    return beta[-x.shape[1] :], errors[-x.shape[1] :]


@pytest.fixture(scope="module")
def recovered(many):
    """Estimates and standard errors (k,), by question: of log views, and of followers a view."""
    x, groups = design(many)[1], creators_of(many)
    views, followers = numbers(many, "views"), numbers(many, "new_followers")
    used = np.isfinite(followers)
    within = own_means_out(np.column_stack([np.log(views), x]), groups)
    reach = least_squares(within[:, 0], within[:, 1:])
    rate = quasi_poisson(followers[used], x[used], groups[used], views[used])
    total = reach[0] + rate[0], np.hypot(reach[1], rate[1])
    return {"reach": reach, "conversion": rate, "followers": total}


@pytest.mark.parametrize("question", ["reach", "conversion", "followers"])
def test_planted_effects_are_recovered_from_many_videos(question, many, recovered):
    """Within 4 standard errors each and 1.4 in quadratic mean."""
    truth = tomllib.loads(simulate(1, 1)[PurePosixPath("example-effects.toml")].decode())[question]
    names, _ = design(many)
    estimates, errors = recovered[question]
    planted = [i for i, (_, level) in enumerate(names) if level != "unknown"]
    off = np.array([estimates[i] - truth[names[i][0]][names[i][1]] for i in planted])
    error = errors[planted]
    assert len(planted) == sum(map(len, EFFECTS.values()))
    assert np.median(error) < 0.12
    assert (np.abs(off) < 4 * error).all()
    assert np.sqrt(np.mean((off / error) ** 2)) < 1.4
