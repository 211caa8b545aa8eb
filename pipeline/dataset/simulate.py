"""Simulated example creators with known effects: no real person's numbers belong here."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from pipeline.estimate.spline import spline_columns
from schema.file_rules import PROFILE

Array = NDArray[Any]  # (n,) one value a video, or a row
Columns = dict[str, Array]  # by canonical name, in the order of the file
Files = dict[PurePosixPath, bytes]

# Term → level → log ratios of (reach, conversion), against info, no, 12-17 and original. Those of a
# number are along a curve, against the middle one of its `KNOTS`.
EFFECTS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "duration_s": {"10": (-0.35, -0.1), "60": (-0.45, 0.2)},
    "hashtags": {"0": (0.0, 0.0), "8": (0.0, 0.0)},
    "category": {
        "tutorial": (-0.1, 0.5), "opinion": (0.1, 0.0), "story": (0.15, 0.2), "humor": (0.6, -0.4),
        "reaction": (0.3, -0.3), "review": (0.0, 0.1), "demo": (0.0, 0.2), "vlog": (-0.2, 0.1),
        "challenge": (0.4, -0.4), "qa": (-0.2, 0.4), "promo": (-0.5, -0.2), "other": (0.0, 0.0),
    },
    "has_cover": {"yes": (0.0, 0.0)}, "has_caption": {"yes": (0.1, 0.0)},
    "is_reply": {"yes": (-0.1, 0.3)}, "is_duet": {"yes": (0.15, -0.2)},
    "is_stitch": {"yes": (0.1, -0.1)},
    "posted_hour": {"0-5": (-0.1, 0.0), "6-11": (0.0, 0.0), "18-23": (0.2, 0.0)},
    "sound": {"voiceover": (0.0, 0.1), "library": (0.0, 0.0), "trending": (0.25, -0.15),
              "none": (-0.2, 0.0)},
}  # fmt: skip
KNOTS = {"duration_s": (10, 25, 60), "hashtags": (0, 3, 8)}
EFFECTS_TOML = """\
# The effects planted in the simulated creators (example-*), as log ratios between videos of one
# creator: 0.5 is exp(0.5) = 1.65 times as many. Against: category info, posted_hour 12-17, sound
# original, flags no. duration_s is along a natural cubic spline of its log, against 25, hashtags
# along one of log(1 + hashtags), against 3. followers = reach + conversion. What is not listed has
# no effect.
"""
CREATOR_TOML = """\
# Simulated: no account and no person behind it. Written by `python -m pipeline simulate`.
github = "followworthy-examples"
licence = "CC-BY-4.0"
consent = 2026-11-01
simulated = true
"""
PAGES = 2  # creators, from the first on, who ask for a page of their own
PAGE_TOML = """\
# A page of their own: two of the examples have one, to show what it looks like.
page = true
"""
CATEGORIES = {  # how often it is used, how much longer (log) its videos are, what its labels say
    "info": (16, 0.0, "quick facts"), "humor": (14, -0.5, "office joke"),
    "tutorial": (12, 0.4, "how it is done"), "opinion": (9, 0.1, "my honest view"),
    "story": (8, 0.3, "the day it went wrong"), "vlog": (7, 0.2, "morning routine"),
    "demo": (5, 0.0, "watch it work"), "review": (5, 0.2, "one month on"),
    "qa": (4, 0.1, "you asked"), "reaction": (4, -0.3, "first look"),
    "challenge": (2, -0.2, "thirty days"), "promo": (1, 0.0, "now available"),
    "other": (1, 0.0, "odds and ends"),
}  # fmt: skip
SUBJECTS = ("software", "cooking", "fitness", "careers", "gardening", "travel", "books", "woodwork")
SOUNDS = {"original": 0.4, "voiceover": 0.25, "trending": 0.15, "library": 0.12, "none": 0.08}
HOURS = {"0-5": 0.06, "6-11": 0.24, "12-17": 0.36, "18-23": 0.34}
FLAGS = ("has_cover", "has_caption", "is_reply", "is_duet", "is_stitch")
ENGAGEMENT = {  # share of the views, slope on appeal, noise (both of the log)
    "likes": (0.035, 0.3, 0.2), "comments": (0.005, 0.25, 0.5), "shares": (0.002, 0.4, 0.5),
    "saves": (0.003, 0.5, 0.5),
}  # fmt: skip
FOLDERS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo",
           "jasper", "kelp", "lagoon", "maple", "nectar", "onyx", "pebble", "quartz", "raven",
           "saffron", "tundra", "umber", "violet", "willow", "zephyr")  # fmt: skip
BUSY = np.log(4)  # a typical video has 1,200 views and not 300
HEAVY = 1.2  # mean of the exponential luck of log views: its kurtosis is 9, as in 2022
MOST_VIEWS = 30_000_000.0
SILENT = 0.15  # of the videos: nobody follows, whatever the views
START, AUDIENCE = 2_000.0, 0.3  # followers on the first day; log ratio of views to those before
FIRST_DAY, LAST_DAY = np.datetime64("2025-01-03"), np.datetime64("2026-08-15")  # of posting
SHEET_2022 = {
    "name": "video", "views": "views", "likes": "likes", "comments": "comments",
    "shares": "shares", "bookmarks": "saves", "watchedFullVideo": "watched_full_pct",
    "newFollowers": "new_followers", "length": "duration_s", "category": "category",
    "subject": "subject", "hasCover": "has_cover", "hasDescription": "has_caption",
    "reply": "is_reply",
}  # fmt: skip
# Habits of recording cycle with a creator's number, so that few creators show all of them.
LEGACY, UNDATED = 3, (3, 5)  # modulo 7: keeps the sheet of 2022; notes no dates
# (cycle, place in the cycle)
UNRECORDED = {"has_cover": (4, 2), "posted_hour": (5, 2), "hashtags": (6, 4), "sound": (6, 4),
              "avg_watch_s": (3, 1), "followers_before": (4, 3)}  # fmt: skip


def simulate(creators: int = 24, videos: int = 1500, seed: int = 2106) -> Files:
    """Invent contributions with known effects; every file's bytes by path below contributions/.

    Video i of creator c has levers x with log ratios r(x), v(x) (`EFFECTS`: reach, conversion),
    appeal q and an audience f of followers before it. With a, b, d, q, e
    standard normal, z exponential of mean 1 less its median, g Gamma(3)/3, and f_0 log-normal about
    2,000 with sd 0.8, which grows by Gamma(2)/4 a year (log):

        views         = floor(m + U),  log m = log 1200 + 0.4 a_c + r(x) + 1.2 z + 0.3 log(f / f_c)
        new_followers ~ Poisson(views · t · g),  log t = log 0.00053 + 0.3 b_c + v(x) + 0.3 q,
                        and 0 in 15 % of the videos
        likes         ~ Poisson(views · exp(log 0.035 + 0.2 d_c + 0.3 q + 0.2 e)), at most 19 %
        comments, shares, saves: alike (`ENGAGEMENT`), at most the likes
        watched_full  = logistic(-0.9 + 0.5 q - 0.5 log(duration / 25) + 0.4 e)
        odds(new_followers empty) = 0.3 (views / 400)^-0.9 exp(0.6 years before the last day)

    Log views have the kurtosis of the account of 2022, so that one video can have half of all
    views. q is no part of views, hence followers = reach + conversion. Missing outcomes depend on
    views, which conversion does not mind. Promoted videos get 4.5 times the views at half the rate.
    The generators' methods are stable in practice, not by promise: versions are locked, and a test
    compares the committed examples.

    With the seed 2106, that of the examples, followers have lines of every verdict; most seeds show
    fewer.

    Raises:
        ValueError: if there is no creator, less than a video for each, or the seed is negative.
    """
    if creators < 1 or videos < creators or seed < 0:
        raise ValueError("simulate needs creators >= 1, videos >= creators and seed >= 0")
    rng, least = Generator(PCG64(seed)), min(15, videos // creators)
    shares = np.cumsum(np.exp(rng.normal(0, 0.8, creators).clip(-2, 1.3)))
    ends = np.floor(shares / shares[-1] * (videos - least * creators)).astype(int)
    latent = rng.normal(0, (0.4, 0.3, 0.2), (creators, 3))
    latent -= latent.mean(axis=0)  # few creators, yet typical figures
    files = {PurePosixPath("example-effects.toml"): _effects_toml()}
    for number, size in enumerate(least + np.diff(ends, prepend=0)):
        lap, word = divmod(number, len(FOLDERS))
        folder = PurePosixPath(f"example-{FOLDERS[word]}{f'-{lap + 1}' if lap else ''}")
        files[folder / PROFILE] = CREATOR_TOML + (PAGE_TOML if number < PAGES else "")
        own = Generator(PCG64((seed, number)))
        captures = _captures(own, number, _videos(own, number, int(size), latent[number]))
        files |= {folder / name: text for name, text in _tables(number, captures).items()}
    return {path: files[path].encode("ascii") for path in sorted(files)}


def _effects_toml() -> str:
    text = EFFECTS_TOML
    for table, parts in {"followers": (1, 1), "reach": (1, 0), "conversion": (0, 1)}.items():
        text += f"\n[{table}]\n"
        for term, levels in EFFECTS.items():
            cells = [f"{level} = {np.dot(parts, pair):.2f}" for level, pair in levels.items()]
            text += f"{term} = {{ {', '.join(cells)} }}\n"
    return text


def levers(rng: Generator, number: int, n: int) -> Columns:
    """Draw what the creator of this number decides in n videos, by column; `posted_hour` in words.

    Creators differ in how often they use what; the videos of one creator are alike. Flags depend on
    nothing else.
    """
    popular = np.array([use for use, _, _ in CATEGORIES.values()], float)
    used = rng.choice(len(popular), rng.integers(4, 8), replace=False, p=popular / popular.sum())
    taste = popular[used] * np.exp(rng.normal(0, 0.5, len(used)))
    category = np.array(list(CATEGORIES))[rng.choice(used, n, p=taste / taste.sum())]
    longer = np.array([CATEGORIES[word][1] for word in category])
    duration = np.exp(np.log(22) + longer + rng.normal(0, 0.6, n)).clip(5, 600)
    often = rng.uniform((0.3, 0.5, 0.08), (0.8, 0.9, 0.25))
    shares = (*often, 0.1 * (number % 4 == 1), 0.1 * (number % 5 == 1))
    flags = [np.where(rng.random(n) < share, "yes", "no") for share in shares]
    return {
        "posted_hour": rng.choice(list(HOURS), n, p=list(HOURS.values())),
        "duration_s": duration.round(2 if number % 3 else 0),
        "category": category,
        "subject": rng.choice(rng.choice(SUBJECTS, 3, replace=False), n, p=(0.5, 0.3, 0.2)),
        **dict(zip(FLAGS, flags, strict=True)),
        "hashtags": rng.poisson(rng.uniform(2, 6), n).astype(float),
        "sound": rng.choice(list(SOUNDS), n, p=list(SOUNDS.values())),
    }


def log_ratio(part: int, levers: Columns) -> Array:
    """Sum up the log ratios (n,) planted in the levers: part 0 of reach, 1 of conversion."""
    total = np.zeros(len(levers["category"]))
    for term, levels in EFFECTS.items():
        curve = _curve(levers[term], KNOTS[term]) if term in KNOTS else {}
        for level, pair in levels.items():
            total += pair[part] * (curve[level] if curve else levers[term] == level)
    return total


def _curve(number: Array, knots: tuple[int, int, int]) -> Columns:
    """What each video has of each knot of a spline."""
    log = np.log if knots[0] else np.log1p
    first, middle, last = log(np.array(knots, dtype=float))
    columns = spline_columns(log(number), (first, middle, last))
    return {str(knot): column for knot, column in zip(knots, columns.T, strict=True)}


def counts(rng: Generator, reach: Array, conversion: Array) -> Columns:
    """Draw `views` and `new_followers` (n,), given the log of each video's ratio to a typical one.

    `reach` (n,) is of the mean of the views, the video's own luck included; `conversion` (n,) of
    the followers per view. E[new_followers | views] = 0.00053 · exp(conversion) · views.
    """
    views = np.floor(np.exp(np.log(300) + reach) + rng.random(len(reach))).clip(1, MOST_VIEWS)
    rate = np.exp(np.log(0.00053) + conversion)
    followers = rng.poisson(views * rate * rng.gamma(3, 1 / 3, len(reach)))
    return {"views": views, "new_followers": np.minimum(views, followers)}


def _outcomes(rng: Generator, levers: Columns, paid: Array, latent: Array, grown: Array) -> Columns:
    n, duration = len(paid), levers["duration_s"]
    q, e = rng.normal(size=(2, n))
    z = rng.exponential(size=n) - np.log(2)
    luck = HEAVY * z + AUDIENCE * grown + 1.5 * paid
    reach = BUSY + latent[0] + log_ratio(0, levers) + luck
    conversion = latent[1] + log_ratio(1, levers) + 0.3 * q - 0.7 * paid
    counted = counts(rng, reach, conversion)
    views = counted["views"]
    followers = np.where(rng.random(n) < SILENT, 0, counted["new_followers"])
    outcomes: Columns = {"views": views}
    most = np.floor(0.19 * views)
    for name, (level, slope, sd) in ENGAGEMENT.items():
        share = np.exp(np.log(level) + latent[2] + slope * q + rng.normal(0, sd, n))
        outcomes[name] = np.minimum(outcomes.get("likes", most), rng.poisson(views * share))
    full = 100 / (1 + np.exp(0.9 - 0.5 * q + 0.5 * np.log(duration / 25) - 0.4 * e)).clip(1.05, 99)
    watched = duration * (full + (100 - full) * rng.uniform(0.2, 0.5, n)) / 100
    rates = {"watched_full_pct": full.round(2), "avg_watch_s": watched.round(1)}
    return outcomes | rates | {"new_followers": followers}


def _videos(rng: Generator, number: int, n: int, latent: Array) -> Columns:
    """One row a video; nan or empty text where the creator or TikTok left a gap."""
    decided, paid = levers(rng, number, n), (rng.random(n) < 0.005) & (number % 7 not in UNDATED)
    posted = FIRST_DAY + rng.integers(0, (LAST_DAY - FIRST_DAY).astype(int) + 1, n)
    grown = rng.gamma(2, 0.25) * (posted - FIRST_DAY).astype(int) / 365
    before = np.floor(START * np.exp(0.8 * rng.normal() + grown))
    outcomes = _outcomes(rng, decided, paid, latent, grown - grown.mean())
    labels = [f"{CATEGORIES[word][2]} {i}" for i, word in enumerate(decided["category"], 1)]
    captured = posted + rng.integers(28, 61, n)
    dates = {"video": np.array(labels), "posted_on": posted, "captured_on": captured}
    context = {"followers_before": before, "is_promoted": np.where(paid, "yes", "no")}
    videos = dates | decided | outcomes | context
    start = np.array([float(block.split("-")[0]) for block in decided["posted_hour"]])
    videos["posted_hour"] = start + rng.integers(0, 6, n)
    odds = np.exp(0.6 * (LAST_DAY - posted).astype(int) / 365) * (outcomes["views"] / 400) ** -0.9
    hidden, unseen = (rng.random(n) < level * odds / (1 + level * odds) for level in (0.3, 0.1))
    gaps = {"new_followers": hidden, "watched_full_pct": unseen, "avg_watch_s": unseen}
    gaps |= {name: rng.random(n) < 0.02 for name in ("posted_hour", "hashtags", "sound")}
    for name, gap in gaps.items():
        videos[name] = np.where(gap, "" if name == "sound" else np.nan, videos[name])
    return videos


def _captures(rng: Generator, number: int, videos: Columns) -> Columns:
    """The rows in no order: every video, and a few again, later and with greater counts."""
    n, dated = len(videos["views"]), number % 7 not in UNDATED
    again = np.flatnonzero((rng.random(n) < 0.02) & dated)
    second, row = np.divmod(rng.permutation(np.append(np.arange(n), n + again)), n)
    captures = {name: values[row] for name, values in videos.items()}
    captures["captured_on"] += second * rng.integers(20, 31, len(row))
    growth = 1 + second * rng.uniform(0.02, 0.2, len(row))
    rounded = (captures["views"] >= 10_000) & dated & (number % 2 == 0)
    for name in ("views", *ENGAGEMENT, "new_followers"):
        count = np.floor(captures[name] * growth) + second * (name == "views")
        captures[name] = np.where(rounded & (count >= 10_000), count // 100 * 100, count)
    return captures | {"counts_rounded": np.where(rounded, "yes", "no")}


def _tables(number: int, captures: Columns) -> dict[str, str]:
    """CSV by file name; what never says anything has no column."""
    legacy, dated = number % 7 == LEGACY, number % 7 not in UNDATED
    yes, no = ("1", "0") if legacy else ("yes", "no") if number % 2 else ("true", "false")
    words, columns = {"nan": "", "yes": yes, "no": no}, {}
    for header, name in (SHEET_2022 if legacy else {name: name for name in captures}).items():
        cycle, place = UNRECORDED.get(name, (1, 1))
        texts = [f"{x:.12g}" if isinstance(x, float) else str(x) for x in captures[name]]
        cells = ["" if number % cycle == place else words.get(x, x) for x in texts]
        undated = not dated and name in ("posted_on", "captured_on", "posted_hour")
        said = name == "new_followers" or not {"", "0", no}.issuperset(cells)
        if legacy or (not undated and (said or (number % cycle == place and number % 3 == 0))):
            columns[header] = cells
    years = np.datetime_as_string(captures["posted_on"], unit="Y")
    single = "sheet-2022" if legacy else "videos"
    files: dict[str, list[str]] = {}
    for year, row in zip(years, zip(*columns.values(), strict=True), strict=True):
        name = f"{year if dated and len(years) >= 60 else single}.csv"
        files.setdefault(name, [",".join(columns)]).append(",".join(row))
    return {name: "\n".join(lines) + "\n" for name, lines in files.items()}
