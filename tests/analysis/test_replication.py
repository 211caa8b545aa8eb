"""The 2022 post: reproduced to its printed digits, and every correction computed a second way."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.analysis.replication import figures as replication
from pipeline.analysis.replication.corrections import NOTED, VITAL, pool_rare
from pipeline.analysis.replication.exploratory import ALL_NUMBERS
from pipeline.analysis.replication.figures import Figures, as_json, compare, differences, replicate
from pipeline.analysis.replication.original import design, fit, splits
from pipeline.analysis.replication.source_files import FILES, PRINTED, Post, read_post, read_sheet
from pipeline.analysis.replication.stored import STORED, stored
from pipeline.estimate.hc3 import hc3
from pipeline.intake.repair import Unreadable
from pipeline.render.diagnostics.replication import as_text, page
from schema.file_rules import MAX_BYTES
from support.command_line import run
from support.contribution import ROOT
from support.sheet_2022 import DATA, needs_2022

pytestmark = pytest.mark.slow  # each runs a command in a process


@pytest.fixture(scope="module")
def post() -> Post:
    parsed = read_post(DATA)
    assert isinstance(parsed, Post)
    return parsed


@pytest.fixture(scope="module")
def figures(post: Post) -> Figures:
    replicated = replicate(post)
    assert isinstance(replicated, Figures)
    return replicated


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return pd.read_csv(DATA / "raw.csv")


@pytest.fixture(scope="module")
def filled() -> pd.DataFrame:
    return pd.read_csv(DATA / "post-input.csv")


# --- the post as it was


@needs_2022
def test_the_post_is_reproduced(figures):
    assert (figures.post.training, figures.post.test, figures.post.regressors) == (113, 28, 24)
    assert (f"{figures.post.r2:.6f}", f"{figures.post.rmse:.6f}") == ("0.745570", "0.466453")
    assert (figures.table.training, figures.table.test, figures.table.regressors) == (102, 25, 17)
    assert (f"{figures.table.r2:.6f}", f"{figures.table.rmse:.6f}") == ("0.524785", "0.343391")


# Digits typed twice, or one for another: all other cells are the same to the last digit.
SLIPS = {
    ("likes", "t-stat"): ("5.362298", "5.362982"),
    ("shares", "t-stat"): ("-10.277752", "-10.277519"),
    ("hasDescription", "t-stat"): ("-4.28787", "-4.28797"),
    ("Intercept", "p-value"): ("0.396979", "0.396789"),
}


@needs_2022
def test_the_printed_table_is_reproduced_to_its_digits(figures):
    assert figures.cells == 18 * 4
    slips = {(s.variable, s.column): (s.printed, s.computed) for s in figures.slips}
    assert slips == SLIPS


@needs_2022
@pytest.mark.parametrize("row", range(18))
def test_each_line_of_the_printed_table_is_ours(post, row):
    fitted = fit(design(post.second), splits()["results-input"])
    assert post.printed.columns["Variable"][row] == fitted.names[row]
    computed = (fitted.estimate, fitted.std_error, fitted.statistic, fitted.p_value)
    for column, values in zip(PRINTED, computed, strict=True):
        printed = post.printed.columns[column][row].strip()
        digits = len(printed.partition(".")[2])
        if (fitted.names[row], column) not in SLIPS:
            assert f"{values[row]:.{digits}f}" == printed
        else:
            assert values[row] == pytest.approx(float(printed), rel=1e-3)


@needs_2022
def test_the_orders_are_those_of_the_original_program():
    for name, split in splits().items():
        order = [int(word) for word in (DATA / f"{name}.order.txt").read_text().split()]
        assert [*split.training, *split.test] == order


@pytest.mark.parametrize(("name", "n"), [("post-input", 141), ("results-input", 127)])
def test_an_order_names_each_row_once_and_a_fifth_is_tested(name, n):
    split = splits()[name]
    assert sorted([*split.training, *split.test]) == list(range(n))
    assert len(split.test) == int(0.2 * n)


@needs_2022
def test_the_regression_is_computed_a_second_way(figures, filled):
    """By pandas and the normal equations, from the recipe's words."""
    numeric = filled.drop(columns=["newFollowers", "category", "subject"])
    logs = np.log1p(numeric)
    scaled = (logs - logs.mean()) / logs.var()
    x = scaled.join(pd.get_dummies(filled[["category", "subject"]], drop_first=True)).astype(float)
    assert pd.Series(design_cells(filled)).skew() > 0.75
    x.insert(0, "one", 1.0)
    y = np.log1p(filled["newFollowers"])
    split = splits()["post-input"]
    train, test = x.iloc[split.training], x.iloc[split.test]
    beta = np.linalg.solve(train.T @ train, train.T @ y.iloc[split.training])
    left = y.iloc[split.training] - train @ beta
    assert 1 - left.var(ddof=0) / y.iloc[split.training].var(ddof=0) == pytest.approx(
        figures.post.r2
    )
    missed = y.iloc[split.test] - test @ beta
    assert np.sqrt((missed**2).mean()) == pytest.approx(figures.post.rmse)
    four = y.iloc[split.test] - np.log(5)
    assert np.sqrt((four**2).mean()) == pytest.approx(figures.post.rmse_commonest)
    assert figures.post.commonest == 4


def design_cells(filled: pd.DataFrame) -> np.ndarray:
    numeric = filled.drop(columns=["newFollowers", "category", "subject"])
    dummies = pd.get_dummies(filled[["category", "subject"]], drop_first=True)
    return numeric.join(dummies).astype(float).to_numpy().ravel()


# --- the corrections, each a second way


def ols(x: np.ndarray, y: np.ndarray, *, robust: bool) -> tuple[np.ndarray, ...]:
    """Estimate, standard error and p of the slopes, by numpy; the intercept is in x."""
    bread = np.linalg.inv(x.T @ x)
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    left, n, k = y - x @ beta, *x.shape
    covariance = bread * (left @ left) / (n - k)
    if robust:
        leverage = np.einsum("ij,jk,ik->i", x, bread, x)
        covariance = bread @ (x.T * (left / (1 - leverage)) ** 2) @ x @ bread
    error = np.sqrt(np.diagonal(covariance))
    p = 2 * stats.t.sf(abs(beta / error), n - k)
    return beta[1:], error[1:], p[1:]


def poisson(x: np.ndarray, y: np.ndarray, views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and fitted means, by Newton's method."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.sum() / views.sum())
    for _ in range(50):
        mean = views * np.exp(x @ beta)
        beta = beta + np.linalg.solve((x.T * mean) @ x, x.T @ (y - mean))
    return beta, views * np.exp(x @ beta)


def vital_terms(line, names):
    """The vital terms of a line that are told, in the order of names."""
    by_name = {term.variable: term for term in line.terms}
    chosen = [by_name[name] for name in names]
    return tuple(
        np.array([getattr(each, what) for each in chosen])
        for what in ("estimate", "std_error", "p_value")
    )


def pooled_matrix(filled: pd.DataFrame) -> pd.DataFrame:
    """The post's columns with rare levels pooled, by pandas; career and (rare) as references."""
    logs = np.log1p(filled.drop(columns=["newFollowers", "category", "subject"]))
    x = (logs - logs.mean()) / logs.var()
    for word, reference in (("category", "(rare)"), ("subject", "career")):
        times = filled[word].map(filled[word].value_counts())
        dummies = pd.get_dummies(filled[word].where(times > 5, "(rare)"), prefix=word, dtype=float)
        x = x.join(dummies.drop(columns=f"{word}_{reference}"))
    return x


def ones(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), x])


@needs_2022
def test_standard_errors_and_p_values_are_corrected(figures, post):
    whole, rows = design(post.filled), splits()["post-input"].training
    places = [whole.names.index(name) for name in VITAL]
    estimate, error, p = ols(ones(whole.x[rows]), whole.y[rows], robust=False)
    density = stats.t.pdf(abs(estimate / error), len(rows) - 25)
    _, first, second, *_ = figures.lines
    for line, right in ((first, density), (second, p)):
        for ours, theirs in zip(vital_terms(line, VITAL), (estimate, error, right), strict=True):
            np.testing.assert_allclose(ours, theirs[places], rtol=1e-7)


@needs_2022
@pytest.mark.parametrize("slug", ["rare", "all_videos", "vital_only"])
def test_hc3_is_numpys(figures, filled, slug):
    x = pooled_matrix(filled)
    x = x[list(VITAL)] if slug == "vital_only" else x
    y = np.log1p(filled["newFollowers"].to_numpy())
    rows = splits()["post-input"].training if slug == "rare" else np.arange(len(y))
    line = next(line for line in figures.lines if line.slug == slug)
    assert (line.videos, line.regressors) == (len(rows), x.shape[1])
    recomputed = ols(ones(x.to_numpy()[rows]), y[rows], robust=True)
    places = [list(x.columns).index(name) for name in VITAL]
    for ours, theirs in zip(vital_terms(line, VITAL), recomputed, strict=True):
        np.testing.assert_allclose(ours, theirs[places], rtol=1e-7)


@needs_2022
def test_hc3_is_the_house_kernel(figures, post):
    pooled = pool_rare(design(post.filled), post.filled)
    beta = np.linalg.lstsq(ones(pooled.x), pooled.y, rcond=None)[0]
    ours = hc3(pooled.x, pooled.y - ones(pooled.x) @ beta)
    errors = np.sqrt(np.diagonal(ours.covariance))[[pooled.names.index(name) for name in VITAL]]
    line = next(line for line in figures.lines if line.slug == "all_videos")
    np.testing.assert_allclose(vital_terms(line, VITAL)[1], errors, rtol=1e-9)
    assert line.leverage == pytest.approx(ours.max_leverage)


def observed_rows(raw: pd.DataFrame) -> pd.DataFrame:
    return raw[(raw.index >= 132) & (raw["views"] < 20_000)]


@needs_2022
def test_the_noted_followers_are_those_from_the_first_on(figures, raw):
    seen, videos = figures.observed, observed_rows(raw)
    positive = raw.index[raw["newFollowers"] > 0]
    assert (seen.first_noted, seen.last_noted) == (positive[0] + 1, positive[-1] + 1)
    assert (seen.recorded, seen.viral, seen.noted) == (55, 3, 15)
    assert seen.rate.per_1000 == pytest.approx(
        1000 * videos["newFollowers"].sum() / videos["views"].sum()
    )
    analytics = videos["subject"].str.strip() == "data analytics"
    assert (seen.analytics, seen.analytics_followers) == (analytics.sum(), 0)


@needs_2022
@pytest.mark.parametrize("wide", [False, True])
def test_least_squares_of_the_noted_followers(figures, raw, wide):
    videos = observed_rows(raw)
    names = ALL_NUMBERS if wide else NOTED
    x, y = np.log1p(videos[list(names)].to_numpy()), np.log1p(videos["newFollowers"].to_numpy())
    line = figures.wider[0].line if wide else figures.lines[6]
    recomputed = ols(ones(x), y, robust=True)
    for ours, theirs in zip(vital_terms(line, NOTED), recomputed, strict=True):
        np.testing.assert_allclose(ours, theirs[: len(NOTED)], rtol=1e-7)
    missed = [y[i] - np.array([1, *x[i]]) @ _without(x, y, i) for i in range(len(y))]
    assert line.rmse == pytest.approx(np.sqrt(np.mean(np.square(missed))))


def _without(x: np.ndarray, y: np.ndarray, row: int) -> np.ndarray:
    kept = np.arange(len(y)) != row
    return np.linalg.lstsq(ones(x[kept]), y[kept], rcond=None)[0]


@needs_2022
@pytest.mark.parametrize("wide", [False, True])
def test_exposure_is_newtons(figures, raw, wide):
    videos = observed_rows(raw)
    names = (ALL_NUMBERS if wide else NOTED)[1:]
    x, y = ones(np.log1p(videos[list(names)].to_numpy())), videos["newFollowers"].to_numpy(float)
    views = videos["views"].to_numpy(float)
    beta, mean = poisson(x, y, views)
    bread = np.linalg.inv((x.T * mean) @ x)
    leverage = mean * np.einsum("ij,jk,ik->i", x, bread, x)
    covariance = bread @ (x.T * ((y - mean) / (1 - leverage)) ** 2) @ x @ bread
    error = np.sqrt(np.diagonal(covariance))
    p = 2 * stats.t.sf(abs(beta / error), len(y) - x.shape[1])
    line = figures.wider[1].line if wide else figures.lines[7]
    assert line.leverage == pytest.approx(leverage.max())
    for ours, theirs in zip(vital_terms(line, NOTED[1:]), (beta, error, p), strict=True):
        np.testing.assert_allclose(ours, theirs[1:5], rtol=1e-6)
    if wide:
        hint = {each.term.variable: each for each in figures.wider[1].hints}["bookmarks"]
        assert hint.term.p_value == pytest.approx(p[names.index("bookmarks") + 1], rel=1e-6)
        assert hint.p_without_one > hint.term.p_value


@needs_2022
def test_the_early_zeros_make_short_videos_three_times_as_good(figures, raw, filled):
    videos, guessed = (
        sheet[(sheet["length"] > 0) & (sheet["views"] < 20_000)] for sheet in (raw, filled)
    )
    for trap, rows, followers in (
        (figures.observed.zeros_true, videos, 28),
        (figures.observed.zeros_missing, videos[videos.index >= 132], 28),
        (figures.zeros_filled, guessed, 861),
    ):
        group = rows["category"].str.strip()
        group = group.where(group.isin(["humor", "info", "opinion"]), "other")
        dummies = pd.get_dummies(group, dtype=float)[["info", "opinion", "other"]]
        x = ones(np.column_stack([np.log(rows["length"]), rows["hasCover"], dummies]))
        y, views = (rows[name].to_numpy(float) for name in ("newFollowers", "views"))
        beta, mean = poisson(x, y, views)
        bread = np.linalg.inv((x.T * mean) @ x)
        covariance = bread @ (x.T * (y - mean) ** 2) @ x @ bread
        third, half = np.log(15 / 45), 1.96 * np.log(3) * np.sqrt(covariance[1, 1])
        right = np.exp(third * beta[1] + np.array([0, -half, half]))
        assert (trap.videos, trap.followers) == (len(rows), followers)
        np.testing.assert_allclose((trap.ratio, trap.low, trap.high), right, rtol=1e-4)
    shown = [
        (t.videos, f"{t.ratio:.2f} {t.low:.2f} {t.high:.2f}")
        for t in (
            figures.observed.zeros_true,
            figures.observed.zeros_missing,
            figures.zeros_filled,
        )
    ]
    assert shown == [(185, "3.12 1.62 6.01"), (55, "1.01 0.34 3.02"), (137, "0.81 0.60 1.09")]


@needs_2022
def test_the_filling_is_counted(figures, raw, filled):
    keys = ["views", "likes", "comments", "shares", "bookmarks"]
    both = filled.merge(raw, on=keys, suffixes=("_filled", "_noted"))
    changed = both["newFollowers_filled"] != both["newFollowers_noted"]
    filling = figures.filling
    assert (filling.traced, filling.changed) == (len(both), changed.sum()) == (138, 133)
    assert (filling.over_zero, filling.over_noted) == (124, 9)
    few = filled.loc[filled["views"] < 1000, "newFollowers"]
    assert (filling.few, filling.few_alike, filling.few_value) == (len(few), (few == 4).sum(), 4)


@needs_2022
def test_steps_of_views_alone_fit_as_well(figures, filled):
    views, y = np.log(filled["views"]), np.log1p(filled["newFollowers"])
    step = pd.cut(views, 6, labels=False)
    left = y - y.groupby(step).transform("mean")
    alone = figures.views_alone
    assert alone.r2_steps == pytest.approx(1 - left.var() / y.var())
    assert alone.r2_steps > alone.r2_regression
    assert f"{alone.r2_regression:.3f}" == "0.688"


# --- stored figures, and the page


@needs_2022
def test_the_stored_figures_are_the_computed_ones(figures):
    assert compare(figures)[1] == []
    assert STORED.read_bytes().count(b"\n") == as_json(figures).count(b"\n")


def test_stored_floats_have_eight_digits():
    def leaves(value):
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            return [leaf for each in inner for leaf in leaves(each)]
        return [value]

    assert all(leaf == float(f"{leaf:.8g}") for leaf in leaves(stored()) if isinstance(leaf, float))


@pytest.mark.parametrize(
    ("ours", "theirs", "places"),
    [
        ({"a": [1.0]}, {"a": [1.0 + 1e-9]}, []),
        ({"a": [1.0]}, {"a": [1.0 + 1e-4]}, ["a.0"]),
        ({"a": [1.0]}, {"a": [1.0, 2.0]}, ["a"]),
        ({"a": 1}, {"b": 1}, [""]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b"]),
        ({"a": None}, {"a": 0.0}, ["a"]),
        ({"a": 1e-14}, {"a": 2e-14}, ["a"]),
    ],
)
def test_differences_are_named_by_their_place(ours, theirs, places):
    assert differences(ours, theirs) == places


def test_the_page_is_the_same_each_time_and_needs_stored_figures_only():
    text = page(stored())
    assert page(json.loads(STORED.read_text())) == text
    shown = text.decode()
    assert shown.startswith("# The numbers of 2022, once more\n")
    for number in ("0.746", "0.466", "0.745570", "0.364", "| 7. followers per view | 55 |"):
        assert number in shown
    assert "github.com/Peter-Lankton/machine-learning-with-golang" in shown
    assert "Copyright (c) 2022 Toul" in shown


def test_the_tables_of_the_page_are_tables():
    """A blank line would end one early, and a missing one would glue it to the text."""
    lines = page(stored()).decode().splitlines()
    rules = [i for i, line in enumerate(lines) if line.startswith("|--")]
    assert len(rules) == 4
    for at in rules:
        cells = lines[at].count("|")
        end = next(i for i in range(at, len(lines)) if not lines[i])
        assert lines[at - 2] == ""
        assert {line.count("|") for line in lines[at - 1 : end]} == {cells}


@needs_2022
def test_nothing_that_we_keep_names_a_video(raw):
    ours = [
        path
        for path in (ROOT / "pipeline" / "analysis" / "replication").iterdir()
        if path.is_file()
    ]
    kept = [path.read_text(encoding="utf-8") for path in ours] + [page(stored()).decode()]
    labels = {" ".join(label.split()).casefold() for label in raw["name"]}
    assert len(labels) > 180
    text = " ".join("\n".join(kept).casefold().split())
    assert [label for label in labels if len(label) > 8 and label in text] == []


BOTH_SAME = "The post's R² and RMSE are as stored; other figures are not."
BOTH_NOT = "The post's R² and RMSE are not as stored."
NO_LINE = "In the table of corrections, no line differs."
ALL_LINES = [f"    {line}" for line in (
    "nothing: as published", "1. standard errors", "2. p-values", "3. rare words pooled",
    "4. all his videos", "5. his six only", "6. followers as noted", "7. followers per view",
)]  # fmt: skip
NO_MORE = "Elsewhere, no figure differs."


@pytest.mark.parametrize(
    ("different", "edited", "ending"),
    [
        ([], [], ["The same as the stored figures, every one."]),
        (
            [],
            ["raw.csv"],
            ["The figures are the same, but raw.csv is not the author's, byte for byte."],
        ),
        (
            [],
            ["a.csv", "b.csv"],
            ["The figures are the same, but a.csv and b.csv are not the author's, byte for byte."],
        ),
        (["cells"], [], [BOTH_SAME, NO_LINE, "Elsewhere, 1 figure differs."]),
        (["cells", "filling.few"], [], [BOTH_SAME, NO_LINE, "Elsewhere, 2 figures differ."]),
        (["post.rmse"], [], ["The post's RMSE is not as stored.", NO_LINE, NO_MORE]),
        (["post.rmse_mean"], [], [BOTH_SAME, NO_LINE, "Elsewhere, 1 figure differs."]),
        (
            ["post.r2", "post.rmse", "lines.3.terms.0.p_value", "lines.3.r2", "lines.7.videos"],
            ["raw.csv"],
            [
                BOTH_NOT,
                "In the table of corrections, 2 lines differ:",
                ALL_LINES[3],
                ALL_LINES[7],
                NO_MORE,
                "Besides, raw.csv is not the author's, byte for byte.",
            ],
        ),
        (
            ["lines.1"],
            [],
            [BOTH_SAME, "In the table of corrections, 1 line differs:", ALL_LINES[1], NO_MORE],
        ),
        (
            ["lines"],
            [],
            [BOTH_SAME, "In the table of corrections, 8 lines differ:", *ALL_LINES, NO_MORE],
        ),
        ([""], [], [BOTH_NOT, "In the table of corrections, 8 lines differ:", *ALL_LINES, NO_MORE]),
    ],
)
def test_the_terminal_says_in_words_what_differs(different, edited, ending):
    text = as_text(stored(), different, edited)
    assert text.split("\n\n")[-1].split("\n") == ending


# --- the command

RAW, INPUT, _, TABLE = FILES


def invented(seed: int = 1) -> dict[str, list[list[str]]]:
    """Four files of the right form, and nothing true in them."""
    rng = np.random.default_rng(seed)
    files = {}
    for file in FILES[:3]:
        columns = {}
        for name in file.header:
            values = rng.integers(1, 900, file.rows)
            columns[name] = [str(value) for value in values]
        subjects = ["career", "cyber security", "data analytics", "devops", "software"]
        columns["category"] = [("humor", "info", "opinion", "tutorial")[i % 4] for i in range(200)]
        columns["subject"] = [str(word) for word in rng.choice(subjects, file.rows)]
        columns["newFollowers"] = [str(n) for n in rng.poisson(2, file.rows)]
        if file is RAW:  # as in 2022, and quicker
            columns["newFollowers"][:140] = ["0"] * 140
        for name in ("hasCover", "hasDescription", "reply"):
            columns[name] = [str(n) for n in rng.integers(0, 2, file.rows)]
        if file is INPUT:  # videos that the sheet has, too
            sheet = list(zip(*files[RAW.name], strict=True))
            columns |= {name: list(cells)[: file.rows] for name, *cells in sheet[1:6]}
        cells = [[columns[name][i] for name in file.header] for i in range(file.rows)]
        files[file.name] = [list(file.header), *cells]
    names = [*FILES[1].header[:6], "length", "category_info", "category_opinion"]
    names += ["category_tutorial", "subject_cyber security", "subject_data analytics"]
    names += ["subject_devops", "subject_software", "hasCover", "hasDescription", "reply"]
    table = [["Intercept", *["0.5"] * 4], *([name, *["-0.5"] * 4] for name in names)]
    files[FILES[3].name] = [list(FILES[3].header), *table]
    return files


def write(folder: Path, files: dict[str, list[list[str]]]) -> Path:
    for name, rows in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@needs_2022
def test_the_command_says_that_all_is_the_same():
    answer = run("replicate", DATA)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "R² 0.745570, RMSE 0.466453" in answer.stdout
    assert answer.stdout.endswith("The same as the stored figures, every one.\n")


def author_files(folder: Path) -> Path:
    for file in FILES:
        (folder / file.name).write_bytes((DATA / file.name).read_bytes())
    return folder


def cell(text: bytes, row: int, column: int, value: bytes) -> bytes:
    lines = text.split(b"\n")
    cells = lines[row].split(b",")
    cells[column] = value
    lines[row] = b",".join(cells)
    return b"\n".join(lines)


@needs_2022
@pytest.mark.parametrize(
    ("name", "edit", "edited"),
    [
        ("raw.csv", lambda raw: cell(raw, 1, 2, b"25"), ["raw.csv"]),
        ("raw.csv", lambda raw: cell(raw, 1, 0, b"x"), ["raw.csv"]),
        (
            "results-input.csv",
            lambda raw: raw.replace(b"\n1816,", b"\n1817,"),
            ["results-input.csv"],
        ),
        ("post-input.csv", lambda raw: raw + b"\n", ["post-input.csv"]),
        (
            "post-results.csv",
            lambda raw: raw.replace(b"views, ", b"views,  "),
            ["post-results.csv"],
        ),
        ("raw.csv", lambda raw: raw.replace(b"\r\n", b"\n"), []),
        ("post-input.csv", lambda raw: raw.replace(b"\n", b"\r\n"), []),
    ],
)
def test_a_cell_that_enters_no_figure_is_told(tmp_path, name, edit, edited):
    path = author_files(tmp_path) / name
    before = path.read_bytes()
    path.write_bytes(edit(before))
    assert path.read_bytes() != before
    parsed = read_post(tmp_path)
    assert isinstance(parsed, Post)
    assert replication.edited(parsed) == edited
    assert compare(replicate(parsed))[1] == []


@needs_2022
def test_an_edited_file_is_named_and_ends_with_0(tmp_path):
    """By the name that it has in a clone of the author's repository."""
    author_files(tmp_path)
    text = (tmp_path / RAW.name).read_bytes()
    (tmp_path / RAW.name).unlink()
    (tmp_path / RAW.original).write_bytes(text + b"\n")
    answer = run("replicate", tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    last = f"The figures are the same, but {RAW.original} is not the author's, byte for byte.\n"
    assert answer.stdout.endswith("\n\n" + last)


def test_other_numbers_are_not_the_same(tmp_path):
    """Under the author's own names, as in a clone of his repository."""
    files = invented()
    places = ["data/", "", "data/", ""]
    named = {
        place + file.original: files[file.name] for place, file in zip(places, FILES, strict=True)
    }
    answer = run("replicate", write(tmp_path, named))
    assert (answer.returncode, answer.stderr) == (1, "")
    assert BOTH_NOT in answer.stdout


def test_a_folder_that_is_not_there_is_told(tmp_path):
    answer = run("replicate", tmp_path / "nowhere")
    assert answer.returncode == 2
    assert "is no folder" in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_missing_file_is_named_with_both_names(tmp_path, file):
    unreadable = read_post(write(tmp_path, {k: v for k, v in invented().items() if k != file.name}))
    assert isinstance(unreadable, Unreadable)
    assert file.name in unreadable.why
    assert file.original in unreadable.why


HEAD = ",".join(INPUT.header).encode() + b"\n"
ROW = b"1,1,1,1,1,1.5,1,9.5,humor,software,1,0,0\n"
DAMAGED = [
    (INPUT, b""),
    (INPUT, b"\n\n\n"),
    (INPUT, b"\xff\xfe\x00v"),
    (INPUT, b"\x00" * 100),
    (INPUT, b'"' + HEAD),
    (INPUT, HEAD),
    (INPUT, HEAD + ROW * 140),
    (INPUT, HEAD + ROW * 142),
    (INPUT, HEAD.replace(b"views", b"Aufrufe") + ROW * 141),
    (INPUT, HEAD + ROW * 140 + b"1,2,3\n"),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", b"nan")),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", b"-9.5")),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", b"1e400")),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", b"")),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", "٩".encode())),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"9.5", b"9" * 200)),
    (INPUT, HEAD + ROW * 140 + ROW.replace(b"humor", b"h" * 200_000)),
    (RAW, HEAD + ROW * 190),
    (
        TABLE,
        b"Variable, Coefficient, StdErr, t-stat, p-value\n" + b"views, 1, 1, 1, ::error\n" * 18,
    ),
]


@pytest.mark.parametrize(("file", "raw"), DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_told(file, raw):
    assert isinstance(read_sheet(raw, file), Unreadable)


QUOTE = "A double quote in line {} has no partner at the end of its cell."
TOLD = [
    (b"\x00" + HEAD, "Line 1 has a NUL byte, which no text has."),
    (HEAD + ROW * 9 + b"\x00", "Line 11 has a NUL byte, which no text has."),
    (HEAD + b"\xe9", "Line 2 has a letter that is not written in UTF-8, as his are."),
    (HEAD + ROW * 3 + b'"' + ROW, QUOTE.format(5)),
    (HEAD + b'"1"2,3\n' + ROW, QUOTE.format(2)),
    (HEAD + b"1" * 200_000, "Line 2 has a cell that goes on for more than 100,000 letters."),
    (b"", "Its first line has no column views, which should be column 1."),
    (HEAD.replace(b"likes,", b""), "Its first line has no column likes, which should be column 2."),
    (
        HEAD.replace(b",reply", b""),
        "Its first line has no column reply, which should be column 13.",
    ),
    (HEAD.replace(b"likes", b"Likes"), 'Column 2 in its first line is "Likes", not likes.'),
    (HEAD.replace(b"likes", b"x" * 99), f'Column 2 in its first line is "{"x" * 30}", not likes.'),
    (
        HEAD.replace(b"views,likes", b"likes,views"),
        'Column 1 in its first line is "likes", not views.',
    ),
    (
        HEAD.replace(b"likes", b"ana@example.org"),
        "Column 2 in its first line is something else, not likes.",
    ),
    (HEAD.replace(b"reply", b"reply,more"), "Its first line has 14 columns, not 13."),
]


@pytest.mark.parametrize(("raw", "why"), TOLD, ids=range(len(TOLD)))
def test_what_is_wrong_with_a_file_is_told_in_words(raw, why):
    assert read_sheet(raw, INPUT) == Unreadable(why)


def test_a_nul_byte_in_a_column_that_is_not_read_is_told(tmp_path):
    files = invented()
    files[RAW.name][7][0] = "a\0b"
    unreadable = read_post(write(tmp_path, files))
    assert isinstance(unreadable, Unreadable)
    assert unreadable.why.endswith("Line 8 has a NUL byte, which no text has.")


def test_a_file_that_is_too_large_is_told_and_not_cut(tmp_path):
    folder = write(tmp_path, invented())
    with (folder / "raw.csv").open("ab") as stream:
        stream.write(b"\n" * MAX_BYTES)
    answer = run("replicate", folder)
    assert answer.returncode == 2
    assert "raw.csv is larger than 20 MiB. " in " ".join(answer.stderr.split())


@pytest.mark.parametrize("target", ["nowhere.csv", "raw.csv"])
def test_a_link_that_leads_nowhere_is_told(tmp_path, target):
    folder = write(tmp_path, invented())
    rows = (folder / "raw.csv").read_bytes()
    (folder / "raw.csv").unlink()
    (folder / "raw.csv").symlink_to(folder / target)
    unreadable = read_post(folder)
    assert isinstance(unreadable, Unreadable)
    assert "raw.csv is a link that leads nowhere." in unreadable.why
    (folder / RAW.original).write_bytes(rows)
    assert isinstance(read_post(folder), Post)


def test_a_damaged_file_ends_with_2_and_no_traceback(tmp_path):
    folder = write(tmp_path, invented())
    (folder / "raw.csv").write_bytes(HEAD + b"\x1b[31m::error::\n")
    answer = run("replicate", folder)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "\x1b[31m" not in answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_is_not_waited_for(tmp_path):
    folder = write(tmp_path, invented())
    (folder / "raw.csv").unlink()
    os.mkfifo(folder / "raw.csv")
    assert isinstance(read_post(folder), Unreadable)


def column(files: dict[str, list[list[str]]], name: str, column: str, value: str) -> None:
    rows = files[name]
    at = rows[0].index(column)
    rows[1:] = [[*row[:at], value, *row[at + 1 :]] for row in rows[1:]]


@pytest.mark.parametrize(
    ("name", "what", "value"),
    [
        ("post-input.csv", "views", "7"),
        ("post-input.csv", "newFollowers", "4"),
        ("post-input.csv", "subject", "software"),
        ("results-input.csv", "likes", "NA"),
        ("raw.csv", "newFollowers", "0"),
        ("raw.csv", "views", "0"),
        ("raw.csv", "length", "0"),
        ("raw.csv", "views", "999999"),
    ],
)
def test_numbers_that_cannot_be_fitted_are_told(tmp_path, name, what, value):
    files = invented()
    column(files, name, what, value)
    parsed = read_post(write(tmp_path, files))
    assert isinstance(parsed, Post)
    assert isinstance(replicate(parsed), Unreadable)


def test_figures_are_stored_only_when_asked(tmp_path, monkeypatch):
    """`--write` in-process, with another place to store them."""
    from typer.testing import CliRunner

    from pipeline.commands import app

    place = tmp_path / "figures.json"
    monkeypatch.setattr("pipeline.analysis.replication.stored.STORED", place)
    folder = str(write(tmp_path / "post", invented()))
    answer = CliRunner().invoke(app, ["replicate", folder, "--write"])
    assert answer.exit_code == 0, answer.output
    assert replication.stored()["post"]["training"] == 113
    before = place.read_bytes()
    place.write_bytes(before.replace(b'"version": 1', b'"version": 0'))
    answer = CliRunner().invoke(app, ["replicate", folder])
    assert answer.exit_code == 1
    assert answer.output.endswith(f"{BOTH_SAME}\n{NO_LINE}\nElsewhere, 1 figure differs.\n")
    assert b'"version": 0' in place.read_bytes()
