"""Every rule finds its documented example, and nothing in what the example says to write."""

import datetime
import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.dataset.check import Accepted, Refused, check_all
from pipeline.dataset.read import read
from pipeline.intake.repair import Unreadable, repair
from schema.catalogue import CATALOGUE, RULES
from schema.cells import fault
from schema.columns import BY_NAME, COLUMNS, Kind
from schema.creator import table, text
from schema.problem import Problem, Severity, total
from support.contribution import DAY, ROW, TOML, check, csv_of
from support.faults import (
    BYTES,
    CELL_AND_ROW,
    FORMS,
    GOOD,
    LONG_ID,
    MANY,
    SMALL,
    TOMLS,
    example,
    rows,
)


def problems(
    raw: bytes | dict[str, bytes], toml: bytes | None = TOML, creator: str = "ana"
) -> tuple[Problem, ...]:
    files = raw if isinstance(raw, dict) else {"a.csv": raw}
    files = files if toml is None else {**files, "creator.toml": toml}
    return check(read(creator, f"contributions/{creator}", files), DAY).problems


def places(listed: tuple[Problem, ...]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.line, problem.column, problem.rule) for problem in listed]


@pytest.mark.parametrize("rule", CELL_AND_ROW, ids=lambda rule: rule.slug)
def test_a_rule_finds_its_example(rule):
    listed = [p for p in problems(example(rule.found)) if p.line]
    assert {(p.line, p.rule, p.severity) for p in listed} == {(2, rule.slug, rule.severity)}
    assert {p.column for p in listed} <= set(ROW)


@pytest.mark.parametrize("rule", CELL_AND_ROW, ids=lambda rule: rule.slug)
def test_a_rule_is_content_with_what_it_says_to_write(rule):
    assert [p for p in problems(example(rule.write)) if p.line] == []


@pytest.mark.slow
@pytest.mark.parametrize(("column", "cell", "rule", "write"), FORMS, ids=ascii)
def test_a_form_is_known_and_what_to_write_is_said(column, cell, rule, write):
    problem = fault(cell, BY_NAME[column]) if rule else None
    assert [(p.line, p.column, p.rule) for p in problems(csv_of({column: cell}))] == (
        [(2, column, rule)] if rule else []
    )
    if problem is not None:
        assert problem[1].write == write
        assert write is None or not write or f"Write {write}" in problem[1].advice


def test_the_template_is_right():
    assert problems(csv_of({})) == ()


@pytest.mark.parametrize(("rule", "raw", "line", "column"), BYTES, ids=lambda v: str(v)[:24])
def test_a_file_is_told_what_hinders_it(rule, raw, line, column):
    errors = [p for p in problems(raw) if p.severity is Severity.ERROR]
    assert places(tuple(errors)) == [(line, column, rule)]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\r"),
        GOOD.rstrip(b"\n"),
        GOOD.replace(b"ramen", '"ra\nmen 🍜👨‍👩‍👧"'.encode()),
        GOOD.replace(b"watched_full_pct", b"Watched Full Video").replace(b"saves", b"BOOKMARKS"),
    ],
    ids=["BOM", "CRLF", "CR", "no last line end", "quoted line break and emoji", "aliases"],
)
def test_what_is_harmless_is_accepted(raw):
    assert problems(raw) == ()


def test_the_line_is_physical_after_line_breaks_in_labels():
    raw = csv_of({"video": "a\nb\r\nc"}, {"video": "d\re"}, {"video": "f", "views": "1,200"})
    assert places(problems(raw)) == [(7, "views", "thousands-separator")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_cells_are_judged_behind_a_wrong_delimiter_and_in_utf_16(encoding):
    raw = csv_of({"duration_s": "41.18"}, {"video": "noodles", "category": "Comedy"}).decode()
    raw = raw.replace(",", ";").replace("41.18", "41,18").encode(encoding)
    utf_16 = [(1, None, "utf-16")] if encoding == "utf-16" else []
    assert places(problems(raw)) == [
        *utf_16,
        (1, None, "wrong-delimiter"),
        (2, "duration_s", "decimal-comma"),
        (3, "category", "synonym"),
    ]


def test_a_header_that_is_no_utf_8_is_told_how_it_would_read():
    raw = f"{SMALL},né\na,1,,1,info,2\n".encode("cp1252")
    errors = [p for p in problems(raw) if p.severity is Severity.ERROR]
    assert [(p.line, p.value, p.rule) for p in errors] == [
        (1, "né", "not-utf-8"),
        (1, "né", "unknown-column"),
    ]


HEADERS = [
    ("li\u212aes", "likes"),
    ("\u017fhares", "shares"),
    ("l\u0131kes", "likes"),
    ("ｌｉｋｅｓ", "likes"),
    ("l\u0456kes", "likes"),
    ("\ufefflikes", "likes"),
    ("li\u200bkes", "likes"),
    ("l" + "i" * 60_000 + "kes", None),
    ("\u212a" * 20_000, None),
]


@pytest.mark.parametrize(("header", "meant"), HEADERS, ids=lambda v: ascii(v)[:20])
def test_a_header_has_the_letters_a_to_z_and_no_others(header, meant):
    raw = f'{SMALL},"{header}"\na,1,,1,info,2\n'.encode()
    (error,) = [p for p in problems(raw) if p.severity is Severity.ERROR]
    assert (error.line, error.rule) == (1, "unknown-column")
    assert (f"Did you mean {meant}?" in error.hint) == bool(meant)


def test_a_header_may_be_written_with_blanks_of_any_kind():
    raw = GOOD.replace(b"watched_full_pct", "Watched\u00a0Full\u2009Video".encode())
    assert problems(raw) == ()


def test_merge_marks_are_found_at_their_lines():
    raw = GOOD.replace(b"\nnoodles", b"\n<<<<<<< main\nnoodles") + b"=======\nx\n>>>>>>> mine\n"
    assert places(problems(raw)) == [(line, None, "merge-conflict") for line in (3, 5, 7)]


def test_every_problem_is_named_in_one_run():
    raw = csv_of({"views": "1,200", "category": "Comedy"}, {"likes": "+5", "video": "noodles"})
    assert places(problems(raw, toml=b"")) == [
        (2, "category", "synonym"),
        (2, "views", "thousands-separator"),
        (3, "likes", "plus-sign"),
        *[(None, key, "creator-key-missing") for key in ("consent", "github", "licence")],
    ]


HIDDEN = [
    (b"My videos\n\n", {}, [(1, None, "title-rows")]),
    (b"sep=,\n", {}, [(1, None, "line-of-excel")]),
    (b"", {"views": "Aufrufe"}, [(1, "Aufrufe", "unknown-column")]),
    (b"", {"views": "Views (total)"}, [(1, "Views (total)", "unknown-column")]),
    (b"", {"views": "再生回数"}, [(1, "再生回数", "unknown-column")]),
    (
        b"Meine Videos;;\n",
        {"views": "Vues"},
        [(1, None, "title-rows"), (2, "Vues", "unknown-column")],
    ),
]


@pytest.mark.parametrize(("above", "names", "told"), HIDDEN, ids=lambda v: ascii(v)[:30])
def test_nothing_hides_behind_what_is_wrong_with_the_top(above, names, told):
    raw = csv_of({"views": "1,200"}).decode()
    for name, other in names.items():
        raw = raw.replace(name, other, 1)
    errors = [p for p in problems(above + raw.encode()) if p.severity is Severity.ERROR]
    line = 2 + above.count(b"\n")
    assert places(tuple(errors)) == [*told, (line, "views", "thousands-separator")]


@pytest.mark.parametrize("name", ["Duration (min)", "Dauer in Minuten", "Length [h]"])
def test_a_name_with_another_unit_is_not_taken_for_the_column(name):
    listed = problems(csv_of({}).replace(b"duration_s", name.encode()))
    assert {(p.rule, p.repaired) for p in listed if p.severity is Severity.ERROR} == {
        ("unknown-column", False),
        ("missing-column", False),
    }


def test_a_first_row_without_numbers_is_a_row():
    raw = csv_of({"views": "n/a", "likes": "none", "new_followers": "unknown", "comments": ""})
    assert "header-again" not in {p.rule for p in problems(raw)}


def test_days_that_cannot_be_are_told_once_and_as_they_are_written():
    raw = csv_of({"posted_on": "2062-05-03"}, {"video": "b", "posted_on": "0026-05-12"})
    assert [(p.line, p.value, p.rule) for p in problems(raw)] == [
        (2, "2062-05-03", "date-in-future"),
        (3, "0026-05-12", "date-too-early"),
    ]


SETTLED = [
    ("posted_on", ["03.05.2026", "31.05.2026"], ["2026-05-03", "2026-05-31"]),
    ("posted_on", ["5/3/2026", "5/31/2026"], ["2026-05-03", "2026-05-31"]),
    ("posted_on", ["03.05.2026", "04.06.2026"], ["2026-05-03 or 2026-03-05"] * 1),
    ("posted_on", ["03.05.2026", "5/31/2026"], ["2026-05-03 or 2026-03-05", "2026-05-31"]),
    ("posted_on", ["13.05.2026", "05.13.2026", "03.05.2026"],
     ["2026-05-13", "2026-05-13", "2026-05-03 or 2026-03-05"]),
    ("avg_watch_s", ["1.557,5", "1,557"], ["1557.5", "1.557"]),
    ("avg_watch_s", ["12.5", "1,557"], ["1557"]),
    ("avg_watch_s", ["1,557"], ["1557 or 1.557"]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cells", "instead"), SETTLED, ids=ascii)
def test_a_file_settles_what_one_cell_does_not(column, cells, instead):
    quiet = {"watched_full_pct": "22", "avg_watch_s": "6"}
    rows = ({**quiet, "video": f"v{n}", column: cell} for n, cell in enumerate(cells))
    raw = csv_of(*rows)
    found = [p for p in problems(raw) if p.column == column and p.severity is Severity.ERROR]
    assert [p.instead for p in found][: len(instead)] == instead
    assert all(p.repaired == (" or " not in p.instead) for p in found)


def test_one_cause_is_one_problem():
    raw = csv_of({"views": "", "likes": "12", "posted_hour": "99", "duration_s": "0"})
    assert places(problems(raw)) == [
        (2, "duration_s", "out-of-range"),
        (2, "posted_hour", "out-of-range"),
        (2, "views", "empty-cell"),
    ]


@pytest.mark.parametrize(("toml", "line", "rule"), TOMLS, ids=lambda v: str(v)[:30])
def test_creator_toml_is_told_what_is_wrong(toml, line, rule):
    assert [(p.line, p.rule) for p in problems(GOOD, toml)] == [(line, rule)]


def test_every_wrong_key_of_creator_toml_is_told():
    """They are not alike, though they break one rule."""
    toml = b'github = "octocat"\npage = 1\nlicence = "GPL"\n'
    assert [p.column for p in problems(GOOD, toml)] == ["consent", "page", "licence"]


LIMITS = [
    (b"#" * 4_097, "more than 4 KiB"),
    (b"\n" * 101, "more than 100 lines"),
    (b"#" * 401, "a line of more than 400 characters"),
    (b"#" + b"." * 50 + b"[" * 30 + b"{" * 21, "more than 100 dots and brackets"),
]


@pytest.mark.parametrize(("raw", "limit"), LIMITS, ids=lambda v: str(v)[:30])
def test_the_limit_of_a_creator_toml_is_named_with_the_file_to_paste(raw, limit):
    (problem,) = problems(GOOD, raw)
    assert (problem.rule, limit in problem.hint, text() in problem.hint) == (
        "creator-unreadable", True, True
    )  # fmt: skip
    assert table(raw) is None
    assert table(TOML + b"# " + b"." * 99) == table(TOML) != {}


@pytest.mark.parametrize(
    "name", ["Ana", "安娜", "Ana 7", "\U0001f35c", "7", "Nan", "שָׁ֑לוֹם", "เอ๋", "👩🏽\u200d🍳", "Ngữ"]
)
def test_a_name_that_can_be_seen_is_a_name(name):
    assert problems(GOOD, TOML + f'display = "{name}"\n'.encode()) == ()


def test_creator_toml_accepts_a_quoted_date_and_all_its_keys():
    more = b'github_id = 1\ndisplay = "Ana"\nlanguage = "pt-BR"\npage = true\ncredit = "Ana"\n'
    toml = TOML.replace(b"2026-05-31", b'"2026-05-31"') + more + b"use_in_model = false\n"
    files = {"a.csv": GOOD, "creator.toml": toml}
    verdict = check(read("ana", "contributions/ana", files), DAY)
    assert isinstance(verdict, Accepted)
    assert verdict.profile.consent == datetime.date(2026, 5, 31)
    assert verdict.profile.use_in_model is False


@pytest.mark.parametrize(
    ("first", "second"),
    [({}, {"posted_on": "2026-05-01"}),
     ({"posted_on": ""}, {"posted_on": "", "duration_s": "15", "avg_watch_s": "5"})],
    ids=["another day of posting", "another length, no day"],
)  # fmt: skip
def test_one_label_on_two_videos_is_named_at_both(first, second):
    raw = csv_of(first, {"captured_on": "2026-06-01", **second})
    found = [(p.line, p.rule) for p in problems(raw) if p.severity is Severity.ERROR]
    assert found == [(2, "two-videos-one-label"), (3, "two-videos-one-label")]


@pytest.mark.parametrize(
    ("first", "second"),
    [({}, {}), ({}, {"posted_on": ""}), ({"duration_s": "72.4"}, {"duration_s": "72"}),
     ({"posted_on": "", "duration_s": "30"}, {"posted_on": "", "duration_s": "30.8"})],
    ids=["as it was", "no day the second time", "a length read differently", "no day at all"],
)  # fmt: skip
def test_a_video_captured_twice_is_one(first, second):
    quiet = {"avg_watch_s": "5"}
    raw = csv_of({**quiet, **first}, {**quiet, "captured_on": "2026-06-01", **second})
    assert [p for p in problems(raw) if p.rule in ("two-videos-one-label", "total-row")] == []


@pytest.mark.parametrize(
    ("older", "newer", "said"),
    [("2026-03-02", None, "This video was read"),
     ("2026-03-02", "2026-04-01", None)],
)  # fmt: skip
def test_a_video_that_was_read_again_later_is_not_lost(older, newer, said):
    more = [{"captured_on": newer}] if newer else []
    hints = [
        p.hint for p in problems(csv_of({"captured_on": older}, *more)) if p.rule == "read-early"
    ]
    assert len(hints) == (said is not None)
    assert all(hint.startswith(said) for hint in hints)


def test_letters_of_a_mac_are_not_taken_for_windows_ones():
    """Written again as Windows-1252, they would stay wrong for good."""
    raw = GOOD.replace(b"ramen", "café crémeux".encode("mac_roman"))
    found = [p for p in problems(raw) if p.rule == "not-utf-8"]
    assert [p.repaired for p in found] == [False]
    assert isinstance(repair(raw), Unreadable)
    windows = GOOD.replace(b"ramen", "café crémeux".encode("cp1252"))
    assert [p.repaired for p in problems(windows) if p.rule == "not-utf-8"] == [True]


@pytest.mark.parametrize("zeros", [0, 3, 8])
def test_zeros_that_are_usual_are_not_asked_about(zeros):
    """Half of the videos at this rate and these views would have none."""
    raw = rows(30, views=lambda i: 400 + i, likes="",
               new_followers=lambda i: 0 if i < 3 * zeros and i % 3 == 0 else 1)  # fmt: skip
    assert "zero-followers" not in {p.rule for p in problems(raw)}


def test_an_example_is_simulated():
    assert places(problems(GOOD, creator="example-ana")) == [(None, None, "simulated-name")]
    assert problems(GOOD, TOML + b"simulated = true\n", "example-ana") == ()


@pytest.mark.parametrize(("rule", "raw", "line", "column"), MANY, ids=lambda v: str(v)[:20])
def test_a_pattern_of_many_rows_is_asked_about(rule, raw, line, column):
    severities = {(p.line, p.column, p.rule): p.severity for p in problems(raw)}
    assert severities[line, column, rule] is Severity.WARNING
    assert all(severity is Severity.WARNING for severity in severities.values())


@pytest.mark.parametrize(
    "raw",
    [
        rows(9, watched_full_pct=0, views=40, likes=2, new_followers=0),
        rows(20, new_followers=lambda i: 1 + i % 5),
        rows(20, new_followers=lambda i: int(i in (0, 10))),
        rows(60, new_followers=lambda i: int(i % 5 == 4)),
        rows(30, has_cover=lambda i: int(i < 9)),
        rows(30, has_cover=lambda i: i % 2),
        rows(9, views=lambda i: 50_000_000 if i == 4 else 400),
        rows(12, views=lambda i: 400_000 if i == 4 else 400 + 50 * i),
        rows(12, likes="", new_followers="", views=lambda i: 10 ** (i // 2 + 3)),
        rows(12, duration_s=lambda i: 600 if i == 4 else 10 + i),
    ],
)
def test_what_chance_would_give_is_not_asked_about(raw):
    assert problems(raw) == ()


ONES = {"new_followers": lambda i: 1 if i < 5 else 9}


@pytest.mark.parametrize(
    ("raw", "asked"),
    [
        (rows(10, **ONES), True),
        (rows(10, **ONES, is_promoted=lambda i: i < 2), False),  # paid videos are out
        (
            rows(
                12,
                **ONES,
                video=lambda i: f"v{i // 2}",
                captured_on=lambda i: f"2026-05-{i + 1:02}",
            ),
            False,
        ),
        (rows(11, new_followers=lambda i: "none" if i > 9 else 1 if i < 5 else 9), False),
    ],
)
def test_zeros_are_missed_among_the_videos_that_are_asked_and_in_a_column_without_errors(
    raw, asked
):
    assert ("never-zero" in {each.rule for each in problems(raw)}) == asked


def test_a_number_far_from_the_others_says_from_what_and_what_it_may_be():
    raw = rows(12, views=lambda i: 50_000_000 if i == 4 else 500)
    problem = next(p for p in problems(raw) if p.rule == "far-from-others")
    assert (problem.file, problem.value) == ("contributions/ana/a.csv", "50000000")
    assert "Half of the 12 rows with a number here have 500 or less" in problem.hint
    assert "a time, an id" in problem.hint


def test_a_row_far_in_many_columns_is_asked_about_once():
    raw = rows(
        12, likes="", new_followers=lambda i: 90_000 if i == 4 else 0,
        views=lambda i: 50_000_000 if i == 4 else 500,
    )  # fmt: skip
    (problem,) = (p for p in problems(raw) if p.rule == "far-from-others")
    assert (problem.line, problem.column) == (6, "views")
    assert (
        "here have 500 or less. Also far from the other rows: new_followers. Are they right?"
        in problem.hint
    )


def test_a_cell_that_has_to_be_corrected_is_not_asked_about():
    raw = rows(12, likes=lambda i: 10**7 if i == 4 else 40 + i)
    assert [(p.line, p.column, p.rule) for p in problems(raw)] == [
        (6, "likes", "count-above-views")
    ]


def test_a_day_that_has_not_come_names_the_clock():
    early = datetime.date(1970, 1, 1)
    files = {"a.csv": GOOD, "creator.toml": TOML}
    listed = check(read("ana", "contributions/ana", files), early).problems
    assert {p.rule for p in listed} == {"consent-in-future", "date-in-future"}
    assert all("1970-01-01" in p.hint and "clock" in p.hint for p in listed)


COUNTED = ("views", "likes", "comments", "shares", "saves", "new_followers", "followers_before")


@pytest.mark.parametrize(
    ("column", "most", "more"),
    [
        *((name, "10000000000", "10000000001") for name in COUNTED),
        ("views", "10000000000", "1716940800000"),
        ("avg_watch_s", "36000", "36000.5"),
    ],
)
def test_a_number_has_a_limit_that_is_written_out(column, most, more):
    at_most, beyond = (problems(csv_of({"views": "10000000000", column: n})) for n in (most, more))
    assert not [p for p in at_most if p.rule == "out-of-range"]
    (problem,) = (p for p in beyond if p.rule == "out-of-range")
    assert (problem.line, problem.column, problem.value) == (2, column, more)
    assert f"{float(most):,.0f}" in problem.hint
    assert "e+" not in problem.hint


def test_ids_that_a_spreadsheet_damaged_are_refused():
    raw = csv_of({"video": "7665015920712060000"}, {"video": "7665015920712070000"})
    assert places(problems(raw)) == [(2, "video", "damaged-ids"), (3, "video", "damaged-ids")]


def test_the_same_capture_twice_names_both_places():
    listed = problems({"a.csv": csv_of({}, {"video": "b"}), "b.csv": csv_of({})})
    assert [(p.file, p.line, p.rule) for p in listed] == [
        ("contributions/ana/a.csv", 2, "same-capture-twice"),
        ("contributions/ana/b.csv", 2, "same-capture-twice"),
    ]
    assert "line 2 of contributions/ana/b.csv" in listed[0].hint
    assert "line 2 of contributions/ana/a.csv" in listed[1].hint


def test_an_empty_day_counts_as_a_value():
    raw = csv_of({"captured_on": ""}, {"captured_on": ""}, {})
    errors = [p for p in problems(raw) if p.severity is Severity.ERROR]
    assert places(tuple(errors)) == [(n, "video", "same-capture-twice") for n in (2, 3)]


def test_a_count_that_falls_is_asked_about():
    later = {"captured_on": "2026-05-01", "views": "1500"}
    listed = problems({"a.csv": csv_of({}), "b.csv": csv_of(later)})
    assert [(p.file, p.line, p.column, p.rule) for p in listed] == [
        ("contributions/ana/b.csv", 2, "views", "falling-count")
    ]


def folders(**raw: bytes) -> tuple[Accepted | Refused, ...]:
    return check_all(
        (
            read(name, f"contributions/{name}", {"a.csv": each, "creator.toml": TOML})
            for name, each in raw.items()
        ),
        DAY,
    )


def test_one_id_under_two_creators_is_refused_at_both_places():
    ana, bea = folders(bea=csv_of({"video": LONG_ID, "views": "2"}), ana=csv_of({"video": LONG_ID}))
    assert (ana.creator, bea.creator) == ("ana", "bea")
    assert [p.rule for p in ana.problems] == ["id-of-two-creators"]
    assert "line 2 of contributions/bea/a.csv" in ana.problems[0].hint
    assert any(p.rule == "id-of-two-creators" for p in bea.problems)


def test_equal_numbers_under_two_creators_are_asked_about_at_both_places():
    ana, bea = folders(ana=csv_of({"video": "x"}), bea=csv_of({"video": "y"}))
    assert [places(each.problems) for each in (ana, bea)] == [
        [(2, "views", "row-of-two-creators")]
    ] * 2
    assert isinstance(ana, Accepted)


def test_labels_are_never_compared_across_creators():
    ana, bea = folders(ana=csv_of({"views": "900"}), bea=csv_of({"views": "901"}))
    assert ana.problems == bea.problems == ()


PLACES = [
    "no-csv",
    "folder-name",
    "file-name",
    "file-name-twice",
    "too-many-in-folder",
    "wrong-place",
    "symlink",
    "program",
    "submodule",
    "not-judged",
]  # in test_read.py
TABLES = (
    {"two-videos-one-label"}
    | {rule for rule, *_ in BYTES}
    | {rule for *_, rule in TOMLS}
    | {rule for rule, *_ in MANY}
)
ELSEWHERE = {
    "folder-too-large",
    "merge-conflict",
    "damaged-ids",
    "same-capture-twice",
    "falling-count",
    "id-of-two-creators",
    "row-of-two-creators",
    "many-faults",
    "broken-setting",
    "no-such-folder",
    *PLACES,
}


def test_every_rule_has_a_case():
    assert set(RULES) - TABLES - {rule.slug for rule in CELL_AND_ROW} == ELSEWHERE


def test_slugs_are_unique():
    assert len(RULES) == sum(map(len, CATALOGUE.values()))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.slug)
def test_a_rule_says_what_to_do_in_the_contributors_words(rule):
    assert rule.hint
    assert not {"invalid", "None", "NaN", "dtype", "regex", "DataFrame"} & set(rule.hint.split())


PERSONAL = [
    "write to me@example.org",
    "me＠example.org",
    "call +49 170 1234567",
    "+49\u200b1701234567",
    "+ 49 170 1234567",
    "+٤٩١٧٠١٢٣٤٥٦٧",
    "555-234-4567",
    "call 5552344567",
    "0170 1234567",
    "00491701234567",
    "06 12 34 56 78",
    "(11) 91234-5678",
    "98765 43210",
    "13800138000",
    "wa.me/491701234567",
]


@pytest.mark.parametrize("cell", PERSONAL)
def test_what_may_be_personal_is_refused_and_never_repeated(cell):
    raw = csv_of({"video": cell, "subject": cell, "category": cell, "posted_on": cell})
    raw += f"{'x' * 90},{cell}\n".encode()
    raw += b"\xe9" + f"{'x' * 90},{cell}\n".encode()
    toml = TOML + f"credit = {json.dumps(cell)}\n".encode()
    files = {"a.csv": raw, f"{cell.replace('/', '')}.csv": b"", "creator.toml": toml}
    listed = check(read("ana", "contributions/ana", files), DAY).problems
    assert {(2, "video"), (2, "subject")} <= {(p.line, p.column) for p in listed}
    secrets = ("example", "1701234567", "12345", "٤٩", "4567", "3456", "43210", "0013", "56 78")
    for problem in listed:
        shown = f"{problem.value} {problem.hint} {problem.column}"
        assert not [secret for secret in secrets if secret in shown], problem


@pytest.mark.parametrize(
    "label",
    [
        "2024-05-03",
        "7 000 steps",
        "5551234",
        "2026-03-01 12:30",
        "top 10 of 2025",
        "7665015920712060176",
        "£1.200 rent",
        "for @friends: #fyp #foryou",
        "día 3 🍜 (parte 2)",
        "朝のルーティン 12",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 derby",
        "葛\U000e0100城市",
        "a" + "\u0301" * 5,
        "مقطع ١٢",
        "100 days, 1,000 km",
        "7017666017",
        "202605311830",
        "VID 202605311830",
        "2026-05-31 18-30-12",
        "2026.05.31 18.30.12",
    ],
)
def test_a_label_that_is_fine_is_not_taken_for_personal(label):
    assert problems(csv_of({"video": label})) == ()


def test_a_ten_digit_id_is_repeated_in_its_problem():
    twice = problems(csv_of({"video": "7017666017"}, {"video": "7017666017"}))
    assert {(p.rule, p.value) for p in twice} == {("same-capture-twice", "7017666017")}
    assert "phone-number" in {p.rule for p in problems(csv_of({"video": "7017666017 call"}))}


LINKS = [
    "https://www.tiktok.com/@so.me/video/7665015920712060176?lang=en",
    "https://m.tiktok.com/v/7665015920712060176.html",
    "tiktok.com/@so.me/photo/7665015920712060176",
    "Ramen https://www.TikTok.com/@so.me/video/7665015920712060176",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_the_video_whose_id_it_holds(link):
    found = problems(csv_of({"video": "7665015920712060176"}, {"video": link}))
    asked = {(3, "video", "handle-in-label")} if "@" in link else set()
    same = {(line, "video", "same-capture-twice") for line in (2, 3)}
    assert set(places(found)) == asked | same
    fixed = repair(csv_of({"video": link}))
    kept = link if " " in link else "7665015920712060176"
    assert fixed.records[0][1][fixed.header.index("video")] == kept


@pytest.mark.parametrize("cell", ["a" * 60_000, "1" * 60_000, "@" * 60_000, "+1 " * 20_000])
def test_a_long_cell_is_refused_for_its_length_before_anything_else(cell):
    assert [p.rule for p in problems(csv_of({"video": cell})) if p.line] == ["text-too-long"]


def test_every_mark_of_a_conflict_is_counted():
    marks = problems(b"<<<<<<< main\r\nx\n=======\r" * 10_000)
    assert [mark.line for mark in marks] == [n for n in range(1, 150) if n % 3 != 2] + [150][:1]
    assert (total(marks), marks[-1].more) == (20_000, 19_900)


def wrong(count: int, **columns: object) -> bytes:
    """Rows of distinct videos in which nothing else is asked about."""
    return rows(count, **{"captured_on": "", "new_followers": "", **columns})


# name → (bytes of the file, column, rule, how many)
BEYOND = {
    "bad in one way": (wrong(500, likes="1,200"), "likes", "thousands-separator", 500),
    "bad in many ways": (wrong(500, likes=lambda i: f"?{i}"), "likes", "not-a-number", 400),
    "not looked at": (wrong(500, likes=lambda i: f"?{i}"), "likes", "many-faults", 100),
    "not looked at, but alike": (
        wrong(900, likes=lambda i: f"?{i % 450}"), "likes", "many-faults", 100
    ),
    "out of range": (wrong(500, hashtags="101"), "hashtags", "out-of-range", 500),
    "empty": (wrong(500, views=""), "views", "empty-cell", 500),
    "a row above": (wrong(500, likes="2000"), "likes", "count-above-views", 500),
    "a question": (wrong(500, shares="50", likes="40"), "shares", "shares-above-likes", 500),
    "twice": (rows(500).replace(b"\nv1,", b"\nv,") + rows(500).split(b"\n", 1)[1],
        "video", "same-capture-twice", 998),
    "falling": (rows(300) + rows(300, captured_on="2026-05-01", views=900).split(b"\n", 1)[1],
        "views", "falling-count", 300),
    "ids": (wrong(500, video=lambda i: f"{10**14 + i}0000"), "video", "damaged-ids", 500),
    "short": (f"{SMALL}\n".encode() + b"a,1\n" * 500, None, "short-row", 500),
    "long": (f"{SMALL}\n".encode() + b"a,1,,1,info,2\n" * 499 + b"a,1,,1,info,2,3\n",
        None, "extra-cell", 500),
    "blank": (f"{SMALL}\n".encode() + b"\n" * 500, None, "blank-line", 500),
    "blank above": (b"\n" * 500 + f"{SMALL}\na,1,,1,info\n".encode(), None, "blank-line", 500),
    "commas": (f"{SMALL}\n".encode() + b",,,,\n" * 500, None, "row-of-commas", 500),
    "bytes": (f"{SMALL}\n".encode() + b"a\xe9,1,,1,info\n" * 500, "video", "not-utf-8", 500),
}  # fmt: skip


@pytest.mark.parametrize("name", BEYOND)
def test_the_first_places_of_a_cause_are_listed_and_the_others_counted(name):
    raw, column, rule, number = BEYOND[name]
    listed = [p for p in problems(raw) if (p.column, p.rule) == (column, rule)]
    assert (len(listed), total(listed)) == (100, number)
    lines = [problem.line or 0 for problem in listed]
    assert lines == sorted(lines)
    assert [problem.more for problem in listed] == [0] * 99 + [number - 100]


def test_a_listed_file_has_the_first_lines():
    listed = problems(BEYOND["bad in one way"][0])
    assert [p.line for p in listed if p.column == "likes"] == list(range(2, 102))


def test_a_row_of_cells_that_are_no_utf_8_is_told_for_its_bytes_only():
    listed = problems(f"{SMALL}\n".encode() + b"\xe9,\xe9,\xe9,\xe9,\xe9\n")
    assert {p.rule for p in listed if p.severity is Severity.ERROR} == {"not-utf-8"}


def test_a_folder_with_very_many_problems_lists_one_of_a_cause():
    bad = rows(120, **dict.fromkeys((*list(ROW)[1:], "video"), "?"))
    listed = problems({f"f{n}.csv": bad for n in range(12)})
    last = [p for p in listed if p.file.endswith("f9.csv")]
    assert len(listed) < 14_000
    assert {p.more for p in last if p.column in ROW and p.line} == {119}


def test_a_header_that_is_personal_is_not_repeated():
    raw = f"{SMALL},me@example.org\na,1,,1,info,2\n".encode()
    (error,) = [p for p in problems(raw) if p.severity is Severity.ERROR]
    assert (error.rule, error.column, error.value) == ("unknown-column", None, None)


def test_missing_is_missing_and_types_are_the_tables():
    verdict = check(
        read("ana", "contributions/ana", {"a.csv": csv_of({"likes": ""}), "creator.toml": TOML}),
        DAY,
    )
    assert isinstance(verdict, Accepted)
    captures = verdict.captures
    assert list(captures) == [*(column.name for column in COLUMNS), "creator", "file", "line"]
    assert captures["likes"].isna().all()
    assert captures["is_duet"].isna().all()
    assert captures.loc[0, "posted_on"] == pd.Timestamp("2026-03-01")
    assert captures.loc[0, "has_cover"] is True or bool(captures.loc[0, "has_cover"])
    whole = [column.name for column in COLUMNS if column.kind is Kind.WHOLE]
    assert {str(captures[name].dtype) for name in whole} == {"Int64"}


def test_the_verdict_does_not_depend_on_the_order_of_files():
    other = csv_of({"video": "b", "views": "x"})
    files = {"b.csv": other, "a.csv": csv_of({}), "creator.toml": TOML}
    one = check(read("ana", "contributions/ana", files), DAY)
    two = check(read("ana", "contributions/ana", dict(reversed(files.items()))), DAY)
    assert one == two


def test_where_the_project_lives_is_not_in_a_problem(tmp_path: Path):
    assert not any(str(tmp_path) in p.hint + p.file for p in problems(b""))


def test_every_key_of_creator_toml_that_is_wrong_is_named_in_one_run():
    toml = (
        b"github = YOUR-LOGIN\n"
        b'licence = "GPL"\n'
        b'consent = "YYYY-MM-DD"\n'
        b'display = "me@example.org"\n'
        b'"me@example.org" = 1\n'
        b"page = ja\n"
        b"page = true\n"
        b'langauge = "en"\n'
    )
    told = [(p.line, p.column, p.rule) for p in problems(GOOD, toml)]
    assert told == [
        (1, "github", "creator-unreadable"),
        (2, "licence", "creator-value"),
        (3, "consent", "creator-value"),
        (4, "display", "creator-value"),
        (5, None, "creator-unknown-key"),
        (6, "page", "creator-unreadable"),
        (7, "page", "creator-unreadable"),
        (8, "langauge", "creator-unknown-key"),
    ]
    for problem in problems(GOOD, toml):
        assert "example.org" not in f"{problem.hint} {problem.value}"
        if problem.column in ("licence", "consent", "display"):
            assert problem.hint.startswith(f"{problem.column} has to be ")


@pytest.mark.parametrize("value", ["me@example.org", "+49 170 1234567"])
def test_a_login_that_may_be_personal_is_told_what_to_write(value):
    toml = TOML.replace(b"octocat", value.encode())
    [problem] = problems(GOOD, toml)
    assert (problem.line, problem.column, problem.value) == (1, "github", None)
    assert "octocat" in problem.hint
