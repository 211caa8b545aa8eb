"""The page on the data: every column, row, file and state is there; hostile text stays text."""

import dataclasses
import itertools
import re

import pandas as pd
import pytest
import yaml

from pipeline.analysis.advice.data_needs import gains as all_gains
from pipeline.analysis.advice.data_needs import wishes as all_wishes
from pipeline.analysis.advice.power import Plan
from pipeline.analysis.diagnostics import cache
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.history import history_csv
from pipeline.dataset.coverage import FEWEST, Stand, holdings, periods, stands
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.fit_result import Fit
from pipeline.render.labels import table as labels
from pipeline.render.labels.levers import many
from pipeline.render.report import NAMES
from pipeline.render.site.data import data_needs, experiment
from pipeline.render.site.data import page as data
from pipeline.render.site.layout.context import Edition
from pipeline.render.text.contributing import dictionary as as_markdown
from schema.columns import BY_NAME, COLUMNS
from schema.creator_values import LICENCES
from schema.vocabulary import vocabulary
from support.contribution import ROOT
from support.results import findings_of, simulated

pytestmark = pytest.mark.slow  # whole pages are rendered

HOSTILE = "</script><img src=x onerror=alert(1)>\u202e"
POOLS = {"one": (1, 45), "two": (2, 40), "three": (3, 60), "nine": (9, 250)}


@pytest.fixture(scope="module")
def editions(results_of, narrow) -> dict[str, Edition]:
    by_state = {"empty": results_of(0, 0), "narrow": narrow}
    by_state |= {state: results_of(*size) for state, size in POOLS.items()}
    invented = dataclasses.replace(by_state["three"].pool, simulated=True)
    by_state["simulated"] = dataclasses.replace(by_state["three"], pool=invented)
    return {state: edition_of(findings) for state, findings in by_state.items()}


def edition_of(findings, before=(), **more) -> Edition:
    rows = history_csv.read_history(history_csv.history(findings, list(before)))
    return Edition(findings, None, rows or [], **more)


STATES = ["empty", *POOLS, "narrow", "simulated"]


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_whole_and_the_same_each_time(editions, state):
    page = data.page(editions[state])
    assert page == data.page(editions[state])
    text = page.decode()
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert "style=" not in text
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        assert "aria-label=" in table.split(">")[0] or "<caption>" in table


@pytest.mark.parametrize(
    ("state", "sentences"),
    [
        ("empty", ["No video is in the pool yet", "Any video helps", "Nobody yet."]),
        ("one", ["This is one account.", "10 more videos", "this account’s own videos"]),
        ("two", ["with 3 more, the first answers can be tested", "3 more creators</strong>, and"]),
        ("three", ["with 2 more, the first answers can be tested", "3 so far"]),
        (
            "nine",
            ["1 more creator</strong>, for a sharper answer", "for a typical creator of the pool"],
        ),
        ("narrow", ["<code>new_followers</code> is not noted for any video", "Views:"]),
        ("simulated", ["These videos are invented. Cite them only as an example"]),
    ],
)
def test_what_a_state_says(editions, state, sentences):
    text = re.sub(r"\s+", " ", data.page(editions[state]).decode())
    for words in sentences:
        assert words in text


@pytest.mark.parametrize("state", ["empty", "one", "two", "three"])
def test_without_five_creators_nothing_is_said_to_be_told(editions, state):
    text = data.page(editions[state]).decode()
    assert "One more creator</th>" not in text
    assert ("What more data would do to each comparison" in text) == (state == "one")


@pytest.mark.parametrize("state", STATES)
def test_sections_that_would_hold_nothing_are_left_out(editions, state):
    text = data.page(editions[state]).decode()
    ids = set(re.findall(r'<h2 id="([^"]+)"', text))
    assert {"wanted", "experiment", "who", "columns", "downloads", "licence"} <= ids
    assert ({"rows", "missing", "cite"} <= ids) == (state != "empty")
    assert ("growth" in ids) == (state not in ("empty", "two"))


def test_every_file_of_numbers_is_offered_and_no_other(editions):
    for sure in (None, Diagnostics()):
        edition = dataclasses.replace(editions["nine"], diagnostics=sure)
        offered = re.findall(r'<a href="([^"]+)" download>', data.page(edition).decode())
        made = NAMES if sure else NAMES - set(cache.NAMES)
        numbers = {str(path) for path in made if path.suffix in (".csv", ".json")}
        assert sorted(offered) == sorted(numbers)


def test_every_column_and_word_is_described(editions):
    text = data.page(editions["nine"]).decode()
    described = [entry for _, entries in data.dictionary() for entry in entries]
    assert sorted(each.name for each in described) == sorted(column.name for column in COLUMNS)
    for each in described:
        assert f"<code>{each.name}</code>" in text
        assert f"| {each.what} | {each.form} | {each.needed} | {each.also} |" in as_markdown()
    for words in vocabulary().values():
        assert all(
            f"<td>{word.meaning}</td>" in text.replace("&#39;", "'") for word in words.values()
        )


def test_where_a_number_is_found_is_what_contributing_says():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = guide.partition("## Where to find each number")[2].partition("\n\nIf TikTok")[0]
    names = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row[:60])}
    assert {name for name in BY_NAME if labels.column(name).where} == names & set(BY_NAME)


@pytest.mark.parametrize("state", STATES)
def test_every_row_is_accounted_for(editions, state):
    findings = editions[state].findings
    accounts = data.account(findings)
    assert len(accounts) == 1 + len(findings.answers)
    for _, came, left, stayed in accounts:
        assert came - sum(rows for _, rows in left) == stayed
    assert accounts[0][3] == len(findings.pool.videos)
    for (_, _, _, stayed), answer in zip(accounts[1:], findings.answers, strict=True):
        assert stayed == (len(answer.fit.sample.y) if isinstance(answer.fit, Fit) else 0)


def with_profile(edition: Edition, **changes: object) -> Edition:
    findings = edition.findings
    first, *others = sorted(findings.profiles)
    profiles = {name: findings.profiles[name] for name in others}
    profiles[first] = dataclasses.replace(findings.profiles[first], **changes)
    return dataclasses.replace(edition, findings=dataclasses.replace(findings, profiles=profiles))


def test_a_creator_is_linked_only_with_a_page_of_their_own(editions):
    first, *others = data.contributors(
        with_profile(editions["nine"], page=True, display="Ana", credit="Ana's mother").findings
    )
    assert (first.display, first.credit) == ("Ana", "Ana's mother")
    assert first.page == f"creators/{first.name}.html"
    profiles = editions["nine"].findings.profiles
    assert [bool(each.page) for each in others] == [profiles[each.name].page for each in others]
    assert {bool(each.page) for each in others} == {True, False}
    assert not any(each.display or each.credit for each in others)


def test_contributors_say_how_many_videos_and_since_when(editions):
    videos = editions["nine"].findings.pool.videos
    for each in data.contributors(editions["nine"].findings):
        own = videos[videos["creator"] == each.name]
        assert each.videos == len(own)
        posted = own["posted_on"].dropna().astype(str)
        assert (each.since, each.until) == (
            (posted.min()[:7], posted.max()[:7]) if len(posted) else ("", "")
        )


def test_hostile_text_stays_text(editions):
    edition = with_profile(editions["nine"], page=True, display=HOSTILE, credit=HOSTILE)
    findings = dataclasses.replace(edition.findings, quarantined=(("mallory", HOSTILE),))
    text = data.page(dataclasses.replace(edition, findings=findings)).decode()
    assert text.count("&lt;img src=x onerror") == 3
    assert "<img" not in text
    assert "\u202e" not in text


def test_those_who_are_not_in_the_results_are_named(tmp_path):
    home = simulated(tmp_path / "pool", 3, 60, real=True)
    profile = home / "real-birch" / "creator.toml"
    profile.write_text(profile.read_text() + "use_in_model = false\n")
    (home / "real-cedar" / "creator.toml").write_text("licence = 1\n")
    findings = dataclasses.replace(findings_of(home), quarantined=(("mallory", "made up"),))
    assert [name for name, _ in data.aside(findings)] == ["mallory", "real-birch"]
    text = data.page(edition_of(findings)).decode()
    assert re.search(r"real-cedar</bdi>: [1-9]\d* errors?\.", text)


def test_licences_have_names():
    assert set(data.LICENCES) == set(LICENCES)


def test_the_citation_is_that_of_the_repository(editions):
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    (dataset,) = [each for each in cited["references"] if each["type"] == "data"]
    assert (dataset["title"], dataset["authors"][0]["name"]) == (data.TITLE, data.AUTHORS)
    where = "https://example.org/owner/name"
    edition = dataclasses.replace(editions["nine"], repository=where)
    (text,) = re.findall(
        r'<pre class="wrap"><code>(followworthy.*?)</code>', data.page(edition).decode()
    )
    version, videos = edition.findings.inputs[:12], len(edition.findings.pool.videos)
    assert text.startswith(f"{data.AUTHORS}. {data.TITLE}. Version {version}, {videos} videos by 9")
    assert text.endswith(where)
    assert (
        "http"
        not in re.findall(
            r'<pre class="wrap"><code>(followworthy.*?)</code>',
            data.page(editions["nine"]).decode(),
        )[0]
    )


def test_what_is_few_times_noted(editions):
    edition = editions["nine"]
    videos = edition.findings.pool.videos.copy()
    videos.loc[videos.index[::2], "new_followers"] = None
    rows = data_needs.unnoted(holdings(videos), edition.creators)
    names = [each.column.name for each, _ in rows]
    assert names[0] == "new_followers"
    assert {"is_duet", "is_stitch"} <= set(names)
    for each, _ in rows:
        assert each.share < 0.8 or each.creators < INTERVAL_CREATORS


def test_the_cards_ask_for_what_can_be_tested_soonest(editions):
    listed = all_wishes(editions["nine"].findings)
    cards = data_needs.cards(listed, alone=False)
    assert len(cards) == 6
    soonest = next(wish for wish in listed if wish.short and wish.made)
    assert cards[0].title == many(soonest.term, soonest.level)
    assert cards[0].more.startswith(f"{soonest.short} more creator")
    assert cards[0].why.startswith(f"{cards[0].more}, and it can be tested. ")
    assert not {"ads", "videos of no listed kind"} & {card.title for card in cards}


def test_for_one_account_cards_are_of_its_own_videos(editions):
    cards = data_needs.cards(all_wishes(editions["one"].findings), alone=True)
    assert cards
    assert {card.more for card in cards} == {"10 more videos"}


def test_a_line_is_of_videos_that_are_there(editions):
    answers = editions["one"].findings.answers
    lines = [line for answer in answers for line in answer.estimates]
    assert all(line.videos for line in lines if line.estimate is not None)
    assert all(gain.videos for gain in all_gains(answers))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((None, None), "6 and 6 videos: too few to see anything. So are 50 and 50."),
        ((None, 2.0), "6 and 6 videos: too few to see anything. 50 and 50: you would see it if"),
        ((8.0, 2.0), "6 and 6 videos: you would see it if one kind gets 8.0 times as many. 50"),
    ],
)
def test_too_few_videos_to_see_anything_are_said_to_be(more, says):
    plans = [Plan(6, 3.0, more[0], None), Plan(50, 1.5, more[1], None)]
    assert experiment.plan_in_words(plans).startswith(says)


def test_a_plan_is_said_in_words(editions):
    planned = experiment.experiments(editions["nine"].findings)
    assert [size.videos for size in planned.sizes] == [6, 12, 25, 50]
    sentences = dict(planned.says)
    assert set(sentences) == {"new followers", "views", "followers per 1,000 views"}
    assert all(words.startswith("6 and 6 videos: ") for words in sentences.values())
    assert "times as many" in sentences["views"]
    views = [power for size in planned.sizes for power in size.powers if power.what == "views"]
    far = [view.least == "only if 10 times or more" for view in views]
    assert far == sorted(far, reverse=True)
    assert far[0]
    assert not far[-1]
    times = [
        float(view.least.removesuffix(" times"))
        for view, is_far in zip(views, far, strict=True)
        if not is_far
    ]
    assert times == sorted(times, reverse=True)
    assert any(f"{each:.1f} times as many" in sentences["views"] for each in times)


def plan(videos: int, more: float | None) -> Plan:
    return Plan(videos, half=None, more=more, fewer=None)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((None, None, None), "too few to see anything. So are 50 and 50."),
        ((None, 12.0, 4.0), "too few to see anything. 50 and 50: you would see it if one kind"),
        ((12.0, 3.2, 2.9), "you would see it only if one kind gets 10 times as many or more. 50"),
        ((4.0, 2.9, 1.9), "one kind gets 4.0 times as many. 25 and 25: you would see it if one"),
        ((2.5, 2.0, 1.5), "one kind gets 2.5 times as many. 25 and 25: you would see it if one"),
    ],
)
def test_a_sentence_says_what_the_smallest_plan_and_a_useful_one_would_show(more, words):
    sentence = experiment.plan_in_words(
        [plan(n, each) for n, each in zip((6, 25, 50), more, strict=True)]
    )
    assert sentence.startswith("6 and 6 videos: ")
    assert words in sentence


@pytest.mark.parametrize(
    ("term", "level", "both"),
    [
        ("category", "story", ("stories", "info videos")),
        ("has_cover", "yes", ("videos with a cover", "videos without one")),
        ("is_duet", "yes", ("duets", "other videos")),
        ("duration_s", "10", ("videos of about 10 seconds", "videos of about 25 seconds")),
        ("hashtags", "0", ("videos without hashtags", "videos with about 3 hashtags")),
        ("sound", "none", ("silent videos", "videos with your own sound")),
    ],
)
def test_the_two_kinds_that_take_turns(term, level, both):
    assert experiment.sides(term, level) == both


def dated(*quarters: tuple[str, str]) -> pd.DataFrame:
    """Videos by creator and month."""
    creators, months = zip(*quarters, strict=True)
    return pd.DataFrame({"creator": creators, "posted_on": pd.to_datetime(list(months))})


def test_quarters_are_put_together_until_three_creators_are_in_each():
    videos = dated(
        ("ana", "2022-05-01"), ("ana", "2025-01-01"), ("ben", "2025-02-01"), ("cat", "2025-04-01"),
        ("ana", "2025-07-01"), ("ben", "2025-08-01"), ("cat", "2025-09-01"), ("ana", "2025-10-01"),
    )  # fmt: skip
    quarters = periods(videos, "posted_on")
    assert [(each.first, each.last, each.videos, each.creators) for each in quarters] == [
        ("2022Q2", "2025Q2", 4, 3),
        ("2025Q3", "2025Q4", 4, 3),
    ]


def test_of_two_creators_no_quarter_is_shown_and_of_one_each():
    assert not periods(dated(("ana", "2025-01-01"), ("ben", "2025-02-01")), "posted_on")
    alone = periods(dated(("ana", "2025-01-01"), ("ana", "2025-05-01")), "posted_on")
    assert [each.videos for each in alone] == [1, 1]


@pytest.mark.parametrize("state", ["two", "three", "nine", "narrow"])
def test_no_number_on_a_column_is_of_one_or_two_creators(editions, state):
    findings = editions[state].findings
    text = data.page(editions[state]).decode()
    section = text.partition('id="missing"')[2].partition('id="columns"')[0]
    rows = re.findall(r"<th scope=\"row\"><code>(\w+)</code></th>(.*)</tr>", section)
    noting = {each.column.name: each.creators for each in holdings(findings.pool.videos)}
    assert set(noting) == {name for name, _ in rows}
    assert any(0 < creators < FEWEST for creators in noting.values())
    for name, cells in rows:
        assert ("%" in cells) == (noting[name] == 0 or noting[name] >= FEWEST)


def test_the_pool_s_growth_is_read_from_the_history(editions):
    before = [("first", "10", "2", "reach", "has_cover", "yes", "0.1", "", "", "")] * 2
    edition = edition_of(editions["nine"].findings, before)
    inputs = edition.findings.inputs
    now = Stand(inputs, len(edition.findings.pool.videos), 9)
    assert stands(edition.history) == (Stand("first", 10, 2), now)
    assert "The pool at each update" in data.page(edition).decode()


def test_what_is_noted_is_counted_by_hand(editions):
    videos = editions["nine"].findings.pool.videos
    for each in holdings(videos):
        there = [not pd.isna(cell) for cell in videos[each.column.name]]
        assert each.noted == sum(there)
        assert each.creators == len({c for c, t in zip(videos["creator"], there, strict=True) if t})
        assert each.share == pytest.approx(sum(there) / len(videos))
