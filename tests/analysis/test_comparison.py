"""Two videos against each other: by hand, from the published files, and by statsmodels."""

import csv
import io
import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.interpolate import CubicSpline

from pipeline.analysis.comparison.comparison import (
    ABOVE,
    BELOW,
    CANNOT,
    Comparison,
    Difference,
    compare,
    seen,
)
from pipeline.analysis.comparison.published import (
    ABSENT,
    BEYOND_DATA,
    INSEPARABLE,
    NUMBERS,
    REFERENCE,
    SCARCE,
    WHY,
    Published,
    PublishedLine,
    published,
)
from pipeline.inference.results import Results
from pipeline.model.fit_result import Fit
from pipeline.model.reasons import Reason
from pipeline.render import data_files
from support.results import findings_of

pytestmark = pytest.mark.slow  # whole pools are fitted

QUESTIONS = ("followers", "reach", "conversion")
NAN = math.nan
# Two lines with an error, one without; by hand.
BY_HAND = Published(
    (
        PublishedLine(0.5, 9, 4.0, 2.0),
        PublishedLine(-0.2, 7, 2.0, 3.0),
        PublishedLine(0.1, 3),
        PublishedLine(0.7, 6, 8.0, 1.5),
        PublishedLine(-0.4, 8, 6.0, 1.7),
    ),
    {
        "category": {"info": REFERENCE, "tutorial": 0, "opinion": 1, "story": 2, "promo": SCARCE},
        "duration_s": {"10": 3, "25": REFERENCE, "60": 4},
        "is_duet": {},
    },
    {"duration_s": (5.0, 90.0)},
    np.array(
        [
            [0.04, 0.01, NAN, 0.02, 0.0],
            [0.01, 0.09, NAN, 0.0, 0.0],
            [NAN, NAN, NAN, NAN, NAN],
            [0.02, 0.0, NAN, 0.01, 0.004],
            [0.0, 0.0, NAN, 0.004, 0.02],
        ]
    ),
    {(0, 1): (3.0, 2.5), (3, 4): (5.0, 1.8)},
    500,
    9,
)


def kind(word: str, seconds: float = 25.0) -> dict[str, float | str]:
    return {"duration_s": seconds, "category": word}


# a, b: log ratio, variance, quantile, df, fewest creators
HAND = {
    "a line alone": (kind("tutorial"), kind("info"), 0.5, 0.04, 2.0, 4.0, 9),
    "the reference first": (kind("info"), kind("tutorial"), -0.5, 0.04, 2.0, 4.0, 9),
    "two lines": (kind("tutorial"), kind("opinion"), 0.7, 0.04 + 0.09 - 2 * 0.01, 2.5, 3.0, 7),
    "a knot": (kind("info", 10.0), kind("info"), 0.7, 0.01, 1.5, 8.0, 6),
    "two knots": (
        kind("info", 60.0), kind("info", 10.0), -0.4 - 0.7, 0.02 + 0.01 - 2 * 0.004, 1.8, 5.0, 6,
    ),
    "a kind and a knot": (
        kind("tutorial", 10.0), kind("info"), 0.5 + 0.7, 0.04 + 0.01 + 2 * 0.02, 2.0, 4.0, 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HAND)
def test_a_contrast_by_hand(case):
    a, b, value, variance, quantile, df, creators = HAND[case]
    comparison = compare(BY_HAND, a, b)
    error = math.sqrt(variance)
    assert (comparison.log_ratio, comparison.std_error) == pytest.approx((value, error), rel=1e-12)
    ends = value - quantile * error, value + quantile * error
    assert (comparison.low, comparison.high) == pytest.approx(ends, rel=1e-12)
    assert (comparison.df, comparison.creators, comparison.untold, comparison.unsure) == (
        df,
        creators,
        (),
        (),
    )
    assert comparison.ratios == pytest.approx(tuple(map(math.exp, (value, *ends))), rel=1e-12)


def heights(*numbers: float, knots: tuple[float, float, float] = (10, 25, 60)) -> np.ndarray:
    """What numbers have of the first and of the last knot, by SciPy; straight beyond."""
    log = np.log1p if knots[0] == 0 else np.log
    at, ends = log(np.array(numbers)), log(np.array(knots, dtype=float))
    spline, inside = CubicSpline(ends, np.eye(3), bc_type="natural"), np.clip(at, ends[0], ends[2])
    return (spline(inside) + spline(inside, 1) * (at - inside)[:, None])[:, [0, 2]]


@pytest.mark.parametrize(("a", "b"), [(15.0, 25.0), (40.0, 12.0), (5.0, 90.0), (61.0, 60.0)])
def test_two_numbers_differ_along_the_curve(a, b):
    """By some of both lines; no more sure than either, nor than what the two differ by."""
    comparison = compare(BY_HAND, kind("info", a), kind("info", b))
    weights = np.subtract(*heights(a, b))
    variance = weights @ np.array([[0.01, 0.004], [0.004, 0.02]]) @ weights
    assert comparison.log_ratio == pytest.approx(weights @ [0.7, -0.4])
    assert comparison.std_error == pytest.approx(math.sqrt(variance))
    assert (comparison.df, comparison.creators) == (5.0, 6)


@pytest.mark.parametrize(("a", "b"), [(4.9, 25.0), (25.0, 90.1), (4.0, 100.0)])
def test_beyond_the_data_nobody_knows_the_curve(a, b):
    comparison = compare(BY_HAND, kind("tutorial", a), kind("info", b))
    assert comparison.untold == (Difference("duration_s", "", BEYOND_DATA),)
    assert comparison.log_ratio is None


def test_a_line_without_an_error_leaves_a_ratio_only():
    comparison = compare(BY_HAND, kind("story"), kind("tutorial", 10.0))
    assert comparison.log_ratio == pytest.approx(0.1 - 0.5 - 0.7)
    assert comparison.ratios[1:] == (None, None)
    assert (comparison.unsure, comparison.creators, comparison.word) == (
        (Difference("category", "story"),),
        3,
        CANNOT,
    )


UNTOLD = {
    "rare": (kind("promo"), kind("info"), (Difference("category", "promo", SCARCE),)),
    "unheard of": (kind("info"), kind("vlog"), (Difference("category", "vlog", ABSENT),)),
    "both": (
        kind("vlog"),
        kind("promo"),
        (Difference("category", "vlog", ABSENT), Difference("category", "promo", SCARCE)),
    ),
    "nobody noted it": (
        {"is_duet": "yes"},
        {"is_duet": "no"},
        (Difference("is_duet", "yes", ABSENT), Difference("is_duet", "no", ABSENT)),
    ),
}


@pytest.mark.parametrize("case", UNTOLD)
def test_what_cannot_be_told_is_never_a_zero(case):
    a, b, expected = UNTOLD[case]
    comparison = compare(BY_HAND, a, b)
    assert (comparison.untold, comparison.log_ratio, comparison.is_same) == (expected, None, False)


def test_what_both_have_takes_no_part_even_where_it_cannot_be_told():
    assert compare(BY_HAND, kind("promo"), kind("promo")) == Comparison()
    assert compare(BY_HAND, kind("promo"), kind("promo")).is_same
    longer = compare(BY_HAND, kind("promo", 40.0), kind("promo"))
    assert longer == compare(BY_HAND, kind("info", 40.0), kind("info"))
    assert longer.log_ratio is not None


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(0.1, 0.9, ABOVE), (-0.9, -0.1, BELOW), (-0.1, 0.9, CANNOT), (0.0, 0.9, CANNOT)],
)
def test_a_word_hangs_on_the_interval(low, high, word):
    assert Comparison(log_ratio=0.4, low=low, high=high).word == word


def test_a_ratio_ends_where_no_data_can_tell():
    comparison = Comparison(log_ratio=0.0, low=-900.0, high=900.0)
    assert comparison.ratios == (1.0, math.exp(-30), math.exp(30))


@pytest.fixture(scope="module")
def estimates(examples) -> pd.DataFrame:
    return read(data_files.estimates(examples))


def read(raw: bytes) -> pd.DataFrame:
    return pd.DataFrame(csv.DictReader(io.StringIO(raw.decode(), newline="")))


def answer_to(findings: Results, question: str) -> Published:
    answer = next(each for each in findings.answers if each.question.name == question)
    taken = published(answer, findings.pool.videos)
    assert taken is not None
    return taken


def pair(row: pd.Series) -> tuple[dict, dict]:
    """The two videos that a published line compares."""
    levels = row.level, row.unit.split("against ")[1]
    a, b = map(float, levels) if row.term in NUMBERS else levels
    return {row.term: a}, {row.term: b}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_comparison_of_one_line_is_that_line(question, examples, estimates):
    rows = estimates[(estimates["question"] == question) & (estimates["verdict"] != "context")]
    rows = rows[(rows["estimate"] != "") & ~rows["level"].isin(["unknown", "(rare)"])]
    lines = answer_to(examples, question)
    with_interval = 0
    for row in rows.itertuples():
        comparison = compare(lines, *pair(row))
        ratios = [NAN if each is None else each for each in comparison.ratios]
        written = [float(x) if x else NAN for x in (row.ratio, row.ratio_low, row.ratio_high)]
        assert ratios == pytest.approx(written, rel=2e-7, nan_ok=True), row
        assert comparison.df == (float(row.df) if row.df else None), row
        assert comparison.creators == int(row.creators)
        with_interval += comparison.low is not None
    assert len(rows) > 15
    assert with_interval > 10


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_comparison_can_be_done_again_from_the_published_files(question, examples, estimates):
    mine = estimates[estimates["question"] == question].set_index(["term", "level"])
    shared = read(data_files.covariances(examples))
    shared = shared[shared["question"] == question]
    pairs = [
        frozenset([(r.term, r.level), (r.other_term, r.other_level)]) for r in shared.itertuples()
    ]
    value = dict(zip(pairs, shared["covariance"].astype(float), strict=True))
    df = dict(zip(pairs, shared["difference_df"], strict=True))
    a = {"duration_s": 15.0, "category": "tutorial", "is_reply": "yes", "hashtags": 2.0}
    b = {"duration_s": 45.0, "category": "opinion", "is_reply": "no", "hashtags": 7.0}
    length, tags = (
        np.subtract(*heights(a[term], b[term], knots=NUMBERS[term].knots))
        for term in ("duration_s", "hashtags")
    )
    c = {
        ("duration_s", "10"): length[0],
        ("duration_s", "60"): length[1],
        ("category", "tutorial"): 1,
        ("category", "opinion"): -1,
        ("is_reply", "yes"): 1,
        ("hashtags", "0"): tags[0],
        ("hashtags", "8"): tags[1],
    }
    lines = mine.loc[list(c)]
    log_ratio = float(np.array(list(c.values())) @ lines["estimate"].astype(float))
    variance = sum(c[i] * c[j] * value[frozenset([i, j])] for i in c for j in c)
    apart = [frozenset([i, j]) for i in c for j in c if i[0] == j[0] and i != j]
    least = min(
        float(df[each])
        for each in (*apart, *map(frozenset, ([k] for k in c if k[0] != "category")))
    )
    margin = stats.t.ppf(0.975, least) * math.sqrt(variance)
    comparison = compare(answer_to(examples, question), a, b)
    assert (comparison.log_ratio, comparison.low, comparison.high) == pytest.approx(
        (log_ratio, log_ratio - margin, log_ratio + margin), rel=1e-10
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_two_levels_have_the_degrees_of_freedom_of_their_own_difference(question, examples):
    """Taken from the creators' blocks; fewer creators may tell it than either level."""
    answer = next(each for each in examples.answers if each.question.name == question)
    fit, lines = answer.fit, published(answer, examples.pool.videos)
    total = fit.blocks.information.sum(axis=0)
    names = [(each.term, each.level) for each in fit.variables]
    fewer = 0
    places = lines.places["category"].items()
    levels = [
        level
        for level, at in places
        if isinstance(at, int) and at != REFERENCE and lines.lines[at].df is not None
    ]
    for pair in itertools.combinations(levels, 2):
        at = [names.index(("category", word)) for word in pair]
        contrast = np.zeros(len(names))
        contrast[at] = 1, -1
        weight = np.linalg.solve(total, contrast)
        share = np.array([weight @ each @ weight for each in fit.blocks.information])
        effective = share.sum() ** 2 / (share @ share)
        comparison = compare(lines, *({"category": word} for word in pair))
        if effective < 1.5:
            assert (comparison.low, len(comparison.unsure)) == (None, 2), pair
            continue
        assert comparison.df == pytest.approx(max(effective - 1, 0.5), rel=1e-6), pair
        own = [lines.lines[lines.place("category", word)].df for word in pair]
        fewer += comparison.df < min(own)
    assert fewer > 1


def family_of(fit: Fit) -> sm.families.Family:
    if not fit.design.question.model.is_counted:
        return sm.families.Gaussian()
    return sm.families.NegativeBinomial(alpha=fit.dispersion)


def one_step(fit: Fit, contrast: dict[tuple[str, str], float]) -> tuple[float, dict[str, float]]:
    """The contrast, and what it moves by without each creator, by statsmodels with dummies.

    One scoring step from the estimate: exact in least squares. Of a product the factors are added.
    """
    if fit.factors:
        parts = [one_step(each, contrast) for each in fit.factors]
        names = sorted({name for _, moved in parts for name in moved})
        moved = {name: sum(each.get(name, 0.0) for _, each in parts) for name in names}
        return sum(estimate for estimate, _ in parts), moved
    sample, family = fit.sample, family_of(fit)
    dummies = (sample.group[:, None] == np.arange(len(sample.creators))).astype(float)
    c = np.array([contrast.get((v.term, v.level), 0.0) for v in fit.variables])
    whole = sm.GLM(sample.y, np.hstack([sample.x, dummies]), family, offset=sample.offset).fit(
        tol=1e-12, maxiter=200
    )
    moved = {}
    for g in range(len(sample.creators)):
        rows, others = sample.group != g, np.arange(len(sample.creators)) != g
        x = np.hstack([sample.x, dummies[:, others]])[rows]
        start = np.concatenate([whole.params[: len(c)], whole.params[len(c) :][others]])
        model = sm.GLM(sample.y[rows], x, family, offset=sample.offset[rows])
        hessian = model.hessian(start, scale=1, observed=False)
        step = np.linalg.lstsq(-hessian, model.score(start, scale=1), rcond=1e-11)[0]
        moved[sample.creators[g]] = float(c @ step[: len(c)])
    return float(c @ whole.params[: len(c)]), moved


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_contrast_is_that_of_statsmodels(question, examples):
    fit = next(each.fit for each in examples.answers if each.question.name == question)
    a, b = (
        kind("humor", 12.0) | {"has_caption": "yes"},
        kind("opinion", 40.0) | {"has_caption": "no"},
    )
    length = np.subtract(*heights(12.0, 40.0))
    weights = {
        ("category", "humor"): 1.0,
        ("category", "opinion"): -1.0,
        ("duration_s", "10"): length[0],
        ("duration_s", "60"): length[1],
        ("has_caption", "yes"): 1.0,
    }
    log_ratio, moved = one_step(fit, weights)
    variance = (1 - 1 / len(moved)) * sum(each**2 for each in moved.values())
    comparison = compare(answer_to(examples, question), a, b)
    assert comparison.log_ratio == pytest.approx(log_ratio, rel=1e-6)
    assert comparison.std_error == pytest.approx(math.sqrt(variance), rel=1e-6)


def test_levels_say_why_they_are_not_told(examples, results_of):
    kinds = answer_to(examples, "reach").places["category"]
    assert kinds["info"] == REFERENCE
    assert kinds["promo"] == SCARCE
    three = answer_to(results_of(3, 150), "reach")
    whys = {why for levels in three.places.values() for why in levels.values()}
    assert WHY[Reason.ONE_CREATOR] in whys
    known = {SCARCE, ABSENT, INSEPARABLE, *WHY.values()}
    assert {each for each in whys if isinstance(each, str)} <= known
    assert all(line.df is None for line in three.lines)
    assert np.isnan(three.covariance).all()


def test_a_reference_is_what_the_lines_are_measured_against(results_of):
    """One creator with few info videos: another kind takes its place."""
    one = answer_to(results_of(1, 70), "reach")
    assert one.places["category"]["info"] != REFERENCE
    assert [word for word, place in one.places["category"].items() if place == REFERENCE]
    assert one.creators == 1
    assert all(line.df is not None for line in one.lines)


def test_a_withheld_question_publishes_nothing(tmp_path):
    findings = findings_of(tmp_path)
    videos = findings.pool.videos
    assert [published(answer, videos) for answer in findings.answers] == [None] * 4


def videos(creators: int) -> pd.DataFrame:
    """Videos of 1 to 100 seconds, dealt to the creators in turn."""
    return pd.DataFrame(
        {"creator": [f"c{i % creators}" for i in range(100)], "duration_s": range(1, 101)}
    ).astype({"duration_s": "Float64"})


def test_the_range_leaves_out_a_twentieth_at_each_end():
    assert seen(videos(5), "duration_s") == (5, 96)


def test_no_range_of_fewer_than_five_creators():
    assert seen(videos(4), "duration_s") is None
    noted = videos(5)
    noted.loc[noted["creator"] == "c0", "duration_s"] = pd.NA
    assert seen(noted, "duration_s") is None
