"""The page on sureness, its pictures and its sentences, from rows made up here."""

import dataclasses
import math
import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from conftest import DAY

from pipeline.analysis.diagnostics.creator_slopes import Personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics, Silence
from pipeline.analysis.diagnostics.lines import lines
from pipeline.analysis.prediction.tables import (
    AFTERWARDS,
    BEFORE,
    CREATORS,
    VIDEOS,
    Bin,
    Relevance,
    Score,
)
from pipeline.analysis.robustness.choices import (
    COMPLETE,
    LOG1P,
    NEGATIVE_BINOMIAL,
    OF_2022,
    POISSON,
    WITHOUT_AGE,
    ZERO_TRAP,
)
from pipeline.analysis.robustness.influence import Influence
from pipeline.analysis.robustness.specification_curve import Specification
from pipeline.dataset.check import check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read_folders
from pipeline.dataset.simulate import simulate
from pipeline.inference.estimates import Estimate
from pipeline.inference.results import Results, gather, read_effects
from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, THIS_ACCOUNT
from pipeline.model.questions import Part
from pipeline.model.variables import Variable
from pipeline.render.diagnostics.prediction import points
from pipeline.render.diagnostics.sentences import (
    holds,
    is_better,
    misled,
    ranked,
    stands_out,
    trapped,
)
from pipeline.render.markdown.how_sure import figures, page

PUBLISHED = Specification(
    "followers", "has_cover", "yes", "yes against no", 0,
    POISSON, "as given", "not noted is a level", "as noted", "with age", "all videos", "",
    100, 6, 0.5, 0.2, 0.1, 0.9,
)  # fmt: skip
LARGEST = 150_000  # bytes of a picture


def other(number: int, estimate: float | None, **changes: object) -> Specification:
    ends = (None, None) if estimate is None else (estimate - 0.4, estimate + 0.4)
    row = dataclasses.replace(
        PUBLISHED, analysis=number, estimate=estimate, ci_low=ends[0], ci_high=ends[1]
    )
    return dataclasses.replace(row, **changes)


NB, AGE = {"estimator": NEGATIVE_BINOMIAL}, {"age": WITHOUT_AGE}
LOG = {"estimator": LOG1P}
TRAP = {"trap": ZERO_TRAP, "zeros": "blanks as zero"}

# rows beside the published one → same, told, untold, low, high, other scale, moved by, moved to
HOLDINGS = {
    "none": ([], (0, 0, 0, 0.5, 0.5, 0, "", None)),
    "all hold": (
        [other(1, 0.4, **NB), other(2, 0.7, **AGE)],
        (2, 2, 0, 0.4, 0.7, 0, WITHOUT_AGE, 0.7),
    ),
    "one turns": (
        [other(1, -0.1, **NB), other(2, 0.7, **AGE)],
        (1, 2, 0, -0.1, 0.7, 0, NEGATIVE_BINOMIAL, -0.1),
    ),
    "two departures move nothing on their own": (
        [other(1, 0.4, **NB), other(2, 3.0, **NB, **AGE)],
        (2, 2, 0, 0.4, 3.0, 0, NEGATIVE_BINOMIAL, 0.4),
    ),
    "one cannot tell": (
        [other(1, 0.4, **NB), other(2, None, levers=COMPLETE)],
        (1, 1, 1, 0.4, 0.5, 0, NEGATIVE_BINOMIAL, 0.4),
    ),
    "another scale has a sign and no size": (
        [other(1, 0.4, **NB), other(2, -0.01, **LOG)],
        (1, 2, 0, 0.4, 0.5, 1, NEGATIVE_BINOMIAL, 0.4),
    ),
    "a trap is no reasonable analysis": (
        [other(1, -2.0, **TRAP)],
        (0, 0, 0, 0.5, 0.5, 0, "", None),
    ),
    "no difference has no sign": (
        [other(1, 0.0, **NB)],
        (0, 1, 0, 0.0, 0.5, 0, NEGATIVE_BINOMIAL, 0.0),
    ),
}


@pytest.mark.parametrize("case", HOLDINGS)
def test_how_a_line_holds(case):
    rows, expected = HOLDINGS[case]
    found = holds([PUBLISHED, *rows])
    assert found is not None
    told = (found.same, found.told, found.untold, found.low, found.high)
    assert (*told, found.other_scale, found.moved_by, found.moved_to) == expected
    assert holds([*reversed(rows), PUBLISHED]) == found or len(rows) > 1


def test_a_line_without_a_published_estimate_holds_nothing():
    assert holds([]) is None
    assert holds([dataclasses.replace(PUBLISHED, estimate=None)]) is None


def test_of_signals_the_others_are_on_another_scale():
    own = dataclasses.replace(PUBLISHED, estimator=LOG1P)
    found = holds([own, other(1, 9.0), other(2, 0.6, **LOG, **AGE)])
    assert found is not None
    assert (found.high, found.other_scale, found.moved_to) == (0.6, 1, 0.6)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "no other reasonable analysis can tell"),
        ([other(1, 0.4, **NB)], "the sign holds in 1 of 1 other reasonable analysis"),
        ([other(1, 0.4), other(2, -1.0)], "the sign holds in 1 of 2 other reasonable analyses"),
        (
            [other(1, 0.4), other(2, 0.3), other(3, None)],
            "the sign holds in 2 of 2 other reasonable analyses that can tell",
        ),
    ],
)
def test_the_sentence(rows, sentence):
    found = holds([PUBLISHED, *rows])
    assert found is not None
    assert found.sentence == sentence


UNSURE = dataclasses.replace(PUBLISHED, ci_low=-0.1, ci_high=1.1)
# the published row, the trap's → lines, turned, sure, sure and turned, lost
MISLED = {
    "the same": (PUBLISHED, other(1, 0.6, **TRAP), (1, 0, 0, 0, 0)),
    "made sure": (UNSURE, other(1, 0.6, **TRAP), (1, 0, 1, 0, 0)),
    "made sure, the wrong way round": (UNSURE, other(1, -0.6, **TRAP), (1, 1, 1, 1, 0)),
    "turned, and not sure": (UNSURE, other(1, -0.1, **TRAP), (1, 1, 0, 0, 0)),
    "sure no more": (PUBLISHED, other(1, 0.1, **TRAP), (1, 0, 0, 0, 1)),
    "sure of what has no interval": (
        dataclasses.replace(PUBLISHED, ci_low=None, ci_high=None),
        other(1, 0.6, **TRAP),
        (1, 0, 1, 0, 0),
    ),
    "cannot tell": (PUBLISHED, other(1, None, **TRAP), (0, 0, 0, 0, 0)),
    "another trap": (PUBLISHED, other(1, 0.6, trap=OF_2022), (0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("case", MISLED)
def test_what_a_trap_makes_of_a_line(case):
    own, row, expected = MISLED[case]
    assert dataclasses.astuple(misled([[own, row]], ZERO_TRAP)) == expected


def test_a_trap_is_found_by_its_name():
    rows = [PUBLISHED, other(1, 0.6, **TRAP), other(2, 0.7, trap=OF_2022)]
    assert trapped(rows, OF_2022) is rows[2]
    assert trapped(rows[:1], OF_2022) is None


def skill(model: str, value: float | None, low: float | None = None, **changes: object) -> Score:
    row = Score(BEFORE, VIDEOS, model, "skill", value, low, value and value + 0.1, 90, 6, "")
    return dataclasses.replace(row, **changes)


def test_models_are_ranked_within_their_league():
    scores = [
        skill("own-mean", 0.0), skill("poisson", 0.2, 0.1), skill("boosting", -0.3, -0.4),
        skill("random-forest", None), skill("poisson", 0.9, 0.8, known=AFTERWARDS),
        skill("poisson", 0.7, 0.6, held_out=CREATORS), skill("poisson", 5.0, measure="deviance"),
    ]  # fmt: skip
    found = ranked(scores, VIDEOS, BEFORE)
    assert [score.model for score in found] == ["poisson", "own-mean", "boosting"]
    assert [is_better(score) for score in found] == [True, False, False]
    assert ranked(scores, CREATORS, AFTERWARDS) == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (0.0, "0"), (-0.0001, "0"), (0.0996, "10"), (-1.5, "−150"), (0.034, "3.4")],
)
def test_a_share_is_written_with_few_digits(value, said):
    assert points(value) == said


ESTIMATE = Estimate(
    Variable("x", "", "", Part.LEVER, "x"), 90, 6,
    estimate=0.5, ci_low=0.1, ci_high=0.9, lowest=0.4, highest=0.6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verdict": CLEAR}, True),
        ({"verdict": LEANING}, True),
        ({"verdict": CANNOT_TELL}, False),
        ({"verdict": THIS_ACCOUNT}, True),
        ({"verdict": THIS_ACCOUNT, "ci_low": -0.1}, False),
        ({"verdict": THIS_ACCOUNT, "lowest": -0.1}, False),
        ({"verdict": THIS_ACCOUNT, "ci_low": None}, False),
    ],
)
def test_the_lines_that_stand_out(changes, expected):
    assert stands_out(dataclasses.replace(ESTIMATE, **changes)) is expected


# The page


def findings_of(folder: Path) -> Results:
    collection = read_folders(locate(folder))
    verdicts = check_all(collection.contributions, DAY)
    return gather(verdicts, {}, read_effects(collection.effects))


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    """Pools of nobody, one real creator, three, and six simulated ones."""
    found = {}
    for name, (creators, videos) in {"nobody": (0, 0), "one": (1, 60), "three": (3, 150),
                                     "six": (6, 300)}.items():  # fmt: skip
        folder = tmp_path_factory.mktemp(name) / "contributions"
        folder.mkdir()
        for path, raw in (simulate(creators, videos, 5) if creators else {}).items():
            if name == "six" or path.name != "example-effects.toml":
                real = name != "six"
                text = raw.replace(b"simulated = true\n", b"") if real else raw
                place = folder / (str(path).replace("example-", "real-") if real else str(path))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text)
        found[name] = findings_of(folder)
    return found


OTHERS = (NB, LOG, AGE, {"levers": COMPLETE}, {"estimator": NEGATIVE_BINOMIAL, "age": WITHOUT_AGE})


def made_up(findings: Results) -> Diagnostics:
    """Rows for every line that is asked, with what a real run gives for so many creators."""
    names = findings.pool.creators
    tested = [
        (answer.question.name, line)
        for answer in findings.answers
        for line in answer.estimates
        if line.is_tested and line.estimate is not None
    ]
    specifications, influences, personals = [], [], []
    for number, (question, line) in enumerate(tested):
        at = (question, line.variable.term, line.variable.level, line.variable.unit)
        mine = line.estimate or 0.0
        own = dataclasses.replace(
            PUBLISHED, question=at[0], term=at[1], level=at[2], unit=at[3],
            estimate=mine, ci_low=line.ci_low, ci_high=line.ci_high,
            estimator=LOG1P if question == "signals" else POISSON,
        )  # fmt: skip
        wave = [math.sin(number + k) / 3 for k in range(len(OTHERS) + 2)]
        specifications += [
            own,
            *(
                dataclasses.replace(
                    own, analysis=k + 1, **changes, estimate=mine + w, ci_low=mine + w - 0.3,
                    ci_high=mine + w + 0.4,
                )
                for k, (changes, w) in enumerate(zip(OTHERS, wave, strict=False))
            ),
            dataclasses.replace(own, analysis=8, estimate=None, ci_low=None, why="too few"),
            dataclasses.replace(own, analysis=9, **TRAP, estimate=mine + wave[-1]),
            dataclasses.replace(own, analysis=10, trap=OF_2022, estimate=-mine, estimator=LOG1P),
        ]  # fmt: skip
        if len(names) > 1:
            influences.append(
                Influence(*at, mine, mine - 0.1, mine + 0.1, len(names), 0, len(names),
                          names[0], mine + 0.1)
            )  # fmt: skip
        if len(names) > 4:
            personals += [
                Personal(*at, name, 20, mine + 0.3, 0.4, mine, mine + 0.1, 0.2, mine - 0.3,
                         mine + 0.5, 0.33, 0.2, 0.1, 0.4)
                for name in names
            ]  # fmt: skip
            personals.append(
                Personal(*at, "", 0, None, None, mine, mine, 0.4, mine - 0.8, mine + 0.8, 0.0,
                         0.2, 0.1, 0.4)
            )  # fmt: skip
    return Diagnostics(
        tuple(specifications),
        tuple(influences),
        *league(len(names)),
        tuple(personals),
        () if len(names) > 4 else (Silence("partial pooling", "followers", "too few creators"),),
    )


def league(creators: int) -> tuple[tuple[Score, ...], tuple[Bin, ...], tuple[Relevance, ...]]:
    measures = ("deviance", "rmse_log", "rmse_followers", "calibration_ratio", "calibration_slope")
    scores, bins = [], []
    for known in (BEFORE, AFTERWARDS):
        for held_out in (VIDEOS, CREATORS):
            told = held_out == VIDEOS or creators > 2
            for model, value in (("own-mean", 0.0), ("poisson", 0.1), ("boosting", -0.2)):
                row = skill(model, value, value - 0.05, known=known, held_out=held_out)
                if model == "own-mean":
                    row = dataclasses.replace(row, low=None, high=None)
                if not told:
                    nothing = {"value": None, "low": None, "high": None}
                    row = dataclasses.replace(row, **nothing, why="fewer than three creators")
                scores.append(row)
                scores += [
                    dataclasses.replace(row, measure=name, value=1.1 if told else None)
                    for name in measures
                ]
                if told:
                    bins.append(Bin(known, held_out, model, 1, 20, 0.5, 0.6, 0.2, 1.1))
    relevance = Relevance(AFTERWARDS, "views", 30, 30, 0.2, 0.01, 0.001, "relevant")
    return tuple(scores), tuple(bins), (relevance,)


STATES = {
    "nobody": ["No video is in the pool yet"],
    "one": ["**one account**", "cannot be told: fewer than three creators", "too few creators"],
    "three": ["without any one creator", "This cannot be told: too few creators"],
    "six": ["These numbers are simulated", "Each creator's own numbers", "a new creator"],
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_makes_sense_in_every_state(state, pools):
    raw = page(pools[state], made_up(pools[state]))
    text = raw.decode()
    for words in STATES[state]:
        assert words in text
    assert not re.search(r"\bnan\b|None|undefined|\binf\b", text)
    assert ("simulated" in text) is (state == "six")
    assert page(pools[state], made_up(pools[state])) == raw


@pytest.mark.parametrize("state", STATES)
def test_without_rows_the_page_says_how_to_have_them(state, pools):
    text = page(pools[state], None).decode()
    assert ("not computed in this run" in text) is (state != "nobody")
    assert ("`python -m pipeline report`" in text) is (state != "nobody")
    assert "## " not in text


@pytest.mark.parametrize("state", STATES)
def test_a_page_of_silences_makes_sense(state, pools):
    silent = (Silence("robustness", "followers", "nothing has an estimate"),
              Silence("robustness", "reach", "nothing has an estimate"),
              Silence("prediction", "", "fewer than ten videos"))  # fmt: skip
    sure = Diagnostics(silences=silent)
    text = page(pools[state], sure).decode()
    if state != "nobody":
        assert "| robustness | followers, reach | nothing has an estimate |" in text
        assert "foretold: fewer than ten videos." in text
    assert figures(pools[state], sure) == {}
    assert not re.search(r"\bnan\b|None|undefined", text)


def test_every_line_has_its_row_and_every_picture_its_file(pools):
    sure = made_up(pools["six"])
    text = page(pools["six"], sure).decode()
    drawn = figures(pools["six"], sure)
    questions = [answer.question.name for answer in pools["six"].answers]
    names = {line.name for q in questions for line in lines(pools["six"], sure, q)}
    asked = {(row.term, row.level) for row in sure.specifications}
    assert len(names) >= len(asked)
    for name in names:
        assert f"| {name} |" in text
    shown = set(re.findall(r"figures/[a-z-]+\.svg", text))
    assert shown == {str(path) for path in drawn}
    assert len(drawn) == 2 * (len(pools["six"].answers) + 1)


@pytest.mark.parametrize("state", ["nobody", "one", "six"])
def test_pictures_are_small_well_formed_and_the_same_twice(state, pools):
    findings, sure = pools[state], made_up(pools[state])
    drawn = figures(findings, sure)
    assert bool(drawn) is bool(sure.specifications or sure.scores)
    for path, raw in drawn.items():
        assert path.parent == PurePosixPath("figures")
        assert len(raw) < LARGEST
        root = ElementTree.fromstring(raw)  # noqa: S314  # our own picture
        words = " ".join(root.itertext())
        assert ("Simulated creators" in words) is (findings.pool.simulated and state != "nobody")
        assert float(root.attrib["width"]) < 850
    if state == "one":
        assert figures(findings, sure) == drawn


def test_wild_estimates_stay_within_the_picture(pools):
    sure = made_up(pools["six"])
    wild = tuple(
        dataclasses.replace(row, estimate=row.estimate and 700.0 * row.estimate, ci_high=900.0)
        for row in sure.specifications
    )
    for raw in figures(pools["six"], dataclasses.replace(sure, specifications=wild)).values():
        assert not re.search(rb"NaN|Infinity|undefined", raw)


HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a|b|c", "@octocat", "`x`",
    "[x](javascript:alert(1))", "</summary></details>", "**b** _i_ $x$ :smile:", "{{ 7*7 }}",
    '"><b x="', "https://evil.example/x", "-->", "line\n## pwned",
)  # fmt: skip
ELEMENTS = {
    *("h1", "h2", "h3", "p", "ul", "li", "strong", "em", "code", "a", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("picture", "source", "img"),
}
ATTRIBUTES = {
    ("a", "href"), ("td", "align"), ("th", "align"), ("source", "media"), ("source", "srcset"),
    ("img", "src"), ("img", "alt"),
}  # fmt: skip
OURS = re.compile(r"[A-Za-z0-9_./-]+")


class Elements(HTMLParser):
    """The elements of a page, and whatever our template does not make."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.odd: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in ("img", "source"):
            self.open.append(tag)
        for name, value in attrs:
            links = name in ("href", "src", "srcset")
            if (tag, name) not in ATTRIBUTES or (links and not OURS.fullmatch(value or "")):
                self.odd.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.odd.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_inert(text, pools):
    """Levels, creators, models and reasons that want to be more than text."""
    findings, sure = pools["six"], made_up(pools["six"])
    evil = dataclasses.replace(
        sure,
        specifications=tuple(dataclasses.replace(r, level=text) for r in sure.specifications),
        influences=tuple(
            dataclasses.replace(r, level=text, most_influential=text) for r in sure.influences
        ),
        scores=tuple(dataclasses.replace(r, model=text, why=text) for r in sure.scores),
        bins=tuple(dataclasses.replace(r, model=text) for r in sure.bins),
        personals=tuple(
            dataclasses.replace(r, level=text, creator=text and r.creator and text)
            for r in sure.personals
        ),
        silences=(Silence(text, text, text),),
    )
    raw = page(findings, evil).decode()
    html = cmarkgfm.github_flavored_markdown_to_html(raw, Options.CMARK_OPT_UNSAFE)
    found = Elements(html)
    assert found.elements <= ELEMENTS
    assert (found.odd, found.open) == ([], [])
    assert "@octocat" not in raw


def test_hostile_names_are_text_in_the_pictures(pools):
    findings, sure = pools["six"], made_up(pools["six"])
    rows = tuple(
        dataclasses.replace(row, level=HOSTILE[n // 8 % len(HOSTILE)])
        for n, row in enumerate(sure.specifications)
    )
    scores = tuple(
        dataclasses.replace(row, model=HOSTILE[n % len(HOSTILE)])
        for n, row in enumerate(sure.scores)
    )
    evil = dataclasses.replace(sure, specifications=rows, scores=scores)
    for svg in figures(findings, evil).values():
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own picture, though of hostile names
        tags = {each.tag.split("}")[-1] for each in root.iter()}
        assert tags <= {"svg", "g", "path", "text"}


def all_named(findings: Results, says: str) -> Results:
    """The findings, with every line of the report in short, said so."""
    answers = tuple(
        dataclasses.replace(
            answer,
            estimates=tuple(
                dataclasses.replace(
                    line, verdict=LEANING, variable=dataclasses.replace(line.variable, says=says)
                )
                for line in answer.estimates
            ),
        )
        for answer in findings.answers
    )
    return dataclasses.replace(findings, answers=answers)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_contrasts_are_inert(text, pools):
    raw = page(all_named(pools["six"], text), made_up(pools["six"])).decode()
    found = Elements(cmarkgfm.github_flavored_markdown_to_html(raw, Options.CMARK_OPT_UNSAFE))
    assert found.elements <= ELEMENTS
    assert (found.odd, found.open) == ([], [])
    assert "@octocat" not in raw


def test_what_the_report_names_in_short_has_a_sentence_each(pools):
    sure = made_up(pools["six"])
    text = page(all_named(pools["six"], "this instead of that"), sure).decode()
    sentences = re.findall(r"- \*\*this instead of that\*\*: (more|fewer) [a-z0-9, ]+ in .*", text)
    asked = {(row.question, row.term, row.level) for row in sure.specifications}
    assert len(sentences) == len(asked)
    assert "other reasonable analyses that can tell" in text
    assert "and whichever creator is left out" in text
    assert "Nothing stands out" not in text
    few = dataclasses.replace(
        sure,
        influences=tuple(dataclasses.replace(row, same_sign=4) for row in sure.influences),
    )
    turned = page(all_named(pools["six"], "this"), few).decode()
    assert "; leaving out one creator turns it for 2 of 6" in turned


def test_the_choices_that_were_varied_are_listed(pools):
    text = page(pools["six"], made_up(pools["six"])).decode()
    assert "| kind of regression | Poisson (*signals*: least squares of log(1 + count)) |" in text
    assert (
        "| age of a video when it was counted | taken into account | left out of account |" in text
    )
    assert "most-seen" not in text


def test_more_than_twenty_creators_are_in_the_file_only(pools):
    sure = made_up(pools["six"])
    row = next(row for row in sure.personals if row.creator)
    many = tuple(dataclasses.replace(row, creator=f"creator-{n}") for n in range(21))
    text = page(pools["six"], dataclasses.replace(sure, personals=many)).decode()
    assert "More than 20 creators" in text
    assert "creator-3" not in text
