"""A contribution to vary: a profile, a row that is right, and the CSV of changes to it."""

import datetime
from pathlib import Path

from pipeline.dataset.check import Accepted, Refused, check_all
from pipeline.dataset.read import Contribution

ROOT = Path(__file__).parents[2]


DAY = datetime.date(2026, 11, 22)


TOML = b'github = "octocat"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'


ROW = {
    "video": "ramen",
    "views": "1557",
    "likes": "40",
    "comments": "3",
    "shares": "2",
    "saves": "1",
    "watched_full_pct": "22.13",
    "avg_watch_s": "6.5",
    "new_followers": "3",
    "duration_s": "72",
    "category": "tutorial",
    "subject": "food",
    "has_cover": "yes",
    "posted_on": "2026-03-01",
    "captured_on": "2026-04-01",
    "posted_hour": "9",
    "hashtags": "3",
    "sound": "original",
    "counts_rounded": "no",
}


def check(contribution: Contribution, today: datetime.date) -> Accepted | Refused:
    """Judge a folder that is alone."""
    (verdict,) = check_all([contribution], today)
    return verdict


def csv_of(*rows: dict[str, str]) -> bytes:
    """A CSV of rows, each a change to the row that is right."""
    cells = [{**ROW, **row} for row in rows]
    names = list(dict.fromkeys(name for row in cells for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in cells)]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if set(cell) & set(',"\n\r') else cell


GOOD_ROWS = (list(ROW), list(ROW.values()))
