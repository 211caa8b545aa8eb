"""Pull requests by made-up people on a repository, and their reviews."""

from pipeline.review.authorization import Author
from pipeline.review.review import review
from pipeline.review.review_result import Request, Review
from support.contribution import DAY, TOML, csv_of
from support.git import Files, Repository

LONG_ID = "7665015920712060176"


HOME = "contributions"


def toml(login: str, number: int | None = None) -> bytes:
    line = f"github_id = {number}\n".encode() if number else b""
    return TOML.replace(b"octocat", login.encode()) + line


def csv(label: str = "ramen", views: int = 1557, **cells: str) -> bytes:
    return csv_of({"video": label, "views": str(views), **cells})


BASE: Files = {
    ".github/CODEOWNERS": b"# nobody\n*  @Boss @org/team\n/contributions/bea/ @deputy\n",
    "README.md": b"hello\n",
    "schema/rules.py": b"1\n",
    "reports/README.md": b"1\n",
    f"{HOME}/README.md": b"1\n",
    f"{HOME}/ana-1/creator.toml": toml("ana"),
    f"{HOME}/ana-1/a.csv": csv(),
    f"{HOME}/ana-1/b.csv": csv("noodles", 2000),
    f"{HOME}/bea/creator.toml": toml("bea", 2),
    f"{HOME}/bea/b.csv": csv(LONG_ID, 3000),
    f"{HOME}/example-zoe/creator.toml": toml("octocat") + b"simulated = true\n",
    f"{HOME}/example-zoe/z.csv": csv("z", 11),
    f"{HOME}/red/creator.toml": toml("red"),
    f"{HOME}/red/r.csv": csv("r", 4000, likes="1,000"),
    f"{HOME}/orphan/creator.toml": b"github =\n",
    f"{HOME}/orphan/o.csv": csv("o", 5000),
}


ANA, BEA, BOSS, CY = Author("ana", 1), Author("bea", 2), Author("boss", 9), Author("cy", 3)


NEW: Files = {f"{HOME}/cy-new/creator.toml": toml("cy"), f"{HOME}/cy-new/c.csv": csv("c", 900)}


def judged(home: Repository, base: str, head: str, author: Author = CY, **more: bool) -> Review:
    return review(home.path, Request(base, head, author, DAY, **more))
