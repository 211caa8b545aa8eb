"""The data that is wanted, in a creator's words: what is lacking, and what more of it would do."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.analysis.advice.data_needs import MORE_VIDEOS, Gain, Wish
from pipeline.dataset.coverage import ColumnCoverage
from pipeline.inference.results import Results
from pipeline.inference.thresholds import INTERVAL_CREATORS
from pipeline.model.reasons import Reason
from pipeline.model.variables import bounded_exp
from pipeline.render.charts.ranges import WIDEST, RatioMark, ranges
from pipeline.render.charts.theme import simulated_title
from pipeline.render.labels import table
from pipeline.render.labels.levers import CURVES, REFERENCES, brief, contrast, is_tried, many
from pipeline.render.text.numbers import ratio, whole

MOST_CARDS = 3  # of each kind
MOST_DRAWN = 8
IN_TREND = "they changed it only as time went by, and growth could do the same. Go back and forth!"
FEW = 0.8  # the share of videos, below which a column is noted by few


@dataclass(frozen=True, slots=True)
class WishCard:
    """One wish: what is wanted, how much of it, what that would do, and what there is so far."""

    title: str
    more: str
    then: str
    so_far: str

    @property
    def why(self) -> str:
        """All of it but the title, in sentences."""
        return f"{self.more}, {self.then}. {self.so_far}"


@dataclass(frozen=True, slots=True)
class WishGroup:
    """The choices that lack as many creators; `creators` can tell of each so far."""

    short: int
    creators: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GainRow:
    """A row of the table of gains, as text."""

    compares: str
    counts: str
    videos: int
    creators: int
    today: str
    with_creator: str
    with_videos: str
    needed: str


def cards(wishes: Sequence[Wish], *, alone: bool) -> list[WishCard]:
    """Choose what to ask for first: what can be tested soonest, and what would narrow most."""
    asked = [wish for wish in wishes if wish.made and is_tried(wish.term, wish.level)]
    soon = [] if alone else [_short(wish) for wish in asked if wish.short]
    narrower = sorted((gain for wish in asked if (gain := wish.best)), key=lambda g: -g.narrowing)
    wide = [_narrowed(gain) for gain in narrower]
    first = soon[: max(MOST_CARDS, 2 * MOST_CARDS - len(wide))]
    return [*first, *wide[: 2 * MOST_CARDS - len(first)]]


def _short(wish: Wish) -> WishCard:
    name = many(wish.term, wish.level)
    have = _have(wish.both, wish.term, wish.level)
    if wish.creators < wish.both and wish.question:
        can = f"Only {wish.creators}" if wish.creators else "None of them"
        have += f" {can} can tell about {table.question(wish.question.name).counts} yet"
        have += f": {IN_TREND}" if wish.reason is Reason.TREND else "."
    return WishCard(name, f"{wish.short} more {_noun(wish.short)}", "and it can be tested", have)


def _narrowed(gain: Gain) -> WishCard:
    name = many(gain.variable.term, gain.variable.level)
    counts = table.question(gain.question.name).counts
    today = f"Today: between {_ends(gain, gain.now)} × {counts} (95 % range)."
    if gain.with_creator is None:
        more, added = f"{MORE_VIDEOS} more videos", str(MORE_VIDEOS)
        have = f"{whole(gain.videos)} so far."
    else:
        more, added = "1 more creator", "one"
        have = _have(gain.creators, gain.variable.term, gain.variable.level)
    with_more = f"With {added} more: between {_ends(gain, gain.then)}."
    return WishCard(name, more, "for a sharper answer", f"{have} {today} {with_more}")


def _have(creators: int, term: str, level: str) -> str:
    """Say how many creators made both kinds."""
    others = many(term, REFERENCES[term]) if term in CURVES else "others"
    both = f"{many(term, level)} and {others}"
    if not creators:
        return f"Nobody has made {both} so far."
    return f"{whole(creators)} {'have' if creators != 1 else 'has'} made {both} so far."


def _noun(creators: int) -> str:
    return "creators" if creators > 1 else "creator"


def _ends(gain: Gain, half: float, joined: str = "and") -> str:
    low, high = (ratio(bounded_exp(gain.estimate + sign * half)) for sign in (-1, 1))
    return f"{low} {joined} {high}"


def groups(wishes: Sequence[Wish]) -> list[WishGroup]:
    """Sort what cannot be tested yet by how many creators it lacks; what nobody made is apart."""
    return [
        WishGroup(short, INTERVAL_CREATORS - short, tuple(many(w.term, w.level) for w in lacking))
        for short in range(1, INTERVAL_CREATORS + 1)
        if (lacking := [wish for wish in wishes if wish.made and wish.short == short])
    ]


def unmade(wishes: Sequence[Wish]) -> list[str]:
    """Name what no video of the pool has."""
    return [
        many(wish.term, wish.level)
        for wish in wishes
        if not wish.made and is_tried(wish.term, wish.level)
    ]


def lines(gains: Iterable[Gain]) -> list[GainRow]:
    """Write every gain as a row of the table, in the order given."""
    return [
        GainRow(
            contrast(gain.variable),
            table.question(gain.question.name).short.lower(),
            gain.videos,
            gain.creators,
            _ends(gain, gain.now, "to"),
            "" if gain.with_creator is None else _ends(gain, gain.with_creator, "to"),
            _ends(gain, gain.with_videos, "to"),
            _needed(gain),
        )
        for gain in gains
    ]


def _needed(gain: Gain) -> str:
    if gain.needed is None:
        return ""
    if gain.with_creator is None:
        return f"{whole(gain.needed.videos)} videos"
    return f"{whole(gain.needed.creators)} creators, {whole(gain.needed.videos)} videos"


def figure(findings: Results, gains: Sequence[Gain]) -> bytes | None:
    """Draw the comparisons that one more creator, or ten more videos, would narrow most.

    What would still run out of the picture shows nothing there, and is left to the table.
    """
    rows = [
        RatioMark(
            brief(gain.variable),
            bounded_exp(gain.estimate),
            table.question(gain.question.name).short.lower(),
            _bounds(gain, gain.then),
            _bounds(gain, gain.now),
            firm=False,
        )
        for gain in drawn(gains)
    ]
    return ranges(rows, simulated_title(findings, has_truth=False))


def drawn(gains: Sequence[Gain]) -> list[Gain]:
    """Choose the comparisons of the picture."""
    inside = [g for g in gains if abs(g.estimate) + g.then < math.log(WIDEST)]
    return inside[:MOST_DRAWN]


def _bounds(gain: Gain, half: float) -> tuple[float, float]:
    return bounded_exp(gain.estimate - half), bounded_exp(gain.estimate + half)


def unnoted(holdings: Iterable[ColumnCoverage], creators: int) -> list[tuple[ColumnCoverage, str]]:
    """List the columns that few note, and what noting them would allow; the rarest first."""
    enough = min(creators, INTERVAL_CREATORS)
    columns = [
        (each, table.column(each.column.name).allows)
        for each in holdings
        if table.column(each.column.name).allows
        and each.videos
        and (each.share < FEW or each.creators < enough)
    ]
    first = [pair for pair in columns if pair[0].column.name == "new_followers"]
    rest = sorted((p for p in columns if p not in first), key=lambda pair: pair[0].share)
    return [*first, *rest]
