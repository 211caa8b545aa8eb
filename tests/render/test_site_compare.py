"""The page that compares two videos: its numbers, what it says in each state, and its script."""

import csv
import io
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pandas as pd
import pytest

from pipeline.analysis.comparison.comparison import (
    ABOVE,
    BELOW,
    CANNOT,
    Difference,
    Video,
    compare,
)
from pipeline.analysis.comparison.published import BEYOND_DATA, NUMBERS, Published, published
from pipeline.render import data_files
from pipeline.render.site.compare import controls
from pipeline.render.site.compare import page as comparing
from pipeline.render.site.layout.context import Edition
from support.browser import PHONE, Look

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAIRS = 200
REST = 900  # ms, longer than the keys have to rest for a word to a screen reader
BLOCK = re.compile(r'<script type="application/json" id="published">(.*?)</script>')
KINDS = "tutorial info opinion story humor reaction review demo vlog challenge qa promo other"
LEVELS = {
    "category": KINDS.split(),
    "sound": ["original", "voiceover", "library", "trending", "none"],
    "posted_hour": ["0-5", "6-11", "12-17", "18-23"],
    **{each: ["no", "yes"] for each in ("has_cover", "has_caption", "is_reply", "is_duet")},
    "is_stitch": ["no", "yes"],
}
POOLS = {"empty": (0, 0), "one": (1, 60), "three": (3, 150), "nine": (9, 420)}
Editions = Callable[[str], Edition]


@pytest.fixture(scope="module")
def edition_in(examples, narrow, results_of) -> Editions:
    """The editions of pools of some creators, without what takes minutes."""

    @cache
    def edition_in(state: str) -> Edition:
        known = {"examples": examples, "narrow": narrow}
        return Edition(known.get(state) or results_of(*POOLS[state]), None, [])

    return edition_in


def written(edition: Edition) -> str:
    return comparing.page(edition).decode()


def questions_of(edition: Edition) -> dict[str, Published]:
    """What each question publishes, by name."""
    videos = edition.findings.pool.videos
    lines_of = {each.question.name: published(each, videos) for each in edition.findings.answers}
    return {name: lines for name, lines in lines_of.items() if lines}


def whole_limits(edition: Edition, term: str) -> tuple[int, int]:
    """The least and the most whole number that lies within the pool's videos."""
    noted = edition.findings.pool.videos[term].dropna()
    return math.ceil(noted.min()), math.floor(noted.max())


def material(page: str) -> dict[str, Any]:
    match = BLOCK.search(page)
    assert match
    value: dict[str, Any] = json.loads(match[1])
    return value


@pytest.mark.slow
def test_the_page_holds_the_numbers_of_the_published_files(edition_in):
    edition = edition_in("examples")
    lines = list(csv.DictReader(io.StringIO(data_files.estimates(edition.findings).decode())))
    shared = list(csv.DictReader(io.StringIO(data_files.covariances(edition.findings).decode())))
    for name, question in material(written(edition))["questions"].items():
        mine = {(r["term"], r["level"]): r for r in lines if r["question"] == name}
        named = {
            place: (term, level)
            for term, levels in question["terms"].items()
            for level, place in levels.items()
            if isinstance(place, int) and place >= 0
        }
        assert sorted(named) == list(range(len(question["b"])))
        for place, key in named.items():
            assert question["b"][place] == float(mine[key]["estimate"])
            assert question["creators"][place] == int(mine[key]["creators"])
            assert (question["t"][place] is None) == (mine[key]["std_error"] == "")
        covariance = {
            frozenset([named[i], named[j]]): value
            for i, row in enumerate(question["v"])
            for j, value in enumerate(row)
            if value is not None
        }
        expected = {
            frozenset([(r["term"], r["level"]), (r["other_term"], r["other_level"])]): float(
                r["covariance"]
            )
            for r in shared
            if r["question"] == name
        }
        assert covariance.items() <= expected.items()
        assert len(covariance) > 100


ROWS = re.compile(r'<th scope="row" role="rowheader">(.*?)</th>(.*?)</tr>', re.DOTALL)


@pytest.mark.slow
def test_the_table_has_the_common_comparisons_with_their_intervals(edition_in):
    edition = edition_in("examples")
    page = written(edition)
    rows = {says: re.sub(r"<[^>]+>", " ", cells).split() for says, cells in ROWS.findall(page)}
    assert len(rows) == 12
    cells = rows["A 15-second tutorial instead of a 45-second opinion"]
    for lines in list(questions_of(edition).values())[:3]:
        comparison = compare(lines, comparing.TRADE[1], comparing.TRADE[2])
        ratio, low, high = (f"{x:.2f}" if x and x < 10 else f"{x:.0f}" for x in comparison.ratios)
        sentence = [f"{ratio}&nbsp;×", *comparison.word.split(), low, "to", high]
        assert cells[: len(sentence)] == sentence
        cells = cells[len(sentence) :]
    assert cells == []


SAID = {
    "one": ["one account", "this page does not show how they spread"],
    "three": ["<strong>Ratios without ranges.</strong> 3 creators", "no range", "Without a range"],
    "narrow": ["New followers: <bdi>too few videos with a follower count</bdi>", "<h3>Views</h3>"],
    "empty": ["Nothing can be compared yet: there are no videos"],
    "examples": [
        "<strong>These numbers are simulated.</strong>",
        "</strong> Nine in ten videos",
        "or even “likely”",
        'href="data.html#experiment"',
    ],
}
SILENT = {
    "one": ["Ratios without ranges", "</strong> Nine in ten", "verdicts that allow", "milder"],
    "three": ["</strong> Nine in ten", "“Above B” says"],
    "narrow": ["<h3>New followers</h3>", 'id="followers"'],
    "empty": ["<form", "<script", "<table"],
    "examples": ["Not answered yet", "Ratios without ranges", "interval</"],
}


@pytest.mark.slow
@pytest.mark.parametrize("state", SAID)
def test_each_state_says_what_can_be_compared(state, edition_in):
    page = written(edition_in(state))
    assert [text for text in SAID[state] if text not in page] == []
    assert [text for text in SILENT[state] if text in page] == []


@pytest.mark.slow
def test_levels_that_no_question_tells_stand_apart(edition_in):
    page = written(edition_in("examples"))
    offered, _, scarce = page[page.index('id="a-category"') :].partition("<optgroup")
    assert '<option value="tutorial" selected>A tutorial</option>' in offered
    assert '<option value="promo">An ad</option>' in scarce.partition("</optgroup>")[0]


@pytest.mark.slow
def test_a_lever_that_is_not_told_is_named_and_not_offered(edition_in):
    page = written(edition_in("three"))
    assert 'name="a.is_stitch"' not in page
    assert re.search(r"Not offered, because the data can’t tell yet: [a-z, ]*stitch", page)


@pytest.fixture(scope="module")
def file_of(edition_in, tmp_path_factory) -> Callable[[str], Path]:
    @cache
    def file_of(state: str) -> Path:
        path = tmp_path_factory.mktemp("page") / "compare.html"
        path.write_bytes(comparing.page(edition_in(state)))
        return path

    return file_of


# Fills in the form as a person would, and reads what the outputs carry.
DRIVE = """pairs => pairs.map(pair => {
  const form = document.getElementById("videos");
  for (const [side, video] of Object.entries(pair))
    for (const [term, value] of Object.entries(video)) {
      const control = form.elements.namedItem(side + "." + term);
      if (!control) continue;
      if (control.type === "checkbox") control.checked = value === "yes";
      else control.value = String(value);
    }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  return Object.fromEntries([...document.querySelectorAll("output")].map(output =>
    [output.id, { ...output.dataset, says: output.textContent }]));
})"""


def random_pairs(state: str, edition: Edition) -> Iterator[dict[str, dict[str, Any]]]:
    """Videos that differ in anything; half of them in two or three things only."""
    chance = random.Random(f"two videos of {state}")  # noqa: S311  # no secret
    for i in range(PAIRS):
        a, b = some_video(chance, edition), some_video(chance, edition)
        if i % 2:
            b = a | {term: b[term] for term in chance.sample(sorted(b), 3)}
        yield {"a": a, "b": b}


def some_video(chance: random.Random, edition: Edition) -> dict[str, Any]:
    """Lengths, some of them no whole seconds, and hashtags that the form takes."""
    (short, long), (few, many) = (whole_limits(edition, t) for t in ("duration_s", "hashtags"))
    seconds = chance.choice([chance.randint(short, long), round(chance.uniform(short, long), 2)])
    numbers = {"duration_s": seconds, "hashtags": chance.randint(few, many)}
    return numbers | {term: chance.choice(levels) for term, levels in LEVELS.items()}


def offered(page: str, video: Video) -> Video:
    return {term: value for term, value in video.items() if f'name="a.{term}"' in page}


@pytest.mark.browser
@pytest.mark.parametrize("state", ["examples", "nine", "one", "three", "narrow"])
def test_the_script_computes_what_python_does(state, edition_in, file_of, look: Look):
    edition, path = edition_in(state), file_of(state)
    page, pairs = path.read_text(encoding="utf-8"), list(random_pairs(state, edition))
    with look(path) as seen:
        driven = seen.page.evaluate(DRIVE, pairs)
        assert (seen.said, seen.asked) == ([], [])
    kinds, questions = set(), questions_of(edition)
    for pair, outputs in zip(pairs, driven, strict=True):
        a, b = (offered(page, pair[side]) for side in "ab")
        for name, output in outputs.items():
            comparison = compare(questions[name], a, b)
            expected = dict(zip(("ratio", "low", "high"), comparison.ratios, strict=True))
            expected = {key: value for key, value in expected.items() if value is not None}
            computed = {key: float(output[key]) for key in expected.keys() & output.keys()}
            assert computed == pytest.approx(expected, rel=1e-9, abs=0)
            assert len(output) == 1 + len(expected)
            kind = kind_of(output["says"], len(expected))
            assert kind in {comparison.word, "no range", "untold", "same"}
            assert (kind == "same") == comparison.is_same
            kinds.add(kind)
    assert kinds >= KINDS_SEEN[state]


ENDS = {
    ", so we can’t tell which gets more.": CANNOT,
    ": A’s whole range is above B.": ABOVE,
    ": A’s whole range is below B.": BELOW,
    ". So nobody can tell which gets more.": "no range",
    ").": "untold",
    "A and B are the same video.": "same",
}


def kind_of(says: str, numbers: int) -> str:
    """Name what an output says; the words have to fit the numbers."""
    word = next(word for end, word in ENDS.items() if says.endswith(end))
    assert numbers == {"same": 0, "untold": 0, "no range": 1}.get(word, 3), says
    assert (word == "untold") == says.startswith("The data can’t tell (")
    return word


KINDS_SEEN = {
    "examples": {CANNOT, ABOVE, BELOW, "no range", "untold"},
    "nine": {CANNOT, "no range", "untold"},
    "one": {CANNOT, "untold"},
    "three": {"no range", "untold"},
    "narrow": {"no range", "untold"},
}


def shown(page: "Page", name: str = "reach") -> str:
    return page.locator(f"#{name}").inner_text()


@pytest.mark.browser
def test_the_page_opens_with_a_tutorial_against_an_opinion(edition_in, file_of, look: Look):
    with look(file_of("examples")) as seen:
        which = "A: 15 seconds, a tutorial. B: 45 seconds, an opinion. All else is the same."
        assert seen.page.locator("#which").inner_text() == which
        answer = shown(seen.page, "followers")
    comparison = compare(questions_of(edition_in("examples"))["followers"], *comparing.TRADE[1:])
    ratio, low, high = (f"{x:.2f}" for x in comparison.ratios if x)
    assert answer == (
        f"Same creator: A would be expected to get {ratio}\xa0× the new followers of B. "
        f"The 95\xa0% range is {low} to {high}, so we can’t tell which gets more."
    )


@pytest.mark.browser
def test_a_comparison_can_be_shared_and_leaves_no_trail(file_of, look: Look):
    path = file_of("examples")
    with look(path) as seen:
        page = seen.page
        before = page.evaluate("history.length")
        page.get_by_label("Length in seconds").first.fill("20.5")
        page.get_by_label("Kind of video").last.select_option("humor")
        page.get_by_label("A reply to a comment").first.check()
        answer, address = shown(page), page.url
        assert page.evaluate("history.length") == before
        assert "a.duration_s=20.5&" in address
    with look(path) as other:
        other.page.goto(address)
        other.page.reload()
        assert shown(other.page) == answer
        assert other.page.get_by_label("A reply to a comment").first.is_checked()
        assert not other.page.get_by_label("A reply to a comment").last.is_checked()
        which = "A: 20.5 seconds, a tutorial, a reply to a comment."
        assert other.page.locator("#which").inner_text().startswith(which)


HOSTILE = {
    "a.duration_s": "1e400",
    "a.category": "<img src=x onerror=alert(1)>",
    "b.x": "constructor",
}


@pytest.mark.browser
def test_nonsense_in_the_address_changes_nothing(file_of, look: Look):
    path = file_of("examples")
    with look(path) as seen:
        answer = shown(seen.page)
        seen.page.goto(f"{path.as_uri()}#{urlencode(HOSTILE)}")
        seen.page.reload()
        assert (shown(seen.page), seen.said, seen.dialogs) == (answer, [], [])


def wrong_length(edition: Edition) -> str:
    low, high = whole_limits(edition, "duration_s")
    return f"Write a number from {low} to {high}. The answer below is the old one."


@pytest.mark.browser
def test_a_number_that_is_none_is_asked_for_again(edition_in, file_of, look: Look):
    low, high = whole_limits(edition_in("examples"), "duration_s")
    with look(file_of("examples")) as seen:
        length = seen.page.get_by_label("Length in seconds").last
        says = seen.page.locator(f"#{length.get_attribute('aria-describedby')}")
        answer, strip = shown(seen.page), seen.page.locator("#reach-short")
        for wrong in ("", "0", "-3", str(low - 1), str(high + 1), "4000"):
            length.fill(wrong)
            assert says.inner_text() == wrong_length(edition_in("examples"))
            assert length.get_attribute("aria-invalid") == "true"
            assert (shown(seen.page), strip.text_content()) == (answer, "–")
        assert seen.page.locator("[aria-invalid=true]").count() == 1
        length.fill("45")
        assert says.inner_text() == ""
        assert length.get_attribute("aria-invalid") == "false"
        assert strip.text_content() != "–"
        seen.page.keyboard.press("Enter")
        assert (shown(seen.page), seen.said) == (answer, [])


def test_no_length_of_nothing_is_offered_or_said():
    length, hashtags = NUMBERS["duration_s"], NUMBERS["hashtags"]
    assert controls.limits(length, pd.Series([0.2, 0.8])) == (1, 1)
    assert controls.limits(length, pd.Series([0.2, 60.5])) == (1, 60)
    assert controls.limits(hashtags, pd.Series([0, 9])) == (0, 9)


@pytest.mark.slow
def test_what_most_videos_are_like_is_said_in_words(edition_in):
    edition = edition_in("examples")
    offered_ones = controls.controls_of(edition, list(questions_of(edition).values()))
    said = {each.term: each.most for each in offered_ones if each.seen}
    length, hashtags = (said[name] for name in ("duration_s", "hashtags"))
    assert re.fullmatch(r"are [1-9]\d* to \d+ seconds long", length)
    assert re.fullmatch(r"have \d+ to \d+ hashtags", hashtags)
    text = comparing.page(edition).decode()
    assert f"Nine in ten videos here {length}, and nine in ten {hashtags}. Outside that" in text


@pytest.mark.browser
def test_videos_beyond_most_of_the_data_are_flagged(edition_in, file_of, look: Look):
    _, longest = whole_limits(edition_in("examples"), "duration_s")
    with look(file_of("examples")) as seen:
        beyond = seen.page.locator("#beyond")
        assert beyond.is_hidden()
        seen.page.get_by_label("Length in seconds").first.fill(str(longest))
        sentence = f"A is {longest} seconds long. Nine in ten videos here are"
        assert beyond.inner_text().startswith(sentence)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("term", "label", "named"),
    [("duration_s", "Length in seconds", "length"), ("hashtags", "Hashtags", "hashtags")],
)
def test_beyond_the_data_of_a_question_nothing_is_told(
    edition_in, file_of, look: Look, term, label, named
):
    """The most that any video has is beyond those with a follower count, and so is what follows."""
    edition, (_, most) = edition_in("examples"), whole_limits(edition_in("examples"), term)
    videos, questions = edition.findings.pool.videos, questions_of(edition)
    counted = math.floor(videos[videos["new_followers"].notna()][term].max())
    assert counted < most
    b = {term: float(videos[term].median())}
    for name, lines in questions.items():
        assert not compare(lines, {term: float(counted)}, b).untold
        for side in ({term: float(most)}, b), (b, {term: float(most)}):
            comparison = compare(lines, *side)
            is_told = name == "reach"
            assert comparison.untold == (() if is_told else (Difference(term, "", BEYOND_DATA),))
            assert (comparison.log_ratio is not None) is is_told
        assert compare(lines, {term: most + 1.0}, b).untold == (Difference(term, "", BEYOND_DATA),)
        assert compare(lines, {term: most + 1.0}, {term: most + 1.0}).is_same
    sentence = f"The data can’t tell ({named}: beyond the videos that can tell this)."
    with look(file_of("examples")) as seen:
        for number, is_untold in ((most, True), (counted, False)):
            seen.page.get_by_label("Kind of video").first.select_option("opinion")
            seen.page.get_by_label(label).first.fill(str(number))
            assert "data-ratio" in seen.page.locator("#reach").evaluate(
                "o => o.getAttributeNames()"
            )
            for name in ("followers", "conversion"):
                assert (shown(seen.page, name) == sentence) is is_untold
                ratio = seen.page.locator(f"#{name}").get_attribute("data-ratio")
                assert (ratio is None) is is_untold


@pytest.mark.browser
def test_swapping_turns_the_ratio_round(file_of, look: Look):
    with look(file_of("examples")) as seen:
        output = seen.page.locator("#reach")
        before = [
            float(output.get_attribute(f"data-{key}") or 0) for key in ("ratio", "low", "high")
        ]
        seen.page.get_by_role("button", name="Swap A and B").click()
        after = [
            float(output.get_attribute(f"data-{key}") or 0) for key in ("ratio", "high", "low")
        ]
        assert after == pytest.approx([1 / each for each in before], rel=1e-12)


@pytest.mark.browser
def test_the_same_video_twice_is_no_comparison(file_of, look: Look):
    with look(file_of("examples")) as seen:
        seen.page.get_by_label("Length in seconds").last.fill("15")
        seen.page.get_by_label("Kind of video").last.select_option("tutorial")
        assert shown(seen.page) == "A and B are the same video."
        assert seen.page.locator("#reach").get_attribute("data-ratio") is None
        assert seen.page.locator("#reach-range").is_hidden()


SHORT = {"followers": "Followers", "reach": "Views", "conversion": "Per 1,000 views"}


def shown_numbers(page, name: str) -> tuple[float, ...]:
    """The ratio of a question that the page shows, and the ends of its range."""
    output = page.locator(f"#{name}")
    return tuple(float(output.get_attribute(f"data-{end}")) for end in ("ratio", "low", "high"))


@pytest.mark.browser
def test_a_short_answer_is_in_view_with_the_form_on_a_phone(file_of, look: Look):
    with look(file_of("examples"), PHONE) as seen:
        strip = seen.page.locator("#strip")
        seen.page.get_by_label("Kind of video").first.scroll_into_view_if_needed()
        strip.wait_for(state="visible")
        words = " ".join(strip.inner_text().split())
        for name, asked in SHORT.items():
            ratio, low, high = shown_numbers(seen.page, name)
            sentence = f"{asked} {ratio:.2f} × {low:.2f} to {high:.2f} "
            assert re.search(re.escape(sentence) + "(above B|below B|can’t tell)", words)
        seen.page.locator("#results").scroll_into_view_if_needed()
        strip.wait_for(state="hidden")
        box = seen.page.locator("#reach-big").bounding_box()
        assert box
        assert math.isclose(box["x"] + box["width"], min(PHONE, box["x"] + box["width"]))


@pytest.mark.browser
def test_the_strip_is_bold_where_the_range_leaves_out_1(file_of, look: Look):
    bold = []
    with look(file_of("examples")) as seen:
        for seconds in ("15", "20"):
            seen.page.get_by_label("Length in seconds").first.fill(seconds)
            for name in ("followers", "reach", "conversion"):
                output, strip = seen.page.locator(f"#{name}"), seen.page.locator(f"#{name}-short")
                low, high = (float(output.get_attribute(f"data-{end}")) for end in ("low", "high"))
                weight = strip.evaluate("mark => getComputedStyle(mark).fontWeight")
                bold.append(weight == "700")
                assert bold[-1] == (low > 1 or high < 1)
                verdict = seen.page.locator(f"#{name}-told").text_content()
                assert verdict == (ABOVE if low > 1 else BELOW if high < 1 else CANNOT)
            assert seen.page.locator("#strip .sure").count() == sum(bold[-3:])
        assert set(bold) == {True, False}
        seen.page.set_viewport_size({"width": 740, "height": 400})
        assert seen.page.locator("#strip").is_hidden()


@pytest.mark.browser
def test_one_quiet_line_tells_a_screen_reader_when_the_keys_rest(edition_in, file_of, look: Look):
    with look(file_of("examples")) as seen:
        status, length = seen.page.locator("#status"), seen.page.get_by_label("Length in seconds")
        wrong = wrong_length(edition_in("examples"))
        seen.page.wait_for_timeout(REST)
        assert status.text_content() == ""
        for typed in ("4000", "20"):
            length.first.fill(typed)
        assert status.text_content() == ""
        seen.page.wait_for_timeout(REST)
        sentences = []
        for name, asked in SHORT.items():
            ratio, low, high = shown_numbers(seen.page, name)
            way = "above B" if low > 1 else "below B" if high < 1 else ""
            is_told = f"A’s whole range is {way}" if way else "can’t tell"
            sentences.append(f"{asked} {ratio:.2f} times, {is_told}.")
        assert status.text_content() == " ".join(sentences)
        assert "A’s whole range is above B" in sentences[2]
        assert seen.page.locator("output:not([aria-live=off])").count() == 0
        length.first.fill("4000")
        seen.page.wait_for_timeout(REST)
        assert status.text_content() == f"Length of video A: {wrong}"


@pytest.mark.browser
def test_without_script_there_is_the_table_and_no_form(file_of, look: Look):
    with look(file_of("examples"), java_script_enabled=False) as seen:
        assert seen.page.locator("#videos").is_hidden()
        assert seen.page.get_by_text("The form needs JavaScript.").is_visible()
        assert seen.page.get_by_role("table", name="Common comparisons").is_visible()
        assert seen.page.get_by_role("row").count() == 13
