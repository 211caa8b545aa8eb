"""The front page: every line once with its numbers, honest in each state, easy to read, light."""

import html
import math
import re
from dataclasses import replace

import pytest

from pipeline.inference.estimates import NOT_ESTIMABLE, NOT_IDENTIFIED
from pipeline.inference.published_line import Estimate, Needed, Verdict
from pipeline.inference.results import Results
from pipeline.model.questions import CONVERSION, FOLLOWERS, REACH, SIGNALS, Part
from pipeline.model.reasons import Reason
from pipeline.model.variables import Variable, read_back
from pipeline.render.labels import levers, table
from pipeline.render.site.answer import cards
from pipeline.render.site.answer import page as answer
from pipeline.render.site.answer.cards import Card
from pipeline.render.site.answer.headline import (
    KnownTruth,
    Statement,
    all_statements,
    known_truth,
    lead,
    statements,
)
from pipeline.render.site.answer.not_estimable import WHY, untold, why
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.numbers import ratio
from support.reading import blocks, grade, syllables
from support.results import findings_of, simulated

pytestmark = pytest.mark.slow  # whole pages are rendered

STATES = ("examples", "nine", "one", "three", "narrow", "empty")
TESTED = ("examples", "nine")
HEAVIEST = 120_000  # bytes of the page
INLINE = re.compile(r"</?(b|bdi|strong|small|span|a)\b[^>]*>")
SAID = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.S)
TUTORIAL = read_back("category", "tutorial", "against info")
LENGTH = Variable(
    "duration_s", "60", "against 25", Part.LEVER, "60 seconds instead of 25", reference="25"
)


@pytest.fixture(scope="module")
def pools(examples, nine, narrow, results_of) -> dict[str, Results]:
    return {
        "examples": examples,
        "nine": nine,
        "one": results_of(1, 70),
        "three": results_of(3, 150),
        "narrow": narrow,
        "empty": results_of(0, 0),
    }


@pytest.fixture(scope="module")
def pages(pools) -> dict[str, str]:
    return {
        state: answer.page(Edition(findings, None, [])).decode()
        for state, findings in pools.items()
    }


def words_of(page: str) -> str:
    """The words of a page, without its pictures; one blank between words."""
    return " ".join(html.unescape(SAID.sub(" ", INLINE.sub("", page))).split())


def asked(findings: Results, question=FOLLOWERS) -> list[Estimate]:
    return [line for line in cards.lines(findings, question) if line.estimate is not None]


def ends(line: Estimate) -> str:
    """The range of a line: "0.81 to 3.37"; "" without one."""
    if line.ci_low is None:
        return ""
    return f"{ratio(line.ratio(line.ci_low))} to {ratio(line.ratio(line.ci_high))}"


def cards_of(page: str) -> dict[str, str]:
    """What each card says, by its place."""
    parts = re.split(r'<li (?:class="card" )?id="([^"]+)">', page)
    words_by_card = dict(
        zip(parts[1::2], (words_of(part.split("</li>")[0]) for part in parts[2::2]), strict=True)
    )
    assert len(words_by_card) == len(parts) // 2, "a place is there twice"
    return words_by_card


@pytest.mark.parametrize(
    ("state", "question"),
    [("examples", FOLLOWERS), ("nine", FOLLOWERS), ("three", FOLLOWERS), ("narrow", REACH),
     ("one", FOLLOWERS)],
)  # fmt: skip
def test_every_line_has_one_card_with_its_numbers(pools, pages, state, question):
    words_by_card = cards_of(pages[state])
    lines = asked(pools[state], question)
    assert len(words_by_card) == len(lines) > 10
    for line in lines:
        card = words_by_card[Card(line, question).anchor]
        assert levers.contrast(line.variable) in card
        assert f"{ratio(line.ratio(line.estimate))} ×" in card
        assert levers.count(line.videos, "video").split()[0] in card
        assert state == "one" or f"{line.creators} creator" in card
        if line.ci_low is None:
            assert "between" not in card
        else:
            low, high = ratio(line.ratio(line.ci_low)), ratio(line.ratio(line.ci_high))
            assert f"between {low} and {high}" in card


@pytest.mark.parametrize("state", [*TESTED, "narrow"])
def test_verdicts_are_counted_and_come_in_order(pools, pages, state):
    lines = asked(pools[state], REACH if state == "narrow" else FOLLOWERS)
    counts = {
        v: sum(line.verdict == v for line in lines)
        for v in (
            Verdict.CLEAR, Verdict.LIKELY, Verdict.MAY, Verdict.CANNOT_TELL, Verdict.TOO_FEW,
        )
    }  # fmt: skip
    headings = re.findall(r"<h3>([^<]+): (\d+)</h3>", html.unescape(pages[state]))
    assert headings == [(levers.heading(v).capitalize(), str(n)) for v, n in counts.items() if n]


@pytest.mark.parametrize("state", [*TESTED, "narrow"])
def test_the_first_screen_names_each_choice_once_by_its_surest_line(pools, pages, state):
    """As estimates.csv has it: what any question tells is stated, and the rest is named."""
    page = pages[state]
    order = [Verdict.CLEAR, Verdict.LIKELY, Verdict.MAY, Verdict.CANNOT_TELL, Verdict.TOO_FEW]
    surest: dict[tuple[str, str], list] = {}
    for question in (FOLLOWERS, REACH, CONVERSION):
        for line in asked(pools[state], question):
            place = surest.setdefault((line.variable.term, line.variable.level), [])
            place.append((order.index(line.verdict), line, question))
    chosen = {key: min(found, key=lambda each: each[0]) for key, found in surest.items()}
    stated = [each for each in chosen.values() if each[0] < 2]
    picture = page.split('<figure class="surest">')[1].split("</figure>")[0] if stated else ""
    rows = [words_of(row) for row in re.findall(r"<li>.*?</li>", picture, re.S)]
    assert len(rows) == len(stated)
    for place, line, question in stated:
        (row,) = (row for row in rows if row.startswith(sentence_of(line, question)))
        assert order[place].value in row
        assert ends(line) in row
        assert (" fewer " in row) is (line.estimate < 0)
    glance = page.split('<div class="glance">')[1].split("</div>")[0]
    left = [each for each in chosen.values() if each[0] >= 2]
    linked = {each.anchor for each in cards.cards(pools[state], answer_of(state))}
    mine = [key for key, each in chosen.items() if each[0] >= 2 and anchor(*key) in linked]
    assert glance.count('href="#') == len(mine)
    names = words_of(glance)
    assert [line.variable for _, line, _ in left if levers.short(line.variable) not in names] == []
    lead = words_of(re.search(r'<p class="lead">.*?</p>', page)[0])
    verdicts = [order[each[0]] for each in chosen.values()]
    assert ("Nothing is clear yet." in lead) is (Verdict.CLEAR not in verdicts)
    rest = sum(verdict in (Verdict.CANNOT_TELL, Verdict.TOO_FEW) for verdict in verdicts)
    assert f"For {rest} " in lead
    assert ("may matter" in lead) is (Verdict.MAY in verdicts)


def answer_of(state):
    return REACH if state == "narrow" else FOLLOWERS


def anchor(term: str, level: str) -> str:
    return f"{term}-{level}".replace("_", "-")


def sentence_of(line: Estimate, question) -> str:
    return words_of(Statement(Card(line, question)).sentence)


def line_of(term: str, level: str, verdict: str, estimate: float, p: float) -> Card:
    variable = read_back(term, level, "against info" if term == "category" else "")
    made = Estimate(
        variable, 60, 8, estimate=estimate, p_value=p, statistic=1.0, odds=0.85, verdict=verdict
    )
    return Card(replace(made, ci_low=estimate - 1, ci_high=estimate + 1), FOLLOWERS)


MORE = line_of("category", "tutorial", Verdict.LIKELY, 0.5, 0.01)
FEWER = line_of("category", "opinion", Verdict.LIKELY, -0.5, 0.02)
EVENING = line_of("posted_hour", "18-23", Verdict.LIKELY, 0.4, 0.03)
UNTOLD = line_of("category", "vlog", Verdict.CANNOT_TELL, 0.1, 0.8)
FIRST = line_of("category", "demo", Verdict.TOO_FEW, 0.1, 0.8)
OTHERS = [
    line_of("category", kind, Verdict.LIKELY, 0.3, 0.05) for kind in ("story", "qa", "review")
]
HINT = line_of("category", "reaction", Verdict.MAY, -0.2, 0.2)
CAPTION = line_of("has_caption", "yes", Verdict.LIKELY, 0.3, 0.004)
CLEARLY = line_of("is_reply", "yes", Verdict.CLEAR, 0.9, 0.001)
LEADS = [
    ([UNTOLD, MORE, EVENING, FEWER],
     ("Nothing is clear yet. Tutorials got about 65 % more new followers than info videos (about a"
      " 4 in 5 chance). Opinions got about 39 % fewer new followers than info videos (about a 4 in"
      " 5 chance). One more is likely. For 1 more, nobody can tell yet.")),
    ([CLEARLY], "Replies to comments got about 2.46 times as many new followers as other videos."),
    ([CLEARLY, FEWER, FIRST],
     ("Replies to comments got about 2.46 times as many new followers as other videos. Opinions got"
      " about 39 % fewer new followers than info videos (about a 4 in 5 chance). For 1 more, nobody"
      " can tell yet.")),
    ([CLEARLY, MORE, FEWER, CAPTION, HINT, UNTOLD],
     ("Replies to comments got about 2.46 times as many new followers as other videos. Videos with"
      " a caption got about 35 % more new followers than videos without one (about a 4 in 5"
      " chance). Two more are likely. One more may matter. For 1 more, nobody can tell yet.")),
    ([UNTOLD, HINT, FIRST],
     "Nothing is clear yet. One choice may matter. For 2 more, nobody can tell yet."),
    ([UNTOLD, FIRST], "Nothing is clear yet. For 2 choices, nobody can tell yet."),
    ([FIRST],
     "Four creators are a start. These are first guesses and can be far off: do not plan by them."),
    ([], "Nobody can tell anything yet: there is too little to compare."),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "says"), LEADS)
def test_the_lead_names_the_answer(shown, says):
    assert lead(statements({FOLLOWERS: shown}), 4) == says


@pytest.mark.parametrize(
    ("low", "says"),
    [(-0.1, "Nothing stands out."),
     (0.1, "Tutorials got about 65 % more views than info videos.")],
)  # fmt: skip
def test_the_lead_of_one_account_counts_its_comparisons(low, says):
    line = replace(
        MORE.line, verdict=Verdict.THIS_ACCOUNT, ci_low=low, ci_high=0.9, lowest=0.3, highest=0.6
    )
    quiet = replace(line, variable=UNTOLD.variable, ci_low=-0.1)
    shown = [Card(replace(each, odds=None), REACH) for each in (quiet, line)]
    assert lead(statements({REACH: shown}), 1) == f"This account has 2 comparisons. {says}"


def test_a_choice_is_told_by_the_surest_question_and_by_followers_where_they_are_as_sure():
    views = replace(UNTOLD, question=REACH, line=replace(UNTOLD.line, verdict=Verdict.CLEAR))
    rate = replace(MORE, question=CONVERSION)
    said = statements({FOLLOWERS: [UNTOLD, MORE], REACH: [views], CONVERSION: [rate]})
    assert [(each.card.question, each.verdict) for each in said] == [
        (REACH, Verdict.CLEAR),
        (FOLLOWERS, Verdict.LIKELY),
    ]


def test_sizes_allow_for_luck_and_ranges_are_those_of_the_line():
    lucky = replace(MORE, line=replace(MORE.line, shrunken=0.2))
    (said,) = statements({FOLLOWERS: [lucky]})
    assert said.ratio == pytest.approx(math.exp(0.2))
    assert said.sentence == "Tutorials got about 22 % more new followers than info videos"
    assert said.ends == pytest.approx((math.exp(-0.5), math.exp(1.5)))


def test_the_truth_is_held_against_what_is_said_where_it_is_known(pools):
    findings = pools["examples"]
    known = known_truth(findings, all_statements(findings))
    effects = findings.effects
    lines = [
        (line, effects[question.name][line.variable.term][line.variable.level])
        for question in (FOLLOWERS, REACH, CONVERSION)
        for line in asked(findings, question)
        if line.ci_low is not None
        and line.variable.level in effects[question.name].get(line.variable.term, {})
    ]
    held = sum(line.ci_low <= truth <= line.ci_high for line, truth in lines)
    assert (known.intervals, known.held) == (len(lines), held)
    assert f"{held} of {len(lines)} ranges of 95 % hold the truth" in known.sentence
    assert known_truth(pools["nine"], all_statements(pools["nine"])) is None


@pytest.mark.parametrize(
    ("statements", "wrong", "says"),
    [(6, (), "all 6 things called clear or likely point the right way, and 9 of 9"),
     (2, ("opinions",),
      ("1 of the 2 things called clear or likely points the right way (opinions the wrong way),"
       " and 9 of 9")),
     (1, (), "the 1 thing called clear or likely points the right way, and 9 of 9"),
     (0, (), "9 of 9")],
)  # fmt: skip
def test_the_truth_in_words(statements, wrong, says):
    said = KnownTruth(statements, wrong, 9, 9).sentence
    assert said == f"{says} ranges of 95 % hold the truth."


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        ([FEWER, MORE], "Make tutorials and info videos, and take turns."),
        ([line_of("category", "promo", Verdict.LIKELY, 0.5, 0.001), FEWER],
         "Make opinions and info videos, and take turns."),
        ([line_of("has_cover", "yes", Verdict.LIKELY, 0.5, 0.001)],
         "Make videos with a cover and videos without one, and take turns."),
        ([UNTOLD, HINT, CLEARLY], ""),
    ],
)  # fmt: skip
def test_the_next_step_is_to_try_what_is_likely_the_surest(shown, says):
    assert answer.first_try(shown) == says


CHANCES = [
    (Verdict.LIKELY, 0.5, 0.93, (0.0, 0.4, 0.7),
     ("About a 9 in 10 chance that it goes with more. Allowing for luck, it is more like"
      " 1.49 × (1.00 to 2.01).")),
    (Verdict.LIKELY, -0.5, 0.8, (-0.7, -0.4, 0.0),
     ("About a 4 in 5 chance that it goes with fewer. Allowing for luck, it is more like"
      " 0.67 × (0.50 to 1.00).")),
    (Verdict.MAY, 0.5, 2 / 3, (-0.1, 0.1, 0.4),
     ("About a 2 in 3 chance that it goes with more. Allowing for luck, it is more like"
      " 1.11 × (0.90 to 1.49).")),
    (Verdict.CLEAR, 0.5, 0.99, (0.1, 0.4, 0.7), ""),
    (Verdict.CANNOT_TELL, 0.5, 0.7, (0.1, 0.4, 0.7), ""),
    (Verdict.LIKELY, 0.5, None, (None, None, None), ""),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "estimate", "odds", "shrunken", "says"), CHANCES)
def test_the_chance_of_what_is_likely_or_may_be(verdict, estimate, odds, shrunken, says):
    low, size, high = shrunken
    line = replace(STANDARD, estimate=estimate, verdict=verdict, odds=odds, shrunken=size)
    line = replace(line, shrunken_low=low, shrunken_high=high)
    assert Card(line, FOLLOWERS).chance == says


@pytest.mark.parametrize("state", TESTED)
def test_a_card_or_a_row_says_its_chance_and_no_other_does(pools, pages, state):
    shown = cards_of(pages[state])
    for card in cards.cards(pools[state], FOLLOWERS):
        is_hint = card.line.verdict in (Verdict.LIKELY, Verdict.MAY)
        assert ("chance that it goes with" in shown[card.anchor]) is is_hint
        assert card.chance in shown[card.anchor]


@pytest.mark.parametrize("odds", [2 / 3, 0.7, 0.75, 0.79, 0.8, 0.899, 0.9, 0.95, 0.989, 0.99, 1.0])
def test_a_chance_is_never_said_to_be_more_than_it_is(odds):
    part, whole = levers.odds(odds).split(" in ")
    assert 0 <= odds - int(part) / int(whole) < 0.1


def test_a_verdict_that_stands_alone_is_no_month():
    assert levers.heading(Verdict.MAY) == "may matter"
    assert levers.heading(Verdict.CLEAR) == Verdict.CLEAR


@pytest.mark.parametrize(
    ("rate", "low", "high", "people"),
    [
        (0.51, 0.37, 0.70, (10_000, (5, 4, 7))),
        (0.42, None, None, (10_000, (4,))),
        (0.031, 0.021, 0.052, (100_000, (3, 2, 5))),
        (0.55, 0.54, 0.56, (100_000, (55, 54, 56))),
        (0.0, None, None, None),
    ],
)
def test_a_rate_is_of_whole_people(rate, low, high, people):
    assert answer.ShownRate(100, rate, low, high).people == people


def test_views_are_told_by_all_videos_and_followers_by_those_with_a_count(pools, pages):
    seen, counted = (
        len(next(a for a in pools["examples"].answers if a.question == each).fit.sample.y)
        for each in (REACH, CONVERSION)
    )
    assert counted < seen == answer.viewed(pools["examples"]) == len(pools["examples"].pool.videos)
    assert f"This uses all {seen:,} videos, including those without a follower count." in words_of(
        pages["examples"]
    )


def test_what_is_clear_or_likely_comes_the_surest_first(pools):
    groups = dict(cards.by_verdict(cards.cards(pools["examples"], FOLLOWERS)))
    surest = groups.get(Verdict.CLEAR, ()), groups[Verdict.LIKELY]
    assert sum(map(len, surest)) > 2
    for held in surest:
        values = [card.line.p_value for card in held]
        assert values == sorted(values)


@pytest.mark.parametrize("state", [*TESTED, "three"])
def test_halves_are_the_lines_of_the_two_questions_and_multiply(pools, pages, state):
    findings = pools[state]
    reach, conversion = (
        {line.variable: line for line in asked(findings, each)} for each in (REACH, CONVERSION)
    )
    shown = cards_of(pages[state])
    for card in cards.cards(findings, FOLLOWERS):
        words = shown[card.anchor]
        for half, line, before in (
            (card.reach, reach[card.variable], "Views"),
            (card.conversion, conversion[card.variable], "ollowers per 1,000 views"),
        ):
            assert half.line == line
            assert half.ratio == line.ratio(line.estimate)
            ratio_in_words = f"{before} {ratio(half.ratio)} ×"
            if line.ci_low is None:
                assert half.ends is None
                assert ratio_in_words in words
            else:
                assert half.ends == (line.ratio(line.ci_low), line.ratio(line.ci_high))
                assert f"{ratio_in_words} ({ends(line)})" in words
        whole = card.line.ratio(card.line.estimate)
        assert math.log(whole) == pytest.approx(
            math.log(card.reach.ratio) + math.log(card.conversion.ratio), abs=1e-6
        )


@pytest.mark.parametrize(
    ("verdict", "mark"),
    [(Verdict.CLEAR, "<rect"), (Verdict.LIKELY, 'd="M{x} 3l6 11h-12z"'),
     (Verdict.MAY, 'd="M{x} 3l6 6-6 6-6-6z"'), (Verdict.CANNOT_TELL, "<circle"),
     (Verdict.TOO_FEW, 'class="cross"')],
)  # fmt: skip
def test_each_verdict_has_its_mark_on_its_card(pools, pages, verdict, mark):
    held = [
        (state, card)
        for state in TESTED
        for card in cards.cards(pools[state], FOLLOWERS)
        if card.line.verdict == verdict
    ]
    assert held
    for state, card in held:
        drawing = pages[state].split(f'id="{card.anchor}"')[1].split("</svg>")
        whisker = next(each for each in drawing if 'class="whisker' in each)
        assert mark.replace("{x}", str(4 + 2 * card.bar.at)) in whisker
        assert (
            sum(each in whisker for each in ("<rect", "3l6 11", "3l6 6", "<circle", "cross")) == 1
        )


STANDARD = replace(
    Estimate(TUTORIAL, 60, 8), estimate=0.5, ci_low=-0.1, ci_high=1.1, lowest=0.4, highest=0.6
)
WANTS = [
    (Verdict.LIKELY, Needed(28, 150, 68), TUTORIAL,
     "About 20 to 60 more creators could make it clear."),
    (Verdict.MAY, Needed(28, 150, 68), LENGTH, "About 20 to 60 more creators could make it clear."),
    (Verdict.LIKELY, Needed(20, 150, 20), TUTORIAL,
     "About 12 more creators could make it clear."),
    (Verdict.LIKELY, Needed(8, 60, 9), TUTORIAL, "About 1 more creator could make it clear."),
    (Verdict.LIKELY, Needed(8, 60, 20), TUTORIAL,
     "About 1 to 12 more creators could make it clear."),
    (Verdict.MAY, Needed(28, 150, None), TUTORIAL,
     "To make it clear, it would take about 20 more creators at least, or many more."),
    (Verdict.MAY, Needed(28, 150, 9000), TUTORIAL,
     "To make it clear, it would take about 20 more creators at least, or many more."),
    (Verdict.MAY, Needed(28, 150, 1008), TUTORIAL,
     "About 20 to 1,000 more creators could make it clear."),
    (Verdict.LIKELY, Needed(8, 60, 8), TUTORIAL, "About 1 more creator could make it clear."),
    (Verdict.LIKELY, None, TUTORIAL,
     "We cannot say how many more creators would make this clear."),
    (Verdict.MAY, None, TUTORIAL,
     "We cannot say how many more creators would make this clear."),
    (Verdict.CANNOT_TELL, Needed(20, 150, 20), TUTORIAL,
     "About 12 more creators, with 90 more such videos, would be enough to tell."),
    (Verdict.CANNOT_TELL, Needed(9, 61, 9), LENGTH,
     "About 1 more creator, with 1 more such video, would be enough to tell."),
    (Verdict.CANNOT_TELL, Needed(8, 60, 8), TUTORIAL,
     "The range still reaches up to 3.00 ×."),
    (Verdict.CANNOT_TELL, None, TUTORIAL,
     "We cannot say how many more videos would be enough to tell."),
    (Verdict.THIS_ACCOUNT, Needed(1, 1060, 1), TUTORIAL,
     "About 1,000 more such videos would be enough to tell."),
    (Verdict.CLEAR, None, TUTORIAL, ""),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "needed", "variable", "wants"), WANTS)
def test_what_would_tell(verdict, needed, variable, wants):
    line = replace(STANDARD, verdict=verdict, needed=needed, variable=variable)
    assert Card(line, FOLLOWERS).wants == wants


@pytest.mark.parametrize(
    ("low", "high", "wants"),
    [
        (-0.3, 0.3, "A difference of more than 1.5 times either way is unlikely."),
        (-0.03, 0.66, "The range still reaches up to 1.93 ×."),
        (-0.66, 0.03, "The range still reaches down to 0.52 ×."),
    ],
)
@pytest.mark.parametrize(
    ("verdict", "needed"),
    [(Verdict.CANNOT_TELL, Needed(8, 60, 8)), (Verdict.THIS_ACCOUNT, Needed(1, 60, 1))],
)
def test_a_narrow_range_says_what_it_still_allows(verdict, needed, low, high, wants):
    line = replace(STANDARD, verdict=verdict, needed=needed, ci_low=low, ci_high=high)
    assert Card(line, FOLLOWERS).wants == wants


@pytest.mark.parametrize("verdict", [Verdict.LIKELY, Verdict.MAY])
def test_where_one_creator_decides_the_sign_it_says_so(verdict):
    line = replace(STANDARD, verdict=verdict, needed=Needed(8, 60, 8), lowest=-0.1)
    assert Card(line, FOLLOWERS).wants == (
        "One creator decides which way it goes. More creators would tell."
    )


@pytest.mark.parametrize(
    ("creators", "more"), [(2, "3 more creators who make"), (4, "1 more creator who makes")]
)
@pytest.mark.parametrize(
    ("term", "level", "kinds"),
    [
        ("category", "opinion", "opinions and info videos"),
        ("duration_s", "10", "videos of about 10 seconds and ones of about 25 seconds"),
        ("hashtags", "0", "videos without hashtags and ones with about 3 hashtags"),
        ("sound", "library", "videos with library music and ones with their own sound"),
        ("posted_hour", "0-5", "night posts and afternoon posts"),
        ("has_cover", "yes", "videos with a cover and videos without one"),
    ],
)  # fmt: skip
def test_too_few_creators_want_the_rest_of_five(creators, more, term, level, kinds):
    variable = read_back(term, level, f"against {levers.REFERENCES[term]}")
    line = replace(STANDARD, verdict=Verdict.TOO_FEW, creators=creators, variable=variable)
    assert Card(line, FOLLOWERS).wants == f"{more} {kinds} would give a range."


@pytest.mark.parametrize(
    ("reason", "verdict", "said_as"),
    [
        (Reason.ONE_CREATOR, NOT_ESTIMABLE, "Only one creator’s videos can tell."),
        (Reason.ONE_VIDEO, NOT_ESTIMABLE, "One video alone decides it."),
        (Reason.COLLINEAR, NOT_IDENTIFIED, "It comes only together with other choices."),
        (None, NOT_ESTIMABLE, "Only real-birch’s videos can tell."),
    ],
)
def test_why_nothing_can_be_told_names_nobody(reason, verdict, said_as):
    named = "only real-birch’s videos can tell"
    line = replace(STANDARD, estimate=None, verdict=verdict, why=named, reason=reason)
    assert why(line, FOLLOWERS) == said_as


def test_what_got_nothing_is_said_of_what_the_question_counts():
    line = replace(STANDARD, estimate=None, reason=Reason.INFINITE)
    assert "no view at all" in why(line, REACH)
    assert "no follower at all" in why(line, FOLLOWERS)


def test_every_reason_of_a_published_line_has_its_words():
    assert set(WHY) == set(Reason) - {Reason.HEAVY, Reason.OPEN}


@pytest.mark.parametrize("state", ["examples", "nine", "one", "three"])
def test_all_that_was_asked_is_told_or_said_to_be_untold(pools, pages, state):
    words = words_of(pages[state])
    lines = [line for line in cards.lines(pools[state], FOLLOWERS) if line.estimate is None]
    for line in lines:
        assert f"{levers.contrast(line.variable)}. {why(line, FOLLOWERS)}" in words
    untold_lines = untold(pools[state], FOLLOWERS)
    assert (
        f"tell about new followers: {len(untold_lines)}" in words
        or f"tell at all: {len(untold_lines)}" in words
    )


def test_one_account_has_no_verdicts(pages):
    words = words_of(pages["one"])
    assert "one account" in words
    assert "This account has 1" in words
    assert re.search(r"(All|The other) \d+ comparisons", words)
    for verdict in (Verdict.CLEAR, Verdict.CANNOT_TELL, Verdict.TOO_FEW, "may matter"):
        assert not re.search(rf"\b{verdict}\b", words), verdict
    assert 'class="verdict' not in pages["one"]
    assert "chance" not in words
    assert ">likely<" not in pages["one"]


def test_two_to_four_creators_have_numbers_and_no_interval(pages):
    words = words_of(pages["three"])
    assert "Three creators are a start." in words
    assert "do not plan by them" in words
    assert "between" not in words
    assert words.count("first guess: ") == len(cards_of(pages["three"])) > 10
    assert "×" not in words_of(pages["three"].split("Common beliefs")[1])
    assert "<b>" not in pages["three"].split('id="levers"')[1]
    assert "Nobody can tell yet" not in words.split("Common beliefs")[0]
    assert "the faint crosses" not in words.lower()


def test_an_empty_pool_says_how_to_begin(pages):
    words = words_of(pages["empty"])
    assert "Nobody has added a video yet." in words
    assert "How to begin" in words
    assert "CONTRIBUTING.md" in words
    assert "svg" not in pages["empty"].split("<main")[1]


def test_without_follower_counts_it_speaks_of_views(pages):
    words = words_of(pages["narrow"])
    assert "We can’t say anything about new followers yet." in words
    assert table.question(REACH.name).asks in words
    assert "× the views" in words
    assert "× the new followers" not in words
    assert "More views, or more followers" not in words
    assert "per 1,000 views" not in words


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_said_to_be_caused(pages, state):
    words = words_of(pages[state]).lower()
    for word in (
        "cause",
        "leads to",
        "effect of",
        "because of",
        "boost",
        "★",
        "***",
        "significant",
    ):
        assert word not in words


@pytest.mark.parametrize(
    ("state", "empty"),
    [("examples", ()), ("nine", ()), ("three", ()), ("one", ("normal",)), ("narrow", ("normal",)),
     ("empty", ("compare", "normal"))],
)  # fmt: skip
def test_every_page_that_has_something_is_one_step_away(pages, state, empty):
    after = pages[state].split("Where to go next")[1].split("</main>")[0]
    for name in ("compare", "normal", "how-sure", "data"):
        assert (f'href="{name}.html"' in after) is (name not in empty), name


def test_simulated_creators_are_named_as_such_in_words_and_pictures(pages):
    assert "These numbers are simulated." in words_of(pages["examples"])
    assert pages["examples"].count("Simulated creators") == 2
    assert "Simulated creators" not in pages["nine"]


@pytest.mark.parametrize("state", TESTED)
def test_beliefs_are_answered_from_the_same_lines(pools, pages, state):
    words = words_of(pages[state].split("Common beliefs")[1].split("<h2>")[0])
    lines = [line for line in asked(pools[state]) if line.variable.term in answer.BELIEFS]
    assert len(lines) >= 5
    for line in lines:
        contrast = levers.contrast(line.variable)
        numbers = f"{ratio(line.ratio(line.estimate))} × ({ends(line)})."
        way = f"{'more' if line.estimate > 0 else 'fewer'} {FOLLOWERS.counts}"
        told = {
            Verdict.CLEAR: f"{contrast}: {way}, and that is clear. {numbers}",
            Verdict.LIKELY: f"{contrast}: likely {way}. {numbers}",
            Verdict.MAY: f"{contrast}: maybe {way}. {numbers}",
            Verdict.CANNOT_TELL: f"{contrast}: {numbers}",
        }
        for verdict, says in told.items():
            assert (says in words) is (verdict == line.verdict)
        if line.verdict == Verdict.CANNOT_TELL:
            assert words.rfind("Nobody can tell yet. ", 0, words.index(contrast)) >= 0
        if line.verdict == Verdict.TOO_FEW:
            assert "Nobody can tell yet: fewer than five creators have tried it both ways." in words


@pytest.mark.parametrize(
    ("card", "says"),
    [(CLEARLY, "A cover you chose: more new followers, and that is clear."),
     (FEWER, "A cover you chose: likely fewer new followers."),
     (HINT, "A cover you chose: maybe fewer new followers."), (UNTOLD, "Nobody can tell yet.")],
)  # fmt: skip
def test_a_belief_is_answered_by_the_verdict(pools, card, says):
    contradicting = replace(
        card, line=replace(card.line, variable=read_back("has_cover", "yes", ""))
    )
    belief = next(
        b for b in answer.beliefs(pools["examples"], [contradicting], FOLLOWERS) if b.answers
    )
    assert belief.answers == ((says, (contradicting,)),)


@pytest.mark.parametrize("state", TESTED)
def test_signs_are_those_that_stand_out_and_no_others(pools, pages, state):
    words = words_of(pages[state].split("Signs, not advice")[1].split("<h2>")[0])
    lines = [line for line in asked(pools[state], SIGNALS) if line.variable.part is Part.ENGAGEMENT]
    out = [line for line in lines if line.verdict in (Verdict.CLEAR, Verdict.LIKELY)]
    assert words.count("×") == len(out)
    assert out or state != "examples"
    assert ("No sign is clear or likely yet." in words) is (not out)
    for line in out:
        range_in_words = f"{ratio(line.ratio(line.estimate))} × ({ends(line)})"
        assert re.search(
            f"Videos with {line.variable.says} had (a little )?"
            f"{'more' if line.estimate > 0 else 'less'}: {re.escape(range_in_words)}", words
        )  # fmt: skip


def test_the_rate_has_an_interval_from_five_creators_on(pools, pages):
    for state, findings in pools.items():
        rate = answer.rate(findings)
        assert (rate is None) is (state in ("empty", "narrow"))
        if rate:
            enough = len(findings.pool.creators) >= 5
            assert enough or rate.low is None
            assert rate.low is not None or not enough or state != "examples"
            assert rate.low is None or 1 < rate.high / rate.low <= 30
            assert ("(95 % range" in words_of(pages[state])) is (rate.low is not None)
            assert f"{ratio(rate.rate)} new followers per 1,000 views" in words_of(pages[state])


def test_two_creators_have_no_rate(results_of):
    findings = results_of(2, 100)
    assert len(findings.pool.creators) == 2
    assert answer.rate(findings) is None
    assert "new followers per 1,000 views" not in words_of(
        answer.page(Edition(findings, None, [])).decode()
    )


@pytest.mark.parametrize("state", ["examples", "nine"])
def test_the_map_s_table_has_both_ratios_and_intervals(pools, pages, state):
    table = re.search(r"<table><caption>Ratios of views.*?</table>", pages[state], re.S)[0]
    rows = [words_of(row) for row in re.findall(r"<tr>.*?</tr>", table, re.S)[1:]]
    places = [c for c in cards.cards(pools[state], FOLLOWERS) if c.reach and c.conversion]
    assert len(rows) == len(places) > 10
    for row, card in zip(rows, places, strict=True):
        assert row.startswith(levers.contrast(card.variable))
        assert row.endswith(card.surer)
        for half in (card.reach, card.conversion):
            ends = f"{ratio(half.ends[0])} to {ratio(half.ends[1])}" if half.ends else "none"
            assert f"{ratio(half.ratio)} {ends}" in row


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_light(pages, state):
    assert len(pages[state].encode()) <= HEAVIEST


@pytest.mark.parametrize("state", STATES)
def test_it_reads_at_grade_eight_or_less(pages, state):
    text = blocks(pages[state])
    sentences = [block for block in text if re.search(r"[.?!]$", block)]
    assert len(sentences) > 5
    assert grade(text) <= 8
    assert grade(sentences) <= 8  # without headings and labels, too, which are short


def test_the_grade_is_that_of_flesch_and_kincaid():
    """By hand: 6 words, 2 sentences, 7 syllables; then 10 words in one, with 24."""
    assert [syllables(w) for w in ("dog", "sleepy", "1,234", "qwzaeb")] == [1, 2, 1, 1]
    assert grade(["The dog is sleepy. It sat."]) == pytest.approx(
        0.39 * 6 / 2 + 11.8 * 7 / 6 - 15.59
    )
    hard = "Considerable methodological sophistication characterizes international collaboration"
    assert grade([hard]) > 20
    assert grade(["One two", "three four"]) == grade(["One two. Three four."])
    assert blocks("<head>no</head><p>Yes <b>it is</b>.</p><svg>no</svg><li>And<li>so") == [
        "Yes it is.", "And", "so",
    ]  # fmt: skip


def test_a_reference_is_the_one_that_was_used():
    rare = replace(TUTORIAL, reference="story")
    assert levers.contrast(rare) == "A tutorial instead of a story"
    assert levers.versus(rare) == "tutorial, not story"


def test_refused_folders_are_named_first_and_inert(tmp_path, pools):
    folder = simulated(tmp_path / "some", 1, 40)
    (folder / "ana").mkdir()
    (folder / "ana" / "creator.toml").write_text("no = 1\n", encoding="utf-8")
    (folder / "ana" / "a.csv").write_text("video\n", encoding="utf-8")
    findings = findings_of(folder)
    page = words_of(answer.page(Edition(findings, None, [])).decode())
    assert f"1 creator left out: the check did not accept {findings.refused[0].place}." in page
    evil = replace(findings.refused[0], place="<img src=x onerror=alert(1)>")
    page = answer.page(Edition(replace(findings, refused=(evil,)), None, [])).decode()
    assert "<img src=x" not in page


def test_what_nobody_noted_is_not_called_a_kind_and_quarters_are_no_choice(pools):
    answered = [(f, a.question, a.fit.design.rare) for f in pools.values() for a in f.answers]
    rare = [level for *_, terms in answered for each in terms for level, _ in each.levels]
    wrong = re.compile(r"unknown|\d{4}q\d", re.I)
    assert any(wrong.fullmatch(level) for level in rare)
    for findings, question, _ in answered:
        if question.advice:
            assert not [what for what, _ in untold(findings, question) if wrong.fullmatch(what)]
