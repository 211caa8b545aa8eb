"""Which rows and columns a question has: what is missing, rare, new or hostile is named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dataset.pool import MOST_WORDS, common_words, pool
from pipeline.estimate.states import states
from pipeline.estimate.sum_columns import pool_columns
from pipeline.model.design import Design, design
from pipeline.model.exclusions import NO_OUTCOME, NO_VIEWS, POSITIVE_ONLY, TOO_YOUNG
from pipeline.model.questions import (
    CONVERSION,
    FOLLOWERS,
    QUESTIONS,
    REACH,
    SIGNALS,
    Form,
    Model,
    Question,
    Term,
)
from pipeline.model.terms import RareLevels
from pipeline.model.variables import RARE, UNKNOWN
from support.pool import accepted, balanced, day

SUBJECT = next(term for term in SIGNALS.terms if term.column == "subject")
CATEGORY = next(term for term in FOLLOWERS.terms if term.column == "category")
HOUR = next(term for term in FOLLOWERS.terms if term.column == "posted_hour")
AGE, QUARTER = FOLLOWERS.terms[-2:]
COVER = next(term for term in FOLLOWERS.terms if term.column == "has_cover")
TAGS = next(term for term in FOLLOWERS.terms if term.column == "hashtags")
FOLLOWERS_BEFORE = next(term for term in FOLLOWERS.terms if term.column == "followers_before")
DURATION = next(term for term in FOLLOWERS.terms if term.column == "duration_s")


def videos(**creators: list[dict[str, object]]) -> pd.DataFrame:
    """The pool's videos: a follower more each row from 0 on, where nothing else is said."""
    folders = [
        accepted(
            name, [{"video": f"v{i}", "new_followers": i, **row} for i, row in enumerate(rows)]
        )
        for name, rows in creators.items()
    ]
    return pool(folders, {}).videos


def asking(*terms: Term, model: Model = Model.LEAST_SQUARES) -> Question:
    return Question("asked", "Asked?", "new_followers", model, terms, True, "followers", "follower")


def one(term: Term, values: list[object], **more: list[object]) -> Design:
    """The design of one term, for ana's values and more creators'."""
    rows = {
        name: [{term.column: value} for value in each]
        for name, each in {"ana": values, **more}.items()
    }
    return design(videos(**rows), asking(term))


def table(built: Design) -> dict[str, list[float]]:
    columns = built.x.T.tolist()
    return {v.name: column for v, column in zip(built.variables, columns, strict=True)}


LOG = np.log
NUMBERS = [
    (DURATION, [10.0, 25.0, 60.0], {"duration_s: 10": [1, 0, 0], "duration_s: 60": [0, 0, 1]}),
    (
        DURATION,
        [60.0, None],
        {"duration_s: 10": [0, 0], "duration_s: 60": [1, 0], "duration_s: unknown": [0, 1]},
    ),
    (TAGS, [0, 3, 8], {"hashtags: 0": [1, 0, 0], "hashtags: 8": [0, 0, 1]}),
    (
        TAGS,
        [8, None],
        {"hashtags: 0": [0, 0], "hashtags: 8": [1, 0], "hashtags: unknown": [0, 1]},
    ),
    (FOLLOWERS_BEFORE, [0, 1, 7], {"followers_before": [0, LOG(2), LOG(8)]}),
    (
        FOLLOWERS_BEFORE,
        [0, None, 7],
        {"followers_before": [0, 0, LOG(8)], "followers_before: unknown": [0, 1, 0]},
    ),
    (COVER, [True, False], {"has_cover: yes": [1, 0]}),
    (COVER, [True, None, False], {"has_cover: yes": [1, 0, 0], "has_cover: unknown": [0, 1, 0]}),
]


@pytest.mark.parametrize(("term", "values", "columns"), NUMBERS)
def test_a_number_or_flag_is_0_and_marked_where_it_is_missing(term, values, columns):
    built = one(term, values)
    assert list(table(built)) == list(columns)
    np.testing.assert_allclose(built.x.T, list(columns.values()), rtol=1e-15, atol=1e-14)
    assert built.unrecorded == built.rare == ()


@pytest.mark.parametrize("term", [DURATION, TAGS, COVER, SUBJECT, HOUR, AGE, QUARTER])
def test_what_nobody_recorded_is_not_in_the_model_and_named(term):
    built = one(term, [None, None], bea=[None])
    assert (built.unrecorded, built.variables, built.x.shape) == ((term.column,), (), (3, 0))


def test_what_only_rows_without_an_outcome_record_is_not_in_the_model():
    rows = [{"new_followers": None, "hashtags": 3}, {"new_followers": 1}]
    built = design(videos(ana=rows), asking(TAGS))
    assert (built.unrecorded, built.x.shape) == (("hashtags",), (1, 0))


def test_age_is_from_a_week_on_and_unknown_without_both_days():
    days = [(0, 0), (0, 6), (0, 7), (0, 28), (None, 28), (0, None), (28, 34)]
    rows = [{"posted_on": day(a), "captured_on": day(b)} for a, b in days]
    built = design(videos(ana=rows), asking(AGE))
    assert dict(built.account.left_out) == {TOO_YOUNG: 3}
    assert table(built) == {
        "age_days": [pytest.approx(LOG(7)), pytest.approx(LOG(28)), 0, 0],
        "age_days: unknown": [0, 0, 1, 1],
    }


def test_hours_are_blocks_of_six_in_the_order_of_the_day():
    hours = [0, 5, 6, 11, 12, 17, 18, 23] * 4 + [None] * 8
    built = one(HOUR, hours, bea=hours)
    assert [v.level for v in built.variables] == ["0-5", "6-11", "18-23", UNKNOWN]
    blocks = [i // 2 for i in range(8)] * 4 + [4] * 8
    expected = [[float(block == b) for block in blocks * 2] for b in (0, 1, 3, 4)]
    assert built.x.T.tolist() == expected
    assert {v.unit for v in built.variables} == {"against 12-17"}


def test_quarters_are_against_the_most_common():
    days = [day(n) for n in [0] * 7 + [40] * 9 + [130] * 6]
    built = one(QUARTER, days, bea=days)
    assert [(v.level, v.unit) for v in built.variables] == [
        ("2026Q1", "against 2026Q2"),
        ("2026Q3", "against 2026Q2"),
    ]


def test_levels_are_in_the_order_of_the_vocabulary_and_unknown_is_last():
    words = ["vlog", "humor", "info", "tutorial"] * 6
    built = one(CATEGORY, words, bea=words)
    assert [v.level for v in built.variables] == ["tutorial", "humor", "vlog"]
    assert next(v.says for v in built.variables) == "tutorial instead of info"
    subjects = ["b", "a", None] * 6
    built = one(SUBJECT, subjects, bea=subjects)
    assert [v.name for v in built.variables] == ["subject: b", "subject: unknown"]


RARES = [
    # ana's words, bea's words → reference, other levels, rare levels with their videos
    ("info*9 humor*5 story*6", None, "info", ["story", RARE], [("humor", 5)]),
    ("info*9 humor*6", None, "info", ["humor"], []),
    ("info*9 humor*6", "info*9", "info", [RARE], [("humor", 6)]),
    ("info*9 humor*5", "info*9 humor*1", "info", ["humor"], []),
    ("info*9 humor*4", "info*9 humor*1", "info", [RARE], [("humor", 5)]),
    ("info*9 qa*7", "info*9 demo*2", "info", [RARE], [("demo", 2), ("qa", 7)]),
    ("humor*9 story*7 info*5", None, "humor", ["story", RARE], [("info", 5)]),
    ("humor*7 story*7", None, "story", ["humor"], []),
    ("humor*2 story*3", None, "story", [RARE], [("humor", 2)]),
    ("info*9", "humor*9", "info", [RARE], [("humor", 9)]),
]


def words(text: str) -> list[object]:
    return [word for part in text.split() for word in [part.split("*")[0]] * int(part[-1])]


@pytest.mark.parametrize(("ana", "bea", "reference", "levels", "rare"), RARES)
def test_rare_levels_are_summed_and_named(ana, bea, reference, levels, rare):
    more = {"bea": words(bea)} if bea else {}
    built = one(CATEGORY, words(ana), **more)
    assert [v.level for v in built.variables] == levels
    assert {v.unit for v in built.variables} <= {f"against {reference}"}
    named = tuple((word, count) for word, count in rare)
    assert built.rare == ((RareLevels("category", named),) if rare else ())
    given = words(ana) + (words(bea) if bea else [])
    summed = {word for word, _ in rare}
    for variable, column in zip(built.variables, built.x.T.tolist(), strict=True):
        members = summed if variable.level == RARE else {variable.level}
        assert column == [float(word in members) for word in given]


def test_unknown_is_no_reference_where_a_word_is_common():
    built = one(SUBJECT, [None] * 20 + ["a"] * 7, bea=[None] * 20 + ["a"] * 7)
    assert [(v.level, v.unit) for v in built.variables] == [(UNKNOWN, "against a")]


HOSTILE = ["{level}", "{reference}", "{0}", "}{", "a: b", "<b>|", "%s", "subject"]


def test_a_subject_is_a_word_and_never_a_pattern():
    subjects = [word for word in ["plain"] * 2 + HOSTILE for _ in range(4)]
    built = one(SUBJECT, subjects, bea=subjects)
    assert {v.level for v in built.variables} == set(HOSTILE)
    assert {v.says for v in built.variables} == {f"about {w} instead of plain" for w in HOSTILE}
    assert len({v.name for v in built.variables}) == len(built.variables)


@pytest.mark.parametrize("word", HOSTILE)
def test_a_hostile_reference_is_a_word_too(word):
    subjects = [word] * 9 + ["plain"] * 6
    built = one(SUBJECT, subjects, bea=subjects)
    assert [v.says for v in built.variables] == [f"about plain instead of {word}"]


@pytest.mark.parametrize("taken", [RARE, UNKNOWN])
@pytest.mark.parametrize("times", [2, 6, 20])
def test_a_subject_with_the_name_of_a_level_of_ours_is_not_noted(taken, times):
    """Or two variables of one name would be told apart by nothing."""
    others = ["a"] * 9 + ["b"] * 6 + ["c", "d", None]
    mine = one(SUBJECT, others + [taken] * times, bea=others + [taken] * times)
    empty = one(SUBJECT, others + [None] * times, bea=others + [None] * times)
    assert mine.variables == empty.variables
    assert len(set(mine.variables)) == len(mine.variables)
    assert mine.rare == empty.rare
    assert (mine.x == empty.x).all()


OF_FOLLOWERS = [question for question in QUESTIONS if question.outcome == "new_followers"]
TEN = 10  # outcomes, from which on their lack of a 0 may tell
OUTCOMES = [
    ([None, 1, 0], [NO_OUTCOME, "", ""]),
    ([1] * (TEN - 1), [""] * (TEN - 1)),
    ([1] * TEN, [POSITIVE_ONLY] * TEN),
    ([90] * TEN + [None], [""] * TEN + [NO_OUTCOME]),
    ([1] * TEN + [None], [POSITIVE_ONLY] * TEN + [NO_OUTCOME]),
    ([1] * TEN + [0], [""] * (TEN + 1)),
    ([0] * TEN, [""] * TEN),
    ([None] * 12, [NO_OUTCOME] * 12),
]


@pytest.mark.parametrize(("outcomes", "reasons"), OUTCOMES)
@pytest.mark.parametrize("question", OF_FOLLOWERS, ids=lambda question: question.name)
def test_a_row_without_a_rate_to_tell_leaves_with_its_reason(outcomes, reasons, question):
    frame = videos(ana=[{"new_followers": n} for n in outcomes], bea=[{"new_followers": 0}] * 2)
    built = design(frame, question)
    assert built.rows.tolist() == [
        *(i for i, why in enumerate(reasons) if not why),
        *range(len(reasons), len(reasons) + 2),
    ]
    counts = {why: reasons.count(why) for why in (NO_OUTCOME, POSITIVE_ONLY) if why in reasons}
    assert dict(built.account.left_out) == counts
    assert built.positive_only == (("ana",) if POSITIVE_ONLY in reasons else ())
    assert ("ana" in built.creators) == ("" in reasons)
    assert balanced(built.account)


def test_reach_needs_no_follower_count():
    rows = [{"new_followers": n, "views": v} for n, v in [(None, 5), (1, 0), (3, 800)] * 5]
    built = design(videos(ana=rows), REACH)
    assert (built.account.left_out, built.positive_only) == ((), ())
    assert built.outcome == pytest.approx(np.log([6, 1, 801] * 5))
    assert not built.offset.any()


def test_a_rate_needs_views():
    rows = [{"new_followers": 0, "views": v} for v in (0, 1, 800)]
    rows.append({"new_followers": None, "views": 0})
    built = design(videos(ana=rows), CONVERSION)
    assert dict(built.account.left_out) == {NO_VIEWS: 1, NO_OUTCOME: 1}
    assert built.offset == pytest.approx([0, np.log(800)])
    assert balanced(built.account)


def test_a_young_video_leaves_every_question():
    rows = [{"posted_on": day(0), "captured_on": day(n)} for n in (6, 7)]
    for question in QUESTIONS:
        built = design(videos(ana=rows), question)
        assert (built.rows.tolist(), dict(built.account.left_out)) == ([1], {TOO_YOUNG: 1})


def test_the_outcome_is_logged_for_least_squares_only():
    frame = videos(ana=[{"new_followers": n} for n in (0, 3, 8)])
    counts = design(frame, asking(TAGS, model=Model.POISSON)).outcome
    assert counts.tolist() == [0, 3, 8]
    again = design(frame, asking(TAGS, model=Model.NEGATIVE_BINOMIAL)).outcome
    assert again.tolist() == [0, 3, 8]
    assert design(frame, asking(TAGS)).outcome == pytest.approx(np.log1p([0, 3, 8]))


def test_engagement_is_no_control_where_the_answer_is_advice():
    for question in QUESTIONS:
        columns = {term.column for term in question.terms if term.part == "engagement"}
        assert bool(columns) is not question.advice
        assert question.outcome not in {term.column for term in question.terms}


CELLS = st.fixed_dictionaries(
    {
        "new_followers": st.sampled_from([None, 0, 0, 1, 1, 2]),
        "likes": st.sampled_from([None, 0, 5]),
        "duration_s": st.sampled_from([None, 5.0, 30.0]),
        "category": st.sampled_from(["info", "humor", "story"]),
        "subject": st.sampled_from([None, "a", "b", RARE, "{level}"]),
        "has_cover": st.sampled_from([None, True, False]),
        "posted_hour": st.sampled_from([None, 3, 13]),
        "posted_on": st.sampled_from([None, day(0), day(50)]),
        "captured_on": st.just(day(80)),
    }
)
POOLS = st.dictionaries(
    st.sampled_from(["ana", "bea", "cem"]), st.lists(CELLS, min_size=1, max_size=16), min_size=1
)


@pytest.mark.slow
@settings(max_examples=30)
@given(POOLS, st.sampled_from(QUESTIONS))
def test_the_arrays_hang_together(rows, question):
    frame = videos(**rows)
    built = design(frame, question)
    n, k = built.x.shape
    assert balanced(built.account)
    assert (built.account.rows_in, built.account.rows_used) == (len(frame), n)
    assert k == len(built.variables) == len(set(built.variables))
    assert np.isfinite(built.x).all()
    names = np.array(built.creators, dtype=object)[built.group] if n else np.array([])
    assert names.tolist() == frame["creator"].iloc[built.rows].tolist()
    in_model = {v.term for v in built.variables} | {t for r in built.rare for t in (r.term,)}
    assert not in_model & set(built.unrecorded)
    if n:
        summed = pool_columns(states(built.columns, built.group), built.weights)
        direct = states(built.x, built.group)
        np.testing.assert_allclose(summed.means, direct.means, rtol=0, atol=1e-12)
        np.testing.assert_allclose(summed.products, direct.products, rtol=0, atol=1e-10)
        assert (summed.low == direct.low).all()
        assert (summed.high == direct.high).all()


@pytest.mark.slow
@settings(max_examples=15)
@given(POOLS, st.sampled_from(QUESTIONS), st.randoms(use_true_random=False))
def test_the_order_of_rows_moves_rows_and_nothing_else(rows, question, random):
    frame = videos(**rows)
    order = random.sample(range(len(frame)), len(frame))
    one, two = design(frame, question), design(frame.iloc[order].reset_index(drop=True), question)
    assert (one.variables, one.rare, one.account) == (two.variables, two.rare, two.account)
    back = np.argsort(np.array(order)[two.rows], kind="stable")
    assert (two.x[back] == one.x).all()
    assert (two.outcome[back] == one.outcome).all()


def test_form_has_a_case_for_every_member():
    used = {term.form for question in QUESTIONS for term in question.terms}
    assert used == set(Form)


def subjects(words: list[object]) -> list[dict[str, object]]:
    return [{"subject": word, "video": f"v{i}"} for i, word in enumerate(words)]


def test_so_many_words_as_videos_are_no_more_columns_than_the_common_ones():
    """Or nobody's memory would do: 8,000 subjects took 24 GB in a review."""
    shared: list[object] = ["food", "travel"] * 20
    many = videos(ana=subjects([f"w{n}" for n in range(5_000)]), ben=subjects(shared),
                  cem=subjects(shared))  # fmt: skip
    built = design(many, asking(SUBJECT))
    assert built.columns.shape[1] <= MOST_WORDS + 1
    assert {v.level for v in built.variables} | {"food", "travel"} == {"food", "travel", RARE}
    assert built.columns.sum(axis=1).tolist() == [1.0] * 5_080


def test_seldom_words_are_rare_however_many_videos_they_sum_to():
    words: list[object] = [f"w{n:02}" for n in range(80)] * 2
    frame = videos(ana=subjects(words), ben=subjects(["food"] * 9), cem=subjects(["food"] * 9))
    assert frame["subject_seldom"].sum() == 2 * (80 + 1 - MOST_WORDS)
    separate = design(frame.drop(columns="subject_seldom"), asking(SUBJECT))
    together = design(frame, asking(SUBJECT))
    assert together.variables == separate.variables
    np.testing.assert_array_equal(together.x, separate.x)


def test_the_words_of_most_creators_are_the_common_ones():
    """Nobody's many words take the place of those that several creators use."""
    loud = subjects([f"w{n}" for n in range(2 * MOST_WORDS) for _ in range(9)])
    frame = videos(ana=loud, ben=subjects(["food"]), cem=subjects(["food", None]))
    assert "food" in common_words(frame)
    assert len(common_words(frame)) == MOST_WORDS
    assert not frame.loc[frame["subject"].isna(), "subject_seldom"].any()
