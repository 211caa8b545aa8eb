"""What a person, GitHub and a machine read of the same problems."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from pipeline.dataset.read import read
from pipeline.render.check import nightly
from pipeline.render.check.markdown import as_markdown
from pipeline.render.check.problems import as_github, as_json, as_text
from pipeline.render.text.escape import markdown, plain, quoted
from schema.catalogue import fingerprint
from schema.creator import text as creator_text
from support.contribution import DAY, TOML, check, csv_of


def answers(files: dict[str, bytes]) -> tuple[str, str, str]:
    verdict = check(read("ana", "contributions/ana", {"creator.toml": TOML, **files}), DAY)
    return tuple(render([verdict], verdict.problems) for render in (as_text, as_github, as_json))


MANY = csv_of(*({"video": f"v{i}", "views": "1,200", "likes": ""} for i in range(38)))


def test_a_cause_is_told_once_with_its_place_what_to_write_and_the_repair():
    text, *_ = answers({"a.csv": MANY})
    assert text.splitlines() == [
        'contributions/ana/a.csv:2  views = "1,200"',
        "    Separators between the digits: leave them out. Write 1200   [thousands-separator]",
        "    37 more like this: lines 3, 4, 5, 6, 7, 8, 9, 10 ...",
        "    `python -m pipeline fix contributions/ana/a.csv` repairs this.",
        "",
        "38 errors in 1 creator, 38 videos. Not accepted yet: ana.",
        "Correct the errors and check again.",
    ]


def cells(column: str, *values: str) -> bytes:
    return csv_of(*({"video": f"v{n}", column: value} for n, value in enumerate(values)))


VARIOUS = [
    (cells("category", "Comedy", "Storytime", "Comedy"),
     '2 more like this: "Storytime" → story (line 3), "Comedy" → humor (line 4)'),
    (cells("has_cover", "WAHR", "FALSCH"), '1 more like this: "FALSCH" → no (line 3)'),
    (cells("views", "about 9", "many"), '1 more like this: "many" (line 3)'),
    (cells("category", "cooking", "cooking"), "1 more like this: line 3"),
    (csv_of({}).replace(b"likes", b"Likes (n)").replace(b"shares", b"Teilungen (n)")
     .replace(b"comments", b"Kommentare"), "1 more like this: Likes (n) → likes"),
    (b"video,category\na,info\n", "2 more like this: new_followers, views"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "said"), VARIOUS, ids=[said for _, said in VARIOUS])
def test_places_of_a_cause_are_named_by_what_differs(raw, said):
    text, github, _ = answers({"a.csv": raw})
    assert said in " ".join(text.split())
    assert f"({said})" in github.split("\n\n")[0]
    verdict = check(read("ana", "contributions/ana", {"creator.toml": TOML, "a.csv": raw}), DAY)
    shown = re.sub(r"<[^>]+>|[\"`]", "", as_markdown([verdict], verdict.problems))
    assert said.replace('"', "") in shown


def test_places_with_another_hint_stand_apart():
    text, *_ = answers({"a.csv": cells("posted_on", "2024-05", "31.12.2024", "13.13.2024")})
    assert text.count("[date]") + text.count("[order-of-a-date]") == 3
    text, *_ = answers({"a.csv": cells("views", "1,200", "1.200")})
    assert text.count("[thousands-separator]") == 2
    assert text.count("repairs this") == 1


def test_what_is_of_the_whole_file_comes_first():
    raw = cells("views", *["1,200"] * 9).replace(b",", b";").replace(b"1;200", b"1,200")
    text, *_ = answers({"a.csv": raw.replace(b'"', b"")})
    assert text.index("[wrong-delimiter]") < text.index("[thousands-separator]")


def test_markdown_is_for_the_contributor_and_the_nightly_text_for_maintainers():
    verdict = check(read("ana", "contributions/ana", {"creator.toml": TOML, "a.csv": MANY}), DAY)
    for_creator = as_markdown([verdict], verdict.problems)
    assert "Write 1200" in for_creator
    assert "maintainers" not in for_creator
    assert "pipeline fix contributions/ana/a.csv" in for_creator
    assert "What to do next (maintainers)" in nightly.as_markdown([verdict], verdict.problems)


def test_what_only_a_person_knows_is_not_promised_to_be_repaired():
    text, *_ = answers({"a.csv": csv_of({"views": "1.200"})})
    assert "repairs" not in text


def test_what_is_to_be_pasted_can_be_pasted():
    verdict = check(read("ana", "contributions/ana", {"a.csv": csv_of({})}), DAY)
    text = as_text([verdict], verdict.problems)
    assert "\n".join(f"    {line}" for line in creator_text().splitlines()) in text


def test_all_is_well():
    text, github, machine = answers({"a.csv": csv_of({})})
    assert text == github == "All is well: 1 creator, 1 video."
    assert json.loads(machine) == {
        "version": 2,
        "rules": fingerprint(),
        "problems": [],
        "files": [
            {"file": "contributions/ana/a.csv", "creator": "ana", "videos": 1, "accepted": True}
        ],
    }


def test_all_is_well_says_which_rows_count():
    early = {"video": "early", "captured_on": "2026-03-02", "posted_on": "2026-03-01"}
    paid = {"video": "paid", "is_promoted": "yes"}
    verdict = check(
        read("ana", "ana", {"creator.toml": TOML, "a.csv": csv_of({}, early, paid)}), DAY
    )
    assert (
        "All is well: 1 creator, 3 videos. Of 3 rows, 1 counts (paid promotion was used: 1; read in"
        " the first week after posting: 1). 1 warning."
    ) in as_text([verdict], verdict.problems)


def test_errors_come_before_warnings():
    text, *_ = answers({"a.csv": csv_of({"shares": "50"}, {"video": "b", "views": "x"})})
    assert text.index("[not-a-number]") < text.index("[shares-above-likes]")
    assert "warning: shares" in text


def test_what_is_not_listed_is_counted_in_every_form():
    raw = csv_of(*({"video": f"v{i}", "views": "1,200", "likes": ""} for i in range(1_438)))
    text, github, machine = answers({"a.csv": raw})
    assert "1,437 more like this: lines 3, 4, 5, 6, 7, 8, 9, 10 ..." in text
    assert "1,438 errors in 1 creator" in text
    assert "(1,437 more like this: lines 3, 4, 5, 6, 7, 8, 9, 10 ...)" in github
    more = [each["more"] for each in json.loads(machine)["problems"]]
    assert more == [0] * 99 + [1_338]
    verdict = check(read("ana", "contributions/ana", {"creator.toml": TOML, "a.csv": raw}), DAY)
    assert "ana</code>: 1,438 errors" in nightly.as_markdown([verdict], verdict.problems)


def test_a_cause_of_which_one_place_is_listed_is_told():
    problem = replace(check(read("ana", "ana", {"a.csv": b""}), DAY).problems[0], more=7)
    assert "7 more like this." in as_text([], [problem])


def test_json_has_the_ten_keys_in_the_order_of_places():
    raw = csv_of({"views": "x", "category": "Comedy"}, {"video": "b", "likes": "+5"})
    machine = json.loads(answers({"b.csv": raw, "a.csv": b""})[2])
    assert [list(p) for p in machine["problems"]] == [
        [
            "file",
            "line",
            "column",
            "value",
            "rule",
            "severity",
            "hint",
            "more",
            "instead",
            "repaired",
        ]
    ] * len(machine["problems"])
    places = [(p["file"][-5:], p["line"], p["column"]) for p in machine["problems"]]
    assert places == [
        ("a.csv", None, None),
        ("b.csv", 2, "category"),
        ("b.csv", 2, "views"),
        ("b.csv", 3, "likes"),
    ]
    assert [entry["accepted"] for entry in machine["files"]] == [False, False]


def test_github_shows_ten_of_a_kind_and_says_how_many_more():
    files = {f"f{i:02}.csv": b"" for i in range(14)}
    lines = answers(files)[1].splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == 10
    assert commands[0].startswith("::error file=contributions/ana/f00.csv,title=empty-file::")
    assert commands[-1] == "::error::5 more kinds of error are listed in the log of this step."


EVIL = [
    "::error file=x::pwned",
    "##[add-mask]x",
    "a%0A::warning::x",
    "a\n::error::x",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "<script>alert(1)</script>",
    "x" * 5_000,
]


@pytest.mark.parametrize("evil", EVIL, ids=lambda e: ascii(e)[:20])
def test_a_cell_cannot_speak_to_the_log(evil):
    text, github, machine = answers({"a.csv": csv_of({"category": evil, "views": evil})})
    for answer in (text, github):
        lines = [line.strip() for line in answer.splitlines()]
        commands = [line for line in lines if line.startswith("::")]
        assert all(line.startswith("::error file=contributions/ana/a.csv,") for line in commands)
        assert "##[" not in answer
        assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*", answer)
        assert max(map(len, lines)) < 600
    assert "##[" not in machine
    assert evil in [problem["value"] for problem in json.loads(machine)["problems"]]


@pytest.mark.parametrize("evil", EVIL, ids=lambda e: ascii(e)[:20])
def test_a_folder_s_name_cannot_speak_to_the_log(evil):
    refused = check(read(evil, f"contributions/{evil}", {"creator.toml": TOML, "a.csv": MANY}), DAY)
    for render in (as_text, as_github):
        lines = render([refused], refused.problems).splitlines()
        assert any("pipeline fix" in line for line in lines)
        assert all(map(str.isprintable, lines))
        commands = [line for line in lines if line.strip().startswith("::") or "##[" in line]
        assert all(line.startswith("::error file=contributions/") for line in commands)


@given(st.text())
def test_what_is_shown_is_one_printable_line(text):
    for shown in (quoted(text), plain(text)):
        assert shown.isprintable()
        assert not shown.startswith("::")
        assert "##[" not in shown


HOSTILE = st.text(st.sampled_from("ab1 \\`*_{}[]()<>#+!|~@:$&-./www\n\r\t🍜\u202e"), max_size=30)


@given(HOSTILE)
def test_markdown_shows_a_text_as_it_is(text):
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    one_line = "".join(c for c in " ".join(text.split()) if c.isprintable())
    for around in ("x {} y", "{}"):
        shown = parser.render(around.format(markdown(text)))
        right = f"<p>{escapeHtml(around.format(one_line).strip())}</p>\n" if one_line else shown
        assert shown == right


@pytest.mark.parametrize(
    "text", ["@octocat", "www.example.org", "https://example.org", "#12", ":smile:", "$x$", "a|b"]
)
def test_markdown_leaves_nothing_for_github_to_link(text):
    assert text not in markdown(text)
