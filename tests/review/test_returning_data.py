"""What was taken out does not come back unseen, whatever its form, its order and its names."""

import csv
import io
from collections.abc import Callable
from itertools import cycle

import pytest

from pipeline.dataset import row_keys
from pipeline.render.review.comment import Whole, as_markdown
from pipeline.render.review.formats import as_text
from pipeline.render.text.links import Links
from pipeline.review.authorization import Author
from pipeline.review.returning_data import Past
from pipeline.review.review import review
from pipeline.review.review_result import Request, Review
from support.contribution import DAY, TOML, csv_of
from support.git import Files, Repository, repository, submodule

pytestmark = pytest.mark.slow  # each runs git

HOME = "contributions"
EVE, BOB, BOSS = Author("eve", 3), Author("bob", 2), Author("boss", 9)


def toml(login: str) -> bytes:
    return TOML.replace(b"octocat", login.encode())


def table(count: int, seed: int = 1, views: int = 2_000, **cells: str) -> bytes:
    """Write videos that nobody else has."""
    return csv_of(
        *(
            {
                "video": f"video {n} of {seed}",
                "views": str(views + seed * 97 + n * 13),
                "likes": str(30 + (n * seed) % 17),
                "comments": str(n % 5),
                "duration_s": str(20 + n),
                **cells,
            }
            for n in range(count)
        )
    )


TABLE, SMALL = table(12), table(3, views=50)
FOLDER: Files = {f"{HOME}/bob/creator.toml": toml("bob"), f"{HOME}/bob/b.csv": TABLE}
BASE: Files = {
    ".github/CODEOWNERS": b"* @boss\n",
    f"{HOME}/ana/creator.toml": toml("ana"),
    f"{HOME}/ana/a.csv": table(5, 2),
    f"{HOME}/eve/creator.toml": toml("eve"),
    f"{HOME}/eve/e.csv": table(5, 3),
}


def cells(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode(), newline="")))


def written(rows: list[list[str]], end: str = "\n", mark: str = "") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return (mark + text.getvalue()).encode()


def renamed_columns(raw: bytes) -> bytes:
    header, *rows = cells(raw)
    names = {"video": "Name", "views": "total VIEWS", "saves": "Bookmarks", "duration_s": "length"}
    return written([[names.get(name, name) for name in header], *rows])


def without_columns(raw: bytes) -> bytes:
    rows = cells(raw)
    gone = {rows[0].index(name) for name in ("saves", "watched_full_pct", "sound", "hashtags")}
    return written([[cell for n, cell in enumerate(row) if n not in gone] for row in rows])


def emptied(raw: bytes, *kept: str) -> bytes:
    header, *rows = cells(raw)
    return written([header, *([c if n in kept else "" for n, c in zip(header, row, strict=True)]
                              for row in rows)])  # fmt: skip


def only(raw: bytes, *kept: str) -> bytes:
    header, *rows = cells(raw)
    places = [header.index(name) for name in kept]
    return written([[row[place] for place in places] for row in [header, *rows]])


def other_labels(raw: bytes) -> bytes:
    header, *rows = cells(raw)
    return written([header, *([f"mine {n}", *row[1:]] for n, row in enumerate(rows))])


def other_words(raw: bytes) -> bytes:
    return raw.replace(b"tutorial", b"story").replace(b"food", b"fun").replace(b"video", b"VIDEO ")


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "one byte more": lambda raw: raw + b"\n",
    "without the last line end": lambda raw: raw[:-1],
    "other line ends": lambda raw: raw.replace(b"\n", b"\r\n"),
    "a mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "another order of columns": lambda raw: written([row[::-1] for row in cells(raw)]),
    "other spellings of columns": renamed_columns,
    "fewer columns": without_columns,
    "another order of rows": lambda raw: written([cells(raw)[0], *cells(raw)[:0:-1]]),
    "quotes": lambda raw: b"\n".join(
        b",".join(b'"' + cell + b'"' for cell in line.split(b",")) for line in raw.splitlines()
    ),
    "zeros in front": lambda raw: raw.replace(b",2", b",0002"),
    "other labels": other_labels,
    "no shares and saves": lambda raw: only(raw, "video", "views", "likes", "comments"),
    "emptied cells": lambda raw: emptied(raw, "video", "views"),
    "other labels and three counts": lambda raw: only(
        other_labels(raw), "video", "views", "likes", "comments"
    ),
    "other labels and two counts": lambda raw: only(other_labels(raw), "video", "views", "likes"),
    "a dot after each label": lambda raw: emptied(
        raw.replace(b" of 1,", b" of 1.,"), "video", "views"
    ),
    "other words": other_words,
    "more rows": lambda raw: raw + table(40, 9).partition(b"\n")[2],
    "a part": lambda raw: b"\n".join(raw.splitlines()[:5]) + b"\n",
}


@pytest.fixture
def home(tmp_path) -> Repository:
    return repository(tmp_path / "origin")


def withdrawn(home: Repository, folder: Files = FOLDER) -> str:
    """Write a main branch on which a folder came and went."""
    start = home.commit({**BASE, **folder}, branch="refs/heads/main")
    return home.commit(dict.fromkeys(folder), start, branch="refs/heads/main")


def judged(home: Repository, base: str, files: Files, author: Author = EVE) -> Review:
    head = home.commit(files, base)
    return review(home.path, Request(base, head, author, DAY))


def slugs(reviewed: Review) -> set[str]:
    return {why.slug for why in reviewed.refusals}


def brought(*tables: bytes, folder: str = "new-eve") -> Files:
    files: Files = {f"{HOME}/{folder}/creator.toml": toml("eve")} if folder != "eve" else {}
    return {**files, **{f"{HOME}/{folder}/v{n}.csv": raw for n, raw in enumerate(tables)}}


@pytest.mark.parametrize(("form", "folder"), [*zip(FORMS, cycle(["new-eve", "eve"]), strict=False)])
def test_a_table_that_was_taken_out_is_known_in_every_form(home, form, folder):
    raw = FORMS[form](TABLE)
    assert raw != TABLE
    reviewed = judged(home, withdrawn(home), brought(raw, folder=folder))
    assert slugs(reviewed) == {"withdrawn-rows"}
    assert [why.path for why in reviewed.refusals] == [f"{HOME}/{folder}"]
    assert reviewed.past is Past.WHOLE


def test_it_is_known_in_several_files_and_as_it_was(home):
    base = withdrawn(home)
    header, *rows = cells(TABLE)
    parts = (written([header, row]) for row in rows[:4])
    reviewed = judged(home, base, brought(*parts))
    assert slugs(reviewed) == {"withdrawn-rows"}
    assert "(4)" in reviewed.refusals[0].said
    assert slugs(judged(home, base, brought(TABLE))) == {"withdrawn-file"}
    assert slugs(judged(home, base, brought(TABLE, folder="eve"))) == {"withdrawn-file"}


def test_it_is_known_when_it_comes_back_row_by_row(home):
    base = withdrawn(home)
    header, *rows = cells(TABLE)
    two = brought(written([header, *rows[:2]]), folder="eve")
    assert slugs(judged(home, base, two)) == set()
    then = home.commit(two, base, branch="refs/heads/main")
    one: Files = {f"{HOME}/eve/more.csv": written([header, rows[2]])}
    assert slugs(judged(home, then, one)) == {"withdrawn-rows"}
    assert slugs(judged(home, then, {f"{HOME}/eve/f.csv": table(3, 7)})) == set()


def test_a_table_of_few_videos_is_known_by_their_labels(home):
    folder = {**FOLDER, f"{HOME}/bob/b.csv": SMALL}
    base = withdrawn(home, folder)
    assert slugs(judged(home, base, brought(SMALL + b"\n"))) == {"withdrawn-rows"}
    assert slugs(judged(home, base, brought(other_labels(SMALL)))) == set()


LOW = {
    "other labels": other_labels,
    "a dot after each label": lambda raw: raw.replace(b" of 1,", b" of 1.,"),
    "a dot, and hardly a number": lambda raw: emptied(
        raw.replace(b" of 1,", b" of 1.,"), "video", "views"
    ),
}


@pytest.mark.parametrize("form", LOW)
def test_rows_of_few_views_are_known_by_many_weak_signs(home, form):
    low = table(12, views=300)
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/b.csv": low})
    reviewed = judged(home, base, brought(LOW[form](low)))
    assert slugs(reviewed) == {"withdrawn-rows"}


def test_rows_that_were_emptied_and_are_filled_again_are_known(home):
    base = withdrawn(home)
    part = written(cells(TABLE)[:6])
    first = brought(emptied(part, "video", "views"), folder="eve")
    assert slugs(judged(home, base, first)) == set()  # fewer than half, of labels only
    then = home.commit(first, base, branch="refs/heads/main")
    reviewed = judged(home, then, brought(part, folder="eve"))
    assert slugs(reviewed) & {"withdrawn-rows", "withdrawn-file"}


def test_the_examples_that_everybody_copies_are_nobodys(home):
    example = (
        b"video,views,likes,comments,duration_s,category\n"
        b"Left over ramen,1557,40,4,15.2,tutorial\nMy first marathon,612,12,0,48,story\n"
    )
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/b.csv": example})
    assert slugs(judged(home, base, brought(example + b"\n"))) == set()
    one = example.rpartition(b"My")[0] + table(5, 8).partition(b"\n")[2]
    assert slugs(judged(home, base, brought(one))) == set()


def test_rows_with_next_to_no_counts_say_nothing(home):
    bare = emptied(TABLE, "video", "views")
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/b.csv": bare})
    assert slugs(judged(home, base, brought(bare + b"\n"))) == set()


def test_a_file_that_was_taken_out_of_a_folder_that_stays_is_known(home):
    files: Files = {f"{HOME}/ana/more.csv": TABLE}
    base = withdrawn(home, files)
    assert slugs(judged(home, base, brought(TABLE + b"\n"))) == {"withdrawn-rows"}
    again = judged(home, base, {f"{HOME}/ana/again.csv": TABLE + b"\n"}, Author("ana", 1))
    assert slugs(again) == set()  # their own


@pytest.mark.parametrize("column", ["label", "number"])
def test_bytes_that_are_no_utf_8_break_no_review(home, column):
    bad = TABLE.replace(
        *{"label": (b"video 0", b"\xff 0"), "number": (b",2097,", b",2\xff,")}[column]
    )
    assert bad != TABLE
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/b.csv": bad, f"{HOME}/bob/g.csv": TABLE})
    brings = judged(home, base, brought(bad + b"\n"))
    assert (brings.broken, slugs(brings)) == ("", {"withdrawn-rows"})
    merged = home.commit({f"{HOME}/eve/bad.csv": bad}, base, branch="refs/heads/main")
    other = judged(home, merged, brought(table(5, 8), folder="eve"))
    assert (other.broken, slugs(other)) == ("", set())


def short(**changed: object) -> bytes:
    names = ["video", "views", "new_followers", "duration_s", "category"]
    rows = [["video", "views", "new_followers", "duration_s", "category"]]
    rows += [[f"v{n}", str(1_200 + 37 * n), str(n % 3), str(9 + n % 70), "info"] for n in range(40)]
    at = {name: names.index(name) for name in changed}
    rows[1:] = [
        [f"{changed[names[i]]}{n}" if names[i] in at else cell for i, cell in enumerate(row)]
        for n, row in enumerate(rows[1:])
    ]
    return written([rows[0], *reversed(rows[1:])] if changed else rows)


@pytest.mark.parametrize("back", [short() + b"more,100,0,5,info\n", short(video="other ")])
def test_a_short_table_comes_back_under_no_other_name(home, back):
    """It has neither likes nor comments: its labels with the views name it, or the lengths do."""
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/b.csv": short()})
    assert slugs(judged(home, base, brought(back))) == {"withdrawn-rows"}


def test_a_past_table_that_breaks_the_reader_is_skipped(home, monkeypatch):
    base = withdrawn(home, {**FOLDER, f"{HOME}/bob/g.csv": b"BOOM," + TABLE})
    read = row_keys.read_sheet

    def breaks(file: str, raw: bytes) -> object:
        return 1 / 0 if raw.startswith(b"BOOM") else read(file, raw)

    monkeypatch.setattr(row_keys, "read_sheet", breaks)
    reviewed = judged(home, base, brought(TABLE + b"\n"))
    assert (reviewed.broken, slugs(reviewed)) == ("", {"withdrawn-rows"})


CHANCE = {
    "two rows": written(cells(TABLE)[:3]),
    "counts that many have": table(9, 1, 300).replace(b"video ", b"other "),
    "labels that many have": table(12, 1, 5_000),
    "no rows": TABLE.partition(b"\n")[0] + b"\n",
}


@pytest.mark.parametrize("what", CHANCE)
def test_what_two_accounts_have_in_common_by_chance_refuses_nobody(home, what):
    names = {"l": table(12, 1, 300), "n": CHANCE["no rows"]}
    low = {**FOLDER, **{f"{HOME}/bob/{name}.csv": raw for name, raw in names.items()}}
    reviewed = judged(home, withdrawn(home, low), brought(CHANCE[what]))
    assert slugs(reviewed) == set()


def test_a_folder_that_is_renamed_brings_its_own(home):
    start = home.commit({**BASE, **FOLDER}, branch="refs/heads/main")
    moved: Files = {str(path).replace("/bob/", "/robert/"): raw for path, raw in FOLDER.items()}
    change: Files = {**dict.fromkeys(FOLDER), **moved}
    assert slugs(judged(home, start, change, BOB)) == set()
    edited: Files = {**change, f"{HOME}/robert/b.csv": TABLE + b"\n"}
    assert slugs(judged(home, start, edited, BOB)) == set()
    then = home.commit(change, start, branch="refs/heads/main")
    newer: Files = {f"{HOME}/robert/b.csv": table(12, 1, 2_500)}
    later = home.commit(newer, then, branch="refs/heads/main")
    older: Files = {f"{HOME}/robert/c.csv": TABLE + b"\n"}
    assert slugs(judged(home, later, older, BOB)) == set()
    assert slugs(judged(home, later, brought(TABLE + b"\n"))) == {"withdrawn-rows"}


def test_a_folder_that_is_renamed_with_edits_brings_its_own(home):
    start = home.commit({**BASE, **FOLDER}, branch="refs/heads/main")
    edited: Files = {
        **dict.fromkeys(FOLDER),
        f"{HOME}/robert/creator.toml": toml("BOB") + b'display = "Bob"\n',
        f"{HOME}/robert/b.csv": TABLE + table(2, 6).partition(b"\n")[2],
    }
    assert "withdrawn-rows" not in slugs(judged(home, start, edited, BOB))
    then = home.commit(edited, start, branch="refs/heads/main")
    again: Files = {f"{HOME}/robert/c.csv": TABLE + b"\n"}
    assert slugs(judged(home, then, again, BOB)) == set()  # their own
    empty = home.commit({f"{HOME}/robert/b.csv": table(3, 6)}, then, branch="refs/heads/main")
    assert slugs(judged(home, empty, again, BOB)) == set()
    assert slugs(judged(home, then, brought(TABLE + b"\n"))) == set()  # they stand
    assert slugs(judged(home, empty, brought(TABLE + b"\n"))) == {"withdrawn-rows"}


def test_a_login_that_somebody_writes_down_makes_no_heir(home):
    """Eve's folder is what the base says, also where she hands it over to who took data out."""
    files: Files = {f"{HOME}/eve/creator.toml": toml("bob"), f"{HOME}/eve/b.csv": TABLE + b"\n"}
    assert "withdrawn-rows" in slugs(judged(home, withdrawn(home), files))


def test_rows_that_stand_under_another_name_were_not_taken_out(home):
    start = home.commit({**BASE, **FOLDER}, branch="refs/heads/main")
    merged: Files = {f"{HOME}/bob/b.csv": None, f"{HOME}/bob/all.csv": TABLE + b"\n"}
    base = home.commit(merged, start, branch="refs/heads/main")
    assert "withdrawn-rows" not in slugs(judged(home, base, brought(TABLE + b"\n\n")))


def test_what_a_request_did_and_undid_is_no_past(home):
    """A branch that makes itself an heir, or plants the rows of others, gains nothing by it."""
    start = home.commit({**BASE, **FOLDER}, branch="refs/heads/main")
    eve: Files = {f"{HOME}/eve/b.csv": TABLE, f"{HOME}/eve/a.csv": table(9, 5)}
    took: Files = {**dict.fromkeys(FOLDER), **eve}
    side = home.commit(took, start)
    undone: Files = {**FOLDER, **dict.fromkeys(eve)}
    side = home.commit({**undone, f"{HOME}/eve/f.csv": table(3, 7)}, side)
    merged = home.commit({f"{HOME}/eve/f.csv": table(3, 7)}, start, side, branch="refs/heads/main")
    base = home.commit(dict.fromkeys(FOLDER), merged, branch="refs/heads/main")
    assert slugs(judged(home, base, {f"{HOME}/eve/b.csv": TABLE})) == {"withdrawn-file"}
    assert slugs(judged(home, base, {f"{HOME}/eve/b.csv": TABLE + b"\n"})) == {"withdrawn-rows"}
    planted = {f"{HOME}/cy/creator.toml": toml("cy"), f"{HOME}/cy/c.csv": table(9, 5)}
    assert slugs(judged(home, base, planted, Author("cy", 4))) == set()


def test_a_maintainer_may_bring_back_what_was_taken_out(home):
    assert slugs(judged(home, withdrawn(home), brought(TABLE + b"\n"), BOSS)) == set()


def test_what_a_shallow_clone_cannot_know_is_said(home, tmp_path):
    base = withdrawn(home)
    head = home.commit(brought(TABLE + b"\n"), base)
    shallow = home.clone(tmp_path / "shallow", "--depth=1", "--branch=main")
    shallow.fetch(home, "refs/heads/topic")
    reviewed = review(shallow.path, Request(base, head, EVE, DAY))
    assert (reviewed.past, slugs(reviewed)) == (Past.SHALLOW, set())
    whole = Whole(reviewed, None, Links(""))
    assert "git fetch --unshallow" in as_markdown(whole)
    assert "git fetch --unshallow" in as_text(whole)
    shallow.run("fetch", "--quiet", "--unshallow")
    reviewed = review(shallow.path, Request(base, head, EVE, DAY))
    assert (reviewed.past, slugs(reviewed)) == (Past.WHOLE, {"withdrawn-rows"})


def test_a_submodule_that_was_taken_out_breaks_no_review(home):
    odd: Files = {f"{HOME}/cy/x.csv": submodule(), f"{HOME}/cy/creator.toml": submodule()}
    reviewed = judged(home, withdrawn(home, {**FOLDER, **odd}), brought(TABLE + b"\n"))
    assert (reviewed.broken, slugs(reviewed)) == ("", {"withdrawn-rows"})


LIMITS = ("MOST_BYTES", "MOST_TABLES", "MOST_ROWS", "MOST_ROWS_OF_TABLE")


@pytest.mark.parametrize("name", LIMITS)
def test_a_past_that_is_too_long_is_said(home, monkeypatch, name):
    monkeypatch.setattr(f"pipeline.review.removed_data.{name}", 0)
    reviewed = judged(home, withdrawn(home), brought(TABLE + b"\n"))
    assert (reviewed.past, slugs(reviewed)) == (Past.TOO_LONG, set())


def test_a_long_table_is_read_at_its_start(home, monkeypatch):
    monkeypatch.setattr("pipeline.review.removed_data.MOST_BYTES_OF_TABLE", 600)
    reviewed = judged(home, withdrawn(home), brought(TABLE + b"\n"))
    assert (reviewed.past, slugs(reviewed)) == (Past.TOO_LONG, {"withdrawn-rows"})


@pytest.mark.parametrize("who", ["eve", "cy"])
@pytest.mark.parametrize("limit", [("MOST_TABLES", 2), ("MOST_ROWS", 50)])
def test_tables_that_somebody_took_out_hide_nobody_elses(home, monkeypatch, limit, who):
    """Whether many small ones or large ones, and whether one's own or of a friend."""
    monkeypatch.setattr(f"pipeline.review.removed_data.{limit[0]}", limit[1])
    many: Files = {f"{HOME}/{who}/{n}.csv": table(1 + 9 * (n % 5), 20 + n) for n in range(9)}
    start = withdrawn(home)
    planted = home.commit(
        {f"{HOME}/{who}/creator.toml": toml(who), **many}, start, branch="refs/heads/main"
    )
    base = home.commit(dict.fromkeys(many), planted, branch="refs/heads/main")
    reviewed = judged(home, base, brought(TABLE + b"\n", folder="eve"))
    assert (reviewed.past, slugs(reviewed)) == (Past.TOO_LONG, {"withdrawn-rows"})
