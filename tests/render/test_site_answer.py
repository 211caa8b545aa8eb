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
from pipeline.render.site.answer.headline import lead
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
    lead = words_of(re.search(r'<p class="lead">.*?</p>', pages[state])[0])
    assert ("Nothing is clear yet." in lead) is (counts[Verdict.CLEAR] == 0)
    assert f"For {counts[Verdict.CANNOT_TELL] + counts[Verdict.TOO_FEW]} " in lead
    assert ("may matter" in lead) is (counts[Verdict.MAY] > 0)
    glance = pages[state].split('<div class="glance">')[1].split("</div>")[0]
    assert glance.count('href="#') == len(lines)
    assert set(re.findall(r'href="#([^"]+)"', glance)) == set(cards_of(pages[state]))


@pytest.mark.parametrize("state", TESTED)
def test_the_glance_says_of_what_and_the_range(pools, pages, state):
    glance = words_of(pages[state].split('<div class="glance">')[1].split("</div>")[0])
    likely = [
        line for line in asked(pools[state]) if line.verdict in (Verdict.CLEAR, Verdict.LIKELY)
    ]
    for line in likely:
        range_in_words = f"{ratio(line.ratio(line.estimate))} × the new followers ({ends(line)})"
        assert f"{levers.instead(line.variable)}: {range_in_words}" in glance
    assert glance.count("×") == len(likely)
    assert likely or state != "examples"


@pytest.mark.parametrize("state", TESTED)
def test_the_glance_says_which_way_what_may_matter_points(pools, pages, state):
    glance = words_of(pages[state].split('<div class="glance">')[1].split("</div>")[0])
    hints = [line for line in asked(pools[state]) if line.verdict == Verdict.MAY]
    assert ("May matter" in glance) is bool(hints)
    ways = [
        f"{way}: {', '.join(levers.short(line.variable) for line in held)}"
        for way, held in (
            ("more", [line for line in hints if line.estimate > 0]),
            ("fewer", [line for line in hints if line.estimate < 0]),
        )
        if held
    ]
    which_way = "; ".join(ways)
    assert (
        not hints or f"May matter {which_way[0].upper()}{which_way[1:]}. Can’t tell yet" in glance
    )
    assert hints or state != "examples"


def line_of(term: str, level: str, verdict: str, estimate: float, p: float) -> Card:
    variable = read_back(term, level, "against info" if term == "category" else "")
    made = Estimate(variable, 60, 8, estimate=estimate, p_value=p, verdict=verdict)
    return Card(replace(made, ci_low=estimate - 1, ci_high=estimate + 1), FOLLOWERS)


MORE = line_of("category", "tutorial", Verdict.LIKELY, 0.5, 0.01)
FEWER = line_of("category", "opinion", Verdict.LIKELY, -0.5, 0.02)
EVENING = line_of("posted_hour", "18-23", Verdict.LIKELY, 0.4, 0.03)
UNTOLD = line_of("category", "vlog", Verdict.CANNOT_TELL, 0.1, 0.8)
FIRST = line_of("category", "demo", Verdict.TOO_FEW, 0.1, 0.8)
OTHERS = [
    line_of("category", kind, Verdict.LIKELY, 0.3, 0.05) for kind in ("story", "qa", "review")
]
HINT = line_of("category", "haul", Verdict.MAY, -0.2, 0.2)
CAPTION = line_of("has_caption", "yes", Verdict.LIKELY, 0.3, 0.004)
CLEARLY = line_of("is_reply", "yes", Verdict.CLEAR, 0.9, 0.001)
LEADS = [
    ([UNTOLD, MORE, EVENING, FEWER],
     ("Nothing is clear yet. Three choices are likely: tutorials and evening posts got more new"
      " followers, opinions got fewer. For 1 more, nobody can tell yet.")),
    ([CLEARLY], "One choice is clear: replies to comments got more new followers."),
    ([CLEARLY, FEWER, FIRST],
     ("One choice is clear: replies to comments got more new followers. One more is likely:"
      " opinions got fewer new followers. For 1 more, nobody can tell yet.")),
    ([CLEARLY, MORE, FEWER, HINT, HINT, UNTOLD],
     ("One choice is clear: replies to comments got more new followers. Two more are likely:"
      " tutorials got more new followers, opinions got fewer. Two more may matter. For 1 more,"
      " nobody can tell yet.")),
    ([MORE, FEWER, *OTHERS],
     ("Nothing is clear yet. Five choices are likely. The surest: tutorials, stories and Q&As got"
      " more new followers, opinions got fewer.")),
    ([MORE, CAPTION],
     ("Nothing is clear yet. Two choices are likely: tutorials and videos with a caption got more"
      " new followers.")),
    ([UNTOLD, HINT, FIRST],
     "Nothing is clear yet. One choice may matter. For 2 more, nobody can tell yet."),
    ([HINT, HINT, HINT], "Nothing is clear yet. Three choices may matter."),
    ([UNTOLD, UNTOLD, FIRST], "Nothing is clear yet. For 3 choices, nobody can tell yet."),
    ([FIRST],
     "Four creators are a start. These are first guesses and can be far off: do not plan by them."),
    ([], "Nobody can tell anything yet: there is too little to compare."),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "says"), LEADS)
def test_the_lead_names_the_answer(shown, says):
    assert lead(shown, FOLLOWERS, 4) == says


def test_the_lead_of_one_account_counts_its_comparisons():
    quiet, sure = (
        Card(
            replace(
                MORE.line,
                verdict=Verdict.THIS_ACCOUNT,
                ci_low=low,
                ci_high=0.9,
                lowest=0.3,
                highest=0.6,
            ),
            REACH,
        )
        for low in (-0.1, 0.1)
    )
    assert lead([quiet, quiet], REACH, 1) == "This account has 2 comparisons. Nothing stands out."
    assert lead([quiet, sure], REACH, 1) == (
        "This account has 2 comparisons. One choice stands out: tutorials got more views."
    )


def test_no_more_than_four_are_named_and_the_clear_ones_first():
    clear = [
        replace(card, line=replace(card.line, verdict=Verdict.CLEAR)) for card in (MORE, *OTHERS)
    ]
    words = lead([*clear, CLEARLY, FEWER], FOLLOWERS, 9)
    assert words == (
        "Five choices are clear. The surest: replies to comments, tutorials, stories and Q&As got"
        " more new followers. One more is likely."
    )


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
        ("posted_hour", "0-5",
         "videos posted at night (0 to 5) and ones posted in the afternoon (12 to 17)"),
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
    assert 'class="glance"' not in pages["three"]
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
