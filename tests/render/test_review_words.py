"""What a person reads under a pull request, word for word: `tests/reference/review/*.md`.

`python tests/render/test_review_words.py` writes them anew; read the difference before you commit.
"""

import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import pytest
from jsonschema import Draft202012Validator

from pipeline.dataset.simulate import simulate
from pipeline.render.review.comment import Whole, apology_files, as_markdown
from pipeline.render.review.formats import as_review_json
from pipeline.render.text.links import Links
from pipeline.review.authorization import Author
from pipeline.review.impact import effect
from pipeline.review.review import review
from pipeline.review.review_result import Request
from schema.rules import RuleCrashError, apply, rule
from support.contribution import DAY, ROOT, TOML, csv_of
from support.git import Files, Repository, repository

pytestmark = pytest.mark.slow  # each runs git


@rule("nothing", "nothing")
def crashing():
    """A rule that breaks."""
    yield 1 / 0


REFERENCE = Path(__file__).parents[1] / "reference" / "review"
HOME = "contributions"
LINKS = Links("https://github.com/octo-org/followworthy", 12)


def creators(number: int, videos: int, seed: int, named: str) -> Files:
    """Simulated creators as if they were real ones, so that they count beside real ones."""
    tree: dict[str | bytes, bytes] = {}
    for path, raw in simulate(number, videos, seed).items():
        if path.parent.name:
            folder = named + path.parent.name.removeprefix("example-")
            login = TOML.replace(b"octocat", folder.encode())
            tree[f"{HOME}/{folder}/{path.name}"] = login if path.suffix == ".toml" else raw
    return tree


BASE: Files = {
    ".github/CODEOWNERS": b"* @boss\n",
    "pipeline/dataset/pool.py": b"1\n",
    "reports/README.md": b"1\n",
    **creators(12, 720, seed=5, named="c-"),
}
NEW = {
    path: TOML if path.endswith(b".toml" if isinstance(path, bytes) else ".toml") else raw
    for path, raw in creators(1, 90, seed=9, named="ramen-").items()
}
FOLDER = f"{HOME}/ramen-amber"
BAD = csv_of(
    {"video": "one", "views": "1,557"},
    {"video": "two", "views": "2,001", "category": "Comedy"},
    {"video": "@octocat <b>three</b>"},
    {"video": "four", "new_followers": "0", "views": "9000"},
    {"video": "five", "views": "3,000"},
)
FILE = next(
    path for path in BASE if str(path).startswith(f"{HOME}/c-cedar/") and ".csv" in str(path)
)


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: who changes what of the base."""

    author: Author
    files: Files


def corrected() -> Files:
    """The file without its last row, and with other views in its first one."""
    raw = BASE[FILE]
    assert isinstance(raw, bytes)
    lines = raw.decode().splitlines(keepends=True)
    place = lines[0].split(",").index("views")
    cells = lines[1].split(",")
    cells[place] = str(10 * int(cells[place]))
    return {FILE: "".join([lines[0], ",".join(cells), *lines[2:-1]]).encode()}


PULLS = {
    "new-folder": Pull(Author("octocat", 583231), NEW),
    "to-correct": Pull(Author("octocat", 583231), {f"{FOLDER}/videos.csv": BAD}),
    "not-theirs": Pull(
        Author("mallory", 4), {f"{HOME}/c-cedar/mine.csv": csv_of({"video": "mine"})}
    ),
    "mixed": Pull(
        Author("octocat", 583231), NEW | {"pipeline/dataset/pool.py": b"2\n", "reports/x": b""}
    ),
    "maintenance": Pull(Author("octocat", 583231), {"pipeline/dataset/pool.py": b"2\n"}),
    "corrected": Pull(Author("c-cedar", 7), corrected()),
    "renamed": Pull(
        Author("c-cedar", 7),
        {
            **{str(path): None for path in BASE if str(path).startswith(f"{HOME}/c-cedar/")},
            **{
                str(path).replace("c-cedar", "cedar-films"): raw
                for path, raw in BASE.items()
                if str(path).startswith(f"{HOME}/c-cedar/")
            },
        },
    ),
    "mixed-by-a-maintainer": Pull(
        Author("boss", 1), {**corrected(), "pipeline/dataset/pool.py": b"2\n", "reports/x": b""}
    ),
    "withdrawn": Pull(
        Author("c-cedar", 7),
        {path: None for path in BASE if str(path).startswith(f"{HOME}/c-cedar/")},
    ),
}


def whole(there: Repository, base: str, pull: Pull) -> Whole:
    head = there.commit(pull.files, base)
    reviewed = review(there.path, Request(base, head, pull.author, DAY))
    return Whole(reviewed, effect(reviewed, {}), LINKS)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, str]:
    made = repository(tmp_path_factory.mktemp("words") / "origin")
    return made, made.commit(BASE, branch="refs/heads/main")


@pytest.fixture(scope="module", params=PULLS)
def named(request: pytest.FixtureRequest, there: tuple[Repository, str]) -> tuple[str, Whole]:
    """The name of a pull request, and all that is told of it."""
    return request.param, whole(*there, PULLS[request.param])


def test_a_person_reads_these_words(named: tuple[str, Whole]) -> None:
    name, told = named
    assert as_markdown(told) == (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def test_the_json_has_its_published_shape(named: tuple[str, Whole]) -> None:
    shape = json.loads(
        (ROOT / "pipeline/render/review/review.schema.json").read_text(encoding="utf-8")
    )
    Draft202012Validator.check_schema(shape)
    value = json.loads(as_review_json(named[1]))
    assert [error.message for error in Draft202012Validator(shape).iter_errors(value)] == []


def test_every_text_has_its_pull_request() -> None:
    assert {path.stem for path in REFERENCE.glob("*.md")} == set(PULLS)


def test_a_crash_of_ours_says_so_and_links_to_an_issue_that_is_filled_in() -> None:
    with pytest.raises(RuleCrashError) as caught:
        list(apply(crashing, f"{FOLDER}/videos.csv"))
    written = apology_files(caught.value, LINKS)
    body = written["review.md"].decode()
    assert body.startswith("<!-- followworthy review -->\n\n## ")
    assert "our fault, not yours" in body
    link = re.search(r"\((https://\S+)\)", body)
    assert link is not None
    asked = parse_qs(urlsplit(link[1]).query)
    assert asked["template"] == ["our-fault.yml"]
    assert asked["pull-request"] == ["12"]
    assert "ZeroDivisionError" in asked["answer"][0]
    assert FOLDER not in body
    assert written["outputs"] == b"kind=nothing\nverdict=our-fault\n"


def main() -> None:
    REFERENCE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = repository(Path(folder) / "origin")
        base = made.commit(BASE, branch="refs/heads/main")
        for name, pull in PULLS.items():
            (REFERENCE / f"{name}.md").write_text(as_markdown(whole(made, base, pull)), "utf-8")


if __name__ == "__main__":
    main()
