"""Valid contributions of every shape that is usual, each made from one number."""

import datetime
import math
from dataclasses import dataclass, field
from random import Random

from schema.vocabulary import vocabulary
from support.git import Node

DAY = datetime.date(2026, 11, 22)  # the --today of every command
LOGINS = ("octocat", "ana-maria", "Bea", "x1", "creator-of-many-videos")
REQUIRED = ("video", "views", "new_followers", "duration_s", "category")
ALIASES = {
    "video": "name",
    "views": "Video Views",
    "saves": "bookmarks",
    "watched_full_pct": "watchedFullVideo",
    "new_followers": "newFollowers",
    "duration_s": "length",
    "has_cover": "hasCover",
    "has_caption": "hasDescription",
    "is_reply": "reply",
    "posted_on": "post time",
    "captured_on": "captured_at",
}
WORDS = (
    "ramen",
    "office joke",
    "how it is done",
    "day one",
    "a, b and c",
    "Größe",
    "朝ご飯",
    "q&a",
)


@dataclass(slots=True)
class Table:
    """A CSV before it is written, and how it will be written."""

    header: list[str]
    rows: list[list[str]]
    end: str = "\n"
    delimiter: str = ","
    encoding: str = "utf-8"
    mark: bytes = b""
    is_quoted: bool = False

    def written(self) -> bytes:
        lines = (self.delimiter.join(map(self._cell, row)) for row in (self.header, *self.rows))
        text = "".join(line + self.end for line in lines)
        return self.mark + text.encode(self.encoding, "surrogatepass")

    def _cell(self, cell: str) -> str:
        needs = self.is_quoted or set(cell) & {'"', "\n", "\r", self.delimiter}
        return '"' + cell.replace('"', '""') + '"' if needs else cell


@dataclass(slots=True)
class Draft:
    """A creator's folder in the making: written into `files` once its cells are as they shall be.

    `profile` holds the values of creator.toml as TOML writes them.
    """

    number: int
    creator: str
    profile: dict[str, str]
    tables: dict[str, Table]
    files: dict[str, bytes | Node] = field(default_factory=dict)

    def write(self) -> None:
        profile = "".join(f"{key} = {value}\n" for key, value in self.profile.items())
        self.files = {"creator.toml": profile.encode("utf-8", "surrogatepass")}
        self.files |= {name: table.written() for name, table in self.tables.items()}


def draft(number: int) -> Draft:
    """Make the valid folder of a number."""
    random = Random(f"folder {number}")  # noqa: S311  # to be the same again
    login = LOGINS[number % len(LOGINS)]
    profile = {"github": f'"{login}"', "licence": '"CC-BY-4.0"', "consent": "2026-05-31"}
    names = ["2025.csv", "2026.csv"] if random.random() < 0.2 else ["videos.csv"]
    columns = _columns(random)
    tables = {
        name: Table(list(columns), _rows(random, columns, number, place))
        for place, name in enumerate(names)
    }
    return Draft(number, f"c{number}-{random.choice(('a', 'bc', 'def'))}", profile, tables)


def _columns(random: Random) -> tuple[str, ...]:
    optional = [name for name in ALL if name not in REQUIRED]
    share = random.choice((0.3, 0.9))
    kept = {name for name in optional if random.random() < share}
    return tuple(name for name in ALL if name in kept or name in REQUIRED)


def _rows(random: Random, columns: tuple[str, ...], number: int, place: int) -> list[list[str]]:
    level = random.gauss(7, 1.5)
    rows = [_row(random, level) for _ in range(random.choice((2, 3, 4, 6, 9)))]
    for line, row in enumerate(rows):
        is_id = random.random() < 0.1
        label = f"{WORDS[line % len(WORDS)]} {place}-{line}"
        row["video"] = f"7{number:010}{place}{line:02}77777" if is_id else label
    return [[row[name] for name in columns] for row in rows]


def _row(random: Random, level: float) -> dict[str, str]:
    category = random.choice(list(vocabulary()["category"]))
    views = int(math.exp(random.gauss(level, 1))) + 1
    likes = int(views * random.uniform(0.01, 0.1))
    posted = DAY - datetime.timedelta(days=random.randrange(60, 900))
    followers = int(views * random.uniform(0, 0.01)) + random.choice((0, 0, 1))
    numbers = {
        "views": views,
        "likes": likes,
        "comments": likes // 5,
        "shares": likes // 7,
        "saves": likes // 9,
        "watched_full_pct": round(random.uniform(1, 80), 2),
        "avg_watch_s": round(random.uniform(1, 9), 1),
        "new_followers": min(followers, views),
        "duration_s": random.randrange(9, 120),
        "posted_hour": random.randrange(24),
        "hashtags": random.randrange(9),
        "followers_before": int(math.exp(level)),
    }
    flags = {name: random.choice(("yes", "no", "1", "FALSE")) for name in FLAGS}
    return {
        **{name: str(value) for name, value in numbers.items()},
        **flags,
        "category": category,
        "subject": random.choice(("food", "travel", "ein thema", "")),
        "sound": random.choice(list(vocabulary()["sound"])),
        "posted_on": posted.isoformat(),
        "captured_on": (posted + datetime.timedelta(days=random.randrange(1, 59))).isoformat(),
        "is_promoted": random.choice(("no", "no", "no", "")),
        "counts_rounded": random.choice(("no", "")),
    }


FLAGS = ("has_cover", "has_caption", "is_reply", "is_duet", "is_stitch")
ALL = (
    *("video", "views", "likes", "comments", "shares", "saves", "watched_full_pct", "avg_watch_s"),
    *("new_followers", "duration_s", "category", "subject", *FLAGS, "posted_on", "captured_on"),
    *("posted_hour", "hashtags", "sound", "followers_before", "is_promoted", "counts_rounded"),
)
