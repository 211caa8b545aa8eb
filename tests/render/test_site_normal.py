"""The page "Am I normal?": its states, and that its script says what Python says."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from pipeline.analysis.creators.summary import NO_COUNTS
from pipeline.analysis.norms.bands import Band, Kinds, Norms, conversion_videos, yardstick
from pipeline.analysis.norms.rates import ONE_ACCOUNT, TWO_ACCOUNTS, GroupRate
from pipeline.inference.results import Results
from pipeline.render.charts.rate_strips import Strip, strips
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.normal import page as normal
from pipeline.render.site.normal.own_video import (
    ABOVE,
    BELOW,
    TYPICAL,
    WORDS,
    embeddable,
    number,
    own_video,
    percent,
    spread,
    which,
)
from pipeline.render.site.normal.page import named
from support.browser import PHONE
from support.creators import videos
from support.results import findings_of, simulated

pytestmark = pytest.mark.slow  # whole pages are rendered

GROUP = GroupRate(84, 9, 0.3, 0.25, 0.0, 0.2, 0.4, 1.1, 1.9, 0.5, 0.3, 0.8)
NONE = replace(GROUP, none=0.9, low=0.0, middle=0.0, high=0.0)
STICK = Norms(
    GROUP,
    "",
    (Band(0, 3000, NONE), Band(3000, 10_000, GROUP), Band(10_000, None, replace(GROUP, rate=0.0))),
    (Kinds(("tutorial",), replace(GROUP, low=0.7)), Kinds(("qa", "demo"), GROUP)),
    {(1, 0): replace(GROUP, low=0.9, videos=20)},
    most=100_000,
)
SCRIPT = Path(normal.__file__).with_name("normal.js").read_text(encoding="utf-8")


def edition(findings: Results) -> Edition:
    return Edition(findings, None, [])


@pytest.fixture(scope="module")
def written(results_of, tmp_path_factory):
    """A page of so many simulated creators, as real ones, and what it is made of."""

    @cache
    def write(creators: int) -> tuple[Path, Norms]:
        findings = results_of(creators, 50 * creators)
        page = tmp_path_factory.mktemp(f"of-{creators}") / "normal.html"
        page.write_bytes(normal.page(edition(findings)))
        return page, yardstick(conversion_videos(findings))

    return write


def words_of(page: Path) -> str:
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.read_text("utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_nobody_yet(home, tmp_path):
    page = tmp_path / "normal.html"
    page.write_bytes(normal.page(edition(findings_of(home))))
    assert "no video is in the pool" in words_of(page)
    assert "<table" not in page.read_text("utf-8")


@pytest.mark.parametrize(("creators", "why"), [(1, ONE_ACCOUNT), (2, TWO_ACCOUNTS)])
def test_one_account_and_two_are_no_yardstick(creators, why, written):
    page, _ = written(creators)
    raw = page.read_text("utf-8")
    assert f"{why[0].upper()}{why[1:]}. This page needs three." in words_of(page)
    assert not re.search(r"<table|<form|<svg|per 1,000 views, |normal-data", raw)


def test_without_follower_counts_nothing_is_told(narrow, tmp_path):
    page = tmp_path / "normal.html"
    page.write_bytes(normal.page(edition(narrow)))
    assert f"N{NO_COUNTS[1:]}." in words_of(page)


def test_every_row_is_in_the_table_of_a_page_without_script(written):
    page, stick = written(8)
    text = words_of(page)
    assert len(stick.bands) > 1
    for group in (*(band.group for band in stick.bands), *(kinds.group for kinds in stick.kinds)):
        cells = f"{number(group.low)} to {number(group.high)} {number(group.middle)}"
        assert f" {cells} " in text.replace("  ", " ")
    assert "By hand" in text
    assert own_video(stick, 5000, 3).luck in text


def test_the_three_have_no_interval_and_no_spread_of_creators(written):
    page, stick = written(3)
    assert stick.whole
    assert all(band.group.rate_low is None for band in stick.bands)
    assert "own rates are: 8 creators" in words_of(page)


def test_the_same_findings_give_the_same_bytes(written, home):
    page, _ = written(3)
    findings = findings_of(simulated(home, 3, 150, real=True))
    assert normal.page(edition(findings)) == page.read_bytes()


def test_what_is_embedded_has_no_more_digits_than_the_table(written):
    page, _ = written(8)
    data = re.search(r'id="normal-data">(.*?)</script>', page.read_text("utf-8"), re.S)
    bands = json.loads(data[1])["bands"]
    numbers = [n for band in bands for n in (*band["spread"], band["rate"]) if n is not None]
    assert numbers
    assert all(float(f"{n:.2g}") == n for n in numbers)


@pytest.mark.parametrize(
    ("views", "followers", "verdict"),
    [
        (5000, 1, TYPICAL),  # on the lower quartile
        (5000, 0, BELOW),
        (9999, 11, TYPICAL),  # on the upper one, as shown
        (5000, 6, ABOVE),
        (3000, 3, TYPICAL),
        (2999, 0, TYPICAL),
        (2999, 1, ABOVE),
    ],
)
def test_typical_is_the_middle_half_ends_included(views, followers, verdict):
    assert own_video(STICK, views, followers).verdict == verdict


def test_what_is_said_of_a_video():
    answer = own_video(STICK, 5000, 3, "tutorial")
    assert answer.own == "3 new followers from 5,000 views: that is 0.60 per 1,000 views."
    assert answer.among == (
        "Among 84 videos of 9 creators with 3,000 to 9,999 views, half got 0.20 to 1.10 per "
        "1,000 views, and 25\xa0% got none."
    )
    assert answer.luck == (
        "With 5,000 views, 1 to 5 new followers is quite usual by luck. By luck alone, about 46 of "
        "100 such videos would get 3 or more."
    )
    assert answer.kind.startswith("Among 20 videos")
    assert answer.kind.endswith(
        "each a tutorial, half got 0.90 to 1.10 per 1,000 views, and 25\xa0% got none. "
        "Next to these, yours is below typical."
    )


def test_a_kind_without_such_views_is_compared_over_all_views():
    answer = own_video(STICK, 50, 0, "tutorial")
    assert answer.kind.startswith(WORDS["rare"])
    assert "with any number of views, each a tutorial" in answer.kind


def test_beyond_the_views_of_the_pool_nothing_is_judged():
    farthest = own_video(STICK, 100_000, 3, "tutorial")
    assert (farthest.verdict, bool(farthest.luck), bool(farthest.kind)) == (BELOW, True, True)
    answer = own_video(STICK, 100_001, 3, "tutorial")
    assert answer.own == "3 new followers from 100,001 views: that is 0.030 per 1,000 views."
    assert (answer.verdict, answer.among, answer.luck, answer.kind) == ("", WORDS["beyond"], "", "")


LESS = "quite usual by luck. 1 is less than that."
MORE = "With 1 view, no new follower is quite usual by luck. 1 is more than that."


@pytest.mark.parametrize(
    ("views", "followers", "ends"),
    [
        (100, 0, "about 95 of 100 such videos would get none."),
        (9999, 30, "fewer than one of 100 such videos would get 30 or more."),
        (9000, 1, f"{LESS} By luck alone, about 6 of 100 such videos would get 1 or fewer."),
        (1, 1, f"{MORE} By luck alone, fewer than one of 100 such videos would get 1 or more."),
        (20_000, 0, WORDS["nobody"]),
    ],
)  # fmt: skip
def test_what_luck_alone_gives(views, followers, ends):
    assert own_video(STICK, views, followers).luck.endswith(ends)


def test_words_of_rows():
    spans = [which(Band(*ends, GROUP)) for ends in ((0, 300), (300, 1000), (3000, None), (0, None))]
    assert spans == ["under 300 views", "300 to 999 views", "3,000 views or more",
                     "any number of views"]  # fmt: skip
    assert spread(NONE) == "90\xa0% got no new follower"
    assert spread(replace(GROUP, none=0.0)) == "half got 0.20 to 1.10 per 1,000 views"
    shares = [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)]
    assert shares == ["0\xa0%", "1\xa0%", "50\xa0%", "99\xa0%", "100\xa0%"]
    assert [number(n) for n in (0.0, 0.0004, 0.001, 0.05, 0.38, 0.7, 2.0, 9.9, 10.0, 1200.0)] == [
        "0", "under 0.001", "0.0010", "0.050", "0.38", "0.70", "2.00", "9.90", "10", "1,200",
    ]  # fmt: skip
    kinds = [Kinds(words, GROUP) for words in (("info",), ("opinion",), ("qa",), ("qa", "demo"))]
    assert [named(each) for each in kinds] == ["Info video", "Opinion", "Q&A",
                                               "The other kinds, together"]  # fmt: skip


def test_a_strip_fits_a_phone_and_names_its_rows():
    svg = strips([Strip("Under 300 views", NONE), Strip("All videos", GROUP)], "Simulated").decode()
    width = re.match(r"<svg [^>]*width=\"(\d+)", svg)
    assert int(width[1]) <= PHONE - 30
    for text in ("Under 300 views", "All videos", "84 videos", "Simulated", ">0<"):
        assert text in svg
    assert strips([Strip("Nothing", replace(NONE, rate=0.0, tenth=None, ninetieth=None))], "")


# In a browser


def in_browser(test):
    return pytest.mark.slow(pytest.mark.browser(test))


OUTPUT = "#own-answer .card p:not(.next)"
FORM = "#own-form button"


ASK = """cases => {
  const at = (id) => document.getElementById(id);
  return cases.map(([views, followers, kind]) => {
    at("own-views").value = views;
    at("own-followers").value = followers;
    if (at("own-kind")) at("own-kind").value = kind;
    at("own-form").requestSubmit();
    return [...document.querySelectorAll("OUTPUT")].map((line) => line.textContent);
  });
}""".replace("OUTPUT", OUTPUT)


def answers(page, views: str, followers: str) -> list[str]:
    page.fill("#own-views", views)
    page.fill("#own-followers", followers)
    page.click(FORM)
    return page.locator(OUTPUT).all_text_contents()


def expected(stick: Norms, views: int, followers: int, kind: str = "") -> list[str]:
    answer = own_video(stick, views, followers, kind)
    verdict = answer.verdict[:1].upper() + answer.verdict[1:]
    return [each for each in (answer.own, verdict, answer.among, answer.luck, answer.kind) if each]


@in_browser
@pytest.mark.parametrize("creators", [3, 8])
def test_the_script_says_what_python_says(creators, written, look):
    page, stick = written(creators)
    kinds = ["", *(k.categories[0] for k in stick.kinds if len(k.categories) == 1)]
    rng = np.random.default_rng(creators)
    cases = []
    for _ in range(400):
        views = int(np.exp(rng.uniform(0, 16)))
        followers = min(int(rng.poisson(views * np.exp(rng.normal(-7.5, 1.5)))), views)
        cases.append((views, followers, str(rng.choice(kinds))))
    with look(page) as seen:
        computed = seen.page.evaluate(ASK, cases)
        assert (seen.said, seen.asked) == ([], [])
    assert computed == [expected(stick, *case) for case in cases]


@in_browser
def test_the_script_says_what_python_says_of_any_yardstick(written, look):
    """Of such as simulated creators do not give: ties, halves, rates of 0."""
    page, _ = written(3)
    sticks = [STICK, *(yardstick(videos(seed, 9, 60)) for seed in range(6))]
    views = [8, 1000, 3000, 9999, 10_000, 12_345, 10**6, 10**10]
    cases = [(n, followers, "") for n in views for followers in range(9)]
    for stick in sticks:
        other = page.with_name("other.html")
        data = json.dumps(embeddable(stick))
        block = re.compile(r'(?<=id="normal-data">).*?(?=</script>)', re.S)
        text = block.sub(lambda _, data=data: data, page.read_text("utf-8"))
        other.write_text(text, encoding="utf-8")
        asked = [case for case in cases if case[1] <= case[0]]
        with look(other) as seen:
            assert seen.page.evaluate(ASK, asked) == [expected(stick, *case) for case in asked]


@in_browser
def test_the_script_s_chances_are_those_of_scipy(written, look):
    page, _ = written(3)
    code = SCRIPT[SCRIPT.index("  function poisson") : SCRIPT.index("  function luck")]
    ask = f"""cases => {{ {code}
      return cases.map(([mean, count]) => {{
        const law = poisson(mean);
        return [chance(law, count, mean), quantile(law, 0.1), quantile(law, 0.9)];
      }}); }}"""
    rng = np.random.default_rng(2)
    means = np.exp(rng.uniform(-8, 14, 400))
    counts = rng.poisson(means * np.exp(rng.normal(0, 0.5, 400)))
    cases = [[float(mean), int(n)] for mean, n in zip(means, counts, strict=True)]
    with look(page) as seen:
        computed = np.array(seen.page.evaluate(ask, cases))
    law = scipy.stats.poisson(means)
    chances = np.where(counts < means, law.cdf(counts), law.sf(counts - 1))
    np.testing.assert_allclose(computed[:, 0], chances, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(computed[:, 1], law.ppf(0.1))
    np.testing.assert_array_equal(computed[:, 2], law.ppf(0.9))


READ = [  # as typed, the number, what is said of it
    ("5000", 5000, ""),
    (" 5000 ", 5000, ""),
    ("1,200", 1200, "Read as 1,200."),
    ("1 200", 1200, "Read as 1,200."),
    ("5.000", 5000, "Read as 5,000."),
    ("1.234.567", 1_234_567, "Read as 1,234,567."),
    ("1,234,567", 1_234_567, "Read as 1,234,567."),
    ("12.7K", 12_700, "Read as 12,700, a rounded number."),
    ("1.2 m", 1_200_000, "Read as 1,200,000, a rounded number."),
    ("00500", 500, "Read as 500."),
]
REFUSED = [
    ("", "Write the views, such as 5000."),
    ("many", "Write digits only"),
    ("5e3", "Write digits only"),
    ("12,34", "no decimals"),
    ("-5", "It cannot be less than 0."),
    ("\u22125", "It cannot be less than 0."),
    ("12.5", "no decimals"),
    ("0.500", "no decimals"),
    ("1.20", "no decimals"),
    ("1.2000", "no decimals"),
    ("1.200,000", "Write digits only"),
    ("0", "Without a view nobody could follow"),
    ("99999999999", "more than we can place"),
    ("<b>1</b>", "Write digits only"),
]


@in_browser
def test_numbers_are_read_as_people_write_them_or_refused_kindly(written, look):
    page, stick = written(8)
    with look(page, width=PHONE) as seen:
        for typed, views, says in READ:
            assert answers(seen.page, typed, "1") == expected(stick, views, 1), typed
            assert seen.page.text_content("#own-views-says") == says
            assert seen.page.get_attribute("#own-views", "aria-invalid") == "false"
        for typed, says in REFUSED:
            assert answers(seen.page, typed, "0") == [], typed
            assert says in seen.page.text_content("#own-views-says")
            assert seen.page.get_attribute("#own-views", "aria-invalid") == "true"
            assert seen.page.evaluate("document.activeElement.id") == "own-views"
        assert answers(seen.page, "5", "6") == []
        assert "right way round" in seen.page.text_content("#own-followers-says")
        assert seen.page.evaluate("document.activeElement.id") == "own-followers"
        assert seen.page.evaluate("document.body.scrollWidth") <= PHONE
        assert (seen.said, seen.asked) == ([], [])


@in_browser
def test_the_keyboard_is_enough_and_no_answer_outlives_its_numbers(written, look):
    page, stick = written(8)
    kind = next(kinds.categories[0] for kinds in stick.kinds)
    with look(page) as seen:
        lines = seen.page.locator(OUTPUT)
        seen.page.focus("#own-views")
        seen.page.keyboard.type("5000")
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.type("3")
        assert lines.count() == 0
        seen.page.keyboard.press("Enter")
        assert lines.all_text_contents() == expected(stick, 5000, 3)
        assert seen.page.locator("#own-answer svg text").text_content() == "you: 0.60"
        seen.page.select_option("#own-kind", kind)
        assert lines.all_text_contents() == expected(stick, 5000, 3, kind)
        seen.page.focus("#own-followers")
        seen.page.keyboard.type("0")
        assert lines.count() == 0
        seen.page.select_option("#own-kind", "")
        assert lines.count() == 0


@in_browser
def test_a_next_step_is_offered_below_typical_alone(written, look):
    page, _ = written(8)
    block = re.compile(r'(?<=id="normal-data">).*?(?=</script>)', re.S)
    other = page.with_name("next.html")
    data = json.dumps(embeddable(STICK))
    other.write_text(block.sub(lambda _: data, page.read_text("utf-8")), encoding="utf-8")
    with look(other) as seen:
        for followers, offered in (("0", 1), ("1", 0), ("6", 0)):
            answers(seen.page, "5000", followers)
            assert seen.page.locator("#own-answer a[href='index.html']").count() == offered
        assert answers(seen.page, "100,001", "3") == expected(STICK, 100_001, 3)
        assert seen.page.locator("#own-answer svg").count() == 0


@in_browser
def test_the_button_stays_under_the_pointer(written, look):
    """A message that came up between press and release would take the click away."""
    page, _ = written(8)
    with look(page) as seen:
        assert answers(seen.page, "5000", "3")
        seen.page.fill("#own-views", "many")
        seen.page.hover(FORM)
        seen.page.mouse.down()
        before = seen.page.locator(FORM).bounding_box()
        assert seen.page.text_content("#own-views-says") == ""
        seen.page.mouse.up()
        assert seen.page.text_content("#own-views-says")
        assert before["y"] < seen.page.locator(FORM).bounding_box()["y"]
