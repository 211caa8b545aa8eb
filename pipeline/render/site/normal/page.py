"""Followers per 1,000 views, by views and kind of video, with the spread; and one's own video."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from pipeline.analysis.creators.summary import ENOUGH_VIDEOS
from pipeline.analysis.norms.bands import BEYOND, EDGES, Kinds, Norms, conversion_videos, yardstick
from pipeline.analysis.norms.rates import (
    ENOUGH_FOR_ENDS,
    MOST_OF_ONE,
    ONE_ACCOUNT,
    TWO_ACCOUNTS,
    GroupRate,
    rounded,
)
from pipeline.estimate.ratio_of_sums import WIDEST
from pipeline.inference.thresholds import INTERVAL_CREATORS, RATE_CREATORS, SPREAD_CREATORS
from pipeline.model.rate import PER_VIEWS
from pipeline.render.charts.rate_strips import Strip, strips
from pipeline.render.charts.theme import simulated_title
from pipeline.render.labels.levers import bare, level
from pipeline.render.site.layout.chart import inline
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import embedded, html_page
from pipeline.render.site.normal.own_video import (
    embeddable,
    number,
    own_video,
    percent,
    spread,
    which,
)
from pipeline.render.text.words import capital

EXAMPLE = (5_000, 3)  # views and new followers, as people ask
FEW_VIEWS = 200
FEW = (
    "at the rate of all videos together, {rate} per 1,000, {views} views bring about {n} new "
    "followers."
)
MUCH = 0.5  # of a group's videos by one creator: marked
RULES = {
    "creators": RATE_CREATORS,
    "videos": ENOUGH_VIDEOS,
    "most": MOST_OF_ONE,
    "interval": INTERVAL_CREATORS,
    "widest": f"{WIDEST:g}",
    "ends": ENOUGH_FOR_ENDS,
    "rates": SPREAD_CREATORS,
    "much": MUCH,
    "edges": EDGES,
    "beyond": BEYOND,
}


def page(edition: Edition) -> bytes:
    """Write the page."""
    stick = yardstick(conversion_videos(edition.findings))
    if stick.whole is None:
        return html_page(
            edition, "normal/normal.html.jinja", "normal.html", why=_lacking(stick.why)
        )
    return html_page(
        edition,
        "normal/normal.html.jinja",
        "normal.html",
        "normal/normal.js",
        why="",
        stick=stick,
        rules=RULES,
        example=own_video(stick, *EXAMPLE),
        data=embedded(embeddable(stick)),
        alone=[(kinds.categories[0], named(kinds)) for kinds in stick.kinds if _is_one(kinds)],
        **_tables(edition, stick, stick.whole),
    )


def named(kinds: Kinds) -> str:
    """Name a row of kinds: "Tutorial", "Funny video", "The other kinds, together"."""
    if not _is_one(kinds):
        return "The other kinds, together"
    said = bare("category", kinds.categories[0])
    return capital(said)


def _lacking(why: str) -> str:
    """Say why there is no yardstick, and of how many accounts it would be one."""
    few = why in (ONE_ACCOUNT, TWO_ACCOUNTS)
    return f"{capital(why)}.{' This page needs three.' if few else ''}"


def _is_one(kinds: Kinds) -> bool:
    return len(kinds.categories) == 1


def _tables(edition: Edition, stick: Norms, whole: GroupRate) -> Mapping[str, Any]:
    everything, few = Strip("All videos", whole), FEW_VIEWS * whole.rate / PER_VIEWS
    bands = [Strip(capital(which(band)), band.group) for band in stick.bands]
    kinds = [Strip(named(each), each.group) for each in stick.kinds]
    views = [*bands, everything] if len(bands) > 1 else [everything]
    return {
        "tabled": [Strip(_bare(row), row.group) for row in views],
        "kinds": kinds,
        "joined": [_plain(each) for each in stick.kinds if not _is_one(each)],
        "views_chart": _chart(edition, views),
        "kinds_chart": _chart(edition, kinds) if kinds else None,
        "cells": _cells(stick, bands, kinds),
        "few": FEW.format(views=FEW_VIEWS, n=number(rounded(few)), rate=number(whole.rate)),
        "number": number,
        "percent": _percent,
    }


def _cells(stick: Norms, bands: list[Strip], kinds: list[Strip]) -> Mapping[str, Any] | None:
    """The cells in columns of bands and rows of kinds, but such as have none."""
    columns, rows = ({place[side] for place in stick.cells} for side in (0, 1))
    if not stick.cells:
        return None
    return {
        "bands": [_bare(bands[b]) for b in sorted(columns)],
        "kinds": [
            (kinds[k].name, [stick.cells.get((b, k)) for b in sorted(columns)])
            for k in sorted(rows)
        ],
    }


def _bare(row: Strip) -> str:
    """Name a band where "views" stands above it."""
    return row.name.replace(" views", "")


def _percent(share: float) -> Markup:
    return Markup(percent(share))  # noqa: S704  # digits, and a space that the shell would break


def _plain(kinds: Kinds) -> str:
    """List the kinds that are joined."""
    *most, last = (level("category", category) for category in kinds.categories)
    return f"{', '.join(most)} or {last}" if most else last


def _chart(edition: Edition, rows: list[Strip]) -> Markup:
    title = simulated_title(edition.findings, has_truth=False)
    said = ". ".join(f"{row.name}: {spread(row.group)}" for row in rows)
    says = f"New followers per 1,000 views. {said}."
    return inline(strips(rows, title), says)
