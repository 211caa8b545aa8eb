"""What is said of one video beside the others, from its two numbers; the page's script says it too.

The words are here alone: the script fills the same sentences with numbers that it makes itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from pipeline.analysis.norms.bands import Band, Kinds, Norms
from pipeline.analysis.norms.poisson_range import chance, luck
from pipeline.analysis.norms.rates import GroupRate, per_1000
from pipeline.model.rate import PER_VIEWS
from pipeline.render.labels.levers import level
from pipeline.render.text.numbers import whole

SMALLEST = 0.001  # followers per 1,000 views, below which no digits are shown
BELOW, TYPICAL, ABOVE = "below typical", "typical", "above typical"
WORDS = {
    "own": "{followers} from {views}: that is {rate} per 1,000 views.",
    "among": "Among {videos} videos of {creators} creators with {which}, {spread}.",
    "range": "With {views}, {low} to {high} new followers is quite usual by luck.",
    "none": "With {views}, no new follower is quite usual by luck.",
    "inside": "",
    "more": " {followers} is more than that.",
    "fewer": " {followers} is less than that.",
    "many": " By luck alone, {share} of 100 such videos would get {followers} or more.",
    "few": " By luck alone, {share} of 100 such videos would get {followers} or fewer.",
    "zero": " By luck alone, {share} of 100 such videos would get none.",
    "about": "about {n}",
    "hardly": "fewer than one",
    "nearly": "nearly all",
    "nobody": "Nobody with so many views got a new follower here, so luck cannot be worked out.",
    "beyond": "Few creators here have so many views, so this is no yardstick for yours.",
    "next": "What goes with more new followers",
    "kind": "Next to these, yours is {verdict}.",
    "rare": "Too few videos of this kind have so many views. ",
    "follower": "{n} new follower",
    "followers": "{n} new followers",
    "view": "{n} view",
    "views": "{n} views",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnVideo:
    """What is said of a video: its numbers, a verdict, and where it stands; `kind` may be "".

    Where the video has too many views for this yardstick, `among` says so and the rest is "".
    """

    own: str
    verdict: str
    among: str
    luck: str
    kind: str


def own_video(stick: Norms, views: int, followers: int, kind: str = "") -> OwnVideo:
    """Say where a video with views > 0 stands; `kind` is a category that is shown, or ""."""
    rate = per_1000(followers, views)
    own = WORDS["own"].format(
        followers=_count(followers, "follower"), views=_count(views, "view"), rate=number(rate)
    )
    if views > stick.most:
        return OwnVideo(own, "", WORDS["beyond"], "", "")
    place = next(
        i for i, band in enumerate(stick.bands) if band.below is None or views < band.below
    )
    band = stick.bands[place]
    return OwnVideo(
        own,
        verdict(rate, band.group),
        _among(band.group, which(band)),
        _luck(band.group.rate, views, followers),
        _kind(stick, place, rate, kind) if kind else "",
    )


def verdict(rate: float, group: GroupRate) -> str:
    """Say where a rate stands by the quartiles of others, all to two digits."""
    return BELOW if rate < group.low else ABOVE if rate > group.high else TYPICAL


def which(band: Band) -> str:
    """Say which views the videos of a band have: "3,000 to 9,999 views"."""
    if band.below is None:
        return f"{whole(band.least)} views or more" if band.least else "any number of views"
    least = f"{whole(band.least)} to " if band.least else "under "
    return f"{least}{whole(band.below - (band.least > 0))} views"


def number(value: float) -> str:
    """Write a rate of two digits: with two decimals below 10, and with more where it is small.

    >>> number(0.4), number(1.1), number(0.083), number(12.0), number(1200.0), number(0.0)
    ('0.40', '1.10', '0.083', '12', '1,200', '0')
    """
    if 0 < value < SMALLEST:
        return f"under {SMALLEST}"
    if 0 < value < 10:
        return f"{value:#.2g}" if value < 0.1 else f"{value:.2f}"
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """Write a share; only none is 0 %, and only all are 100 %."""
    shown = share if share in (0, 1) else min(max(round(100 * share), 1), 99) / 100
    return f"{100 * shown:.0f}\xa0%"


def spread(group: GroupRate) -> str:
    """Say how the videos of a group are spread."""
    if not group.high:
        return f"{percent(group.none)} got no new follower"
    rest = f", and {percent(group.none)} got none" if group.none else ""
    return f"half got {number(group.low)} to {number(group.high)} per 1,000 views{rest}"


def embeddable(stick: Norms) -> Mapping[str, Any]:
    """Give what the script needs: the words, and the groups with what is said of them."""
    return {
        "words": WORDS,
        "most": stick.most,
        "verdicts": [BELOW, TYPICAL, ABOVE],
        "bands": [{"below": band.below, **_group(band.group, which(band))} for band in stick.bands],
        "kinds": {
            kinds.categories[0]: {
                "all": _group(kinds.group, _each("any number of views", kinds)),
                "bands": {
                    b: _group(group, _each(which(stick.bands[b]), kinds))
                    for (b, at), group in stick.cells.items()
                    if at == k
                },
            }
            for k, kinds in enumerate(stick.kinds)
            if len(kinds.categories) == 1
        },
    }


def _group(group: GroupRate, said: str) -> Mapping[str, Any]:
    return {
        "spread": [group.tenth, group.low, group.middle, group.high, group.ninetieth],
        "rate": group.rate,
        "among": _among(group, said),
    }


def _each(said: str, kinds: Kinds) -> str:
    return f"{said}, each {level('category', kinds.categories[0])}"


def _among(group: GroupRate, said: str) -> str:
    return WORDS["among"].format(
        videos=whole(group.videos), creators=whole(group.creators), which=said, spread=spread(group)
    )


def _luck(rate: float, views: int, followers: int) -> str:
    if not rate:
        return WORDS["nobody"]
    mean = rate * views / PER_VIEWS
    low, high = luck(mean)
    usual = WORDS["range" if high else "none"].format(
        views=_count(views, "view"), low=whole(low), high=whole(high)
    )
    end = WORDS["fewer" if followers < low else "more" if followers > high else "inside"]
    return f"{usual}{end.format(followers=whole(followers))}{_chance(mean, followers)}"


def _chance(mean: float, followers: int) -> str:
    share = 100 * chance(followers, mean)
    kind = "hardly" if share < 1 else "nearly" if share > 99 else "about"
    said = WORDS[kind].format(n=floor(share + 0.5))
    words = "many" if followers >= mean else "few" if followers else "zero"
    return WORDS[words].format(followers=whole(followers), share=said)


def _kind(stick: Norms, place: int, rate: float, kind: str) -> str:
    k = next(i for i, kinds in enumerate(stick.kinds) if kinds.categories == (kind,))
    cell, kinds = stick.cells.get((place, k)), stick.kinds[k]
    group = cell or kinds.group
    said = which(stick.bands[place]) if cell else "any number of views"
    among = _among(group, _each(said, kinds))
    first = "" if cell else WORDS["rare"]
    return f"{first}{among} {WORDS['kind'].format(verdict=verdict(rate, group))}"


def _count(n: int, noun: str) -> str:
    return WORDS[noun if n == 1 else f"{noun}s"].format(n=whole(n))
