"""Nothing of a contributor's meets an unbounded expression, a number's parser, or recursion.

A contributor's text may be of any length. An expression that repeats without end, `int()` of
thousands of digits, `str()` of a deep value or a day that no calendar has turn it into a crash of
ours, or into an hour.
"""

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants, _parser
from types import ModuleType

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.dataset.read import read
from pipeline.intake import issue_form
from pipeline.intake.repair import Text, repair
from pipeline.intake.spreadsheet import import_sheet
from schema import cells, file_rules, text_rules
from schema.cells import CELLS, fault, in_form, values
from schema.columns import BY_NAME, COLUMNS, Column
from schema.creator import CREATOR, consent_in_future, creator_unreadable, simulated_name, table
from schema.problem import is_personal
from schema.spellings import canonical, did_you_mean
from schema.vocabulary import look_alike, nearest_word
from support.contribution import DAY, ROOT, TOML, check, csv_of

# What reads the text of contributors before, or while, it is judged.
PATHS = sorted(
    [
        *(ROOT / "schema").glob("*.py"),
        *(ROOT / "pipeline" / "intake").glob("*.py"),
        ROOT / "pipeline" / "analysis" / "replication" / "source_files.py",
        *(
            ROOT / "pipeline" / "dataset" / f"{name}.py"
            for name in ["read", "csv_file", "csv_fast", "check", "layout", "records", "encoding"]
        ),
    ]
)
REGEX = {"compile", "fullmatch", "match", "search", "findall", "finditer", "split", "sub", "subn"}
REGEX |= {"contains", "extract"}
# What turns a text into another value, and can fail or take for ever on the way.
CALLS = {
    *("int", "float", "round", "str", "Decimal", "Fraction", "eval", "literal_eval", "repr"),
    *("strptime", "fromisoformat", "to_datetime", "to_numeric", "cast", "get_close_matches"),
    *("loads", "normalize", "timedelta"),
}
OURS = "a file of the project"
GATED = "a cell within the length of its column, matched digit for digit"
TYPED = "a value with its type, of fifteen digits at most, or the number of a line"
# Repeats without end that never start anew in the middle: they take the time of one reading.
LINEAR = {
    file_rules.MARK.pattern,  # begins where a line begins, and ends with it
    r'(?:"((?:[^"]|"")*+)"|[^"\r\n,]*+)',  # gives nothing back, and is matched at one place only
}
# Where one of the calls may stand, and why its value is bounded there.
BOUNDED = {
    "pipeline/dataset/csv_file.py:_quick": "a cell of the first row, as it is",
    "pipeline/dataset/records.py:records_of": "a truth",
    "pipeline/intake/repair.py:_rows": "a truth",
    "pipeline/intake/repair.py:read_text": "an error of the csv module, in its own words",
    "schema/captures_schema.py:_forms": "days that pandas holds as such; cut to midnight",
    "schema/catalogue.py:unasked": OURS,
    "schema/cells.py:_numbers": "cells that are in form",
    "schema/cells.py:values": "cells that are in form",
    "schema/spellings.py:_letters": "a header within LONGEST_HEADER, or a name of ours",
    "schema/spellings.py:_other_names": OURS,
    "schema/spellings.py:did_you_mean": "a header within LONGEST_HEADER",
    "schema/creator.py:_shown": "no value that holds others, no number longer than a line",
    "schema/creator.py:creator_unknown_key": "cut to LONGEST_KEY",
    "schema/creator.py:table": "within the limits",
    "schema/folder_rules.py": TYPED,
    "schema/forms.py:day": "ten characters, matched before",
    "schema/habits.py:_orders": "of two digits",
    "schema/limits.py": TYPED,
    "schema/capture_rules.py": TYPED,
    "schema/maintained.py": OURS,
    "schema/months.py:month": "ten letters",
    "schema/number_rules.py:clock_time": GATED,
    "schema/number_rules.py:other_digits": "one character at a time",
    "schema/number_rules.py:short_form": GATED,
    "schema/pool_rules.py": TYPED,
    "schema/positive_only.py:positive_only": "the number of a group",
    "schema/problem.py:_plain_letter": "one character at a time",
    "schema/refusals.py:words": OURS,
    "schema/row_rules.py": TYPED,
    "schema/slip_rules.py": TYPED,
    "schema/table_rules.py:quote": "of the csv module; it quotes no cell",
    "schema/text_rules.py:formula": "one character",
    "schema/toml_statements.py": "files of ours, or a creator.toml within the limits",
    "schema/vocabulary.py:_word": OURS,
    "schema/vocabulary.py:close_words": "cut to LONGEST",
    "schema/vocabulary.py:look_alike": "cut to LONGEST",
    "schema/vocabulary.py:other_words": OURS,
    "schema/vocabulary.py:plain_letters": "a word, a header or a cell within its own limit",
    "schema/vocabulary.py:quarantine": OURS,
    "schema/word_rules.py:date": GATED,
    "schema/word_rules.py:impossible_date": GATED,
    "schema/word_rules.py:order_of_a_date": GATED,
    "schema/word_rules.py:spreadsheet_date": GATED,
    "schema/zero_rules.py": TYPED,
    "pipeline/dataset/check.py:_videos": OURS,
    "pipeline/intake/issue_form.py:_toml": "GitHub's own words about an issue",
    "pipeline/intake/issue_form.py:read_issue": "GitHub's own words about an issue",
    "pipeline/analysis/replication/source_files.py:_rows": "of the csv module; it quotes none",
    "pipeline/intake/spreadsheet.py:_correct": OURS,
    "pipeline/intake/spreadsheet.py:zero_is_missing": "an option, of six digits at most",
    "pipeline/dataset/csv_fast.py:read_plain": "the number of a column",
}


def repeats(pattern: str | bytes) -> Iterator[object]:
    """Find the repetitions without an end in an expression."""

    def walk(parsed: object) -> Iterator[object]:
        if isinstance(parsed, _parser.SubPattern):
            for part in parsed:
                yield from walk(part)
        elif isinstance(parsed, list | tuple):
            if parsed and parsed[0] in (
                _constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT
            ) and parsed[1][1] is _constants.MAXREPEAT:  # fmt: skip
                yield parsed
            for part in parsed:
                yield from walk(part)

    return walk(_parser.parse(pattern))


def module_of(path: Path) -> ModuleType:
    return importlib.import_module(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    )


def name_of(node: ast.Call) -> str:
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Find each call, with the function that it stands in."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield function, child
            is_function = isinstance(child, ast.FunctionDef) and not function
            yield from walk(child, child.name if is_function else function)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), "")


def is_expression(node: ast.Call) -> bool:
    """Return whether a call takes an expression: of `re`, or of a column of text."""
    owner = getattr(node.func, "value", None)
    return name_of(node) in REGEX and (
        (isinstance(owner, ast.Name) and owner.id == "re")
        or (isinstance(owner, ast.Attribute) and owner.attr == "str")
    )


@pytest.mark.parametrize("path", PATHS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_no_expression_repeats_without_end(path):
    module = module_of(path)
    patterns = [v.pattern for v in vars(module).values() if isinstance(v, re.Pattern)]
    local = {"pattern": module.WHOLE + module.DECIMAL} if module is cells else {"delimiter": ","}
    for function, node in calls(path):
        if is_expression(node) and function:  # others are compiled, and looked at as they are
            code = compile(ast.Expression(node.args[0]), str(path), "eval")
            pattern = eval(code, {**vars(module), **local})  # noqa: S307  # our own literal
            patterns.append(pattern)
    unbounded = [each for each in patterns if any(repeats(each)) and each not in LINEAR]
    assert unbounded == []


def test_an_expression_without_end_is_found():
    for pattern in ("a+", "(?:ab)*", "x{2,}", "a|b(c{3,})", "(?=a*)", "[a-z]+?", "a++"):
        assert any(repeats(pattern)), pattern
    assert not any(repeats(r"a{1,9}b?(c|d){0,3}"))


def test_a_text_becomes_a_number_or_a_day_only_where_it_is_bounded():
    conversions = {
        (path.relative_to(ROOT).as_posix(), function)
        for path in PATHS
        for function, node in calls(path)
        if name_of(node) in CALLS
    }
    at = {file if file in BOUNDED else f"{file}:{function}" for file, function in conversions}
    assert sorted(at - set(BOUNDED)) == [], "say why the value is bounded there, or bound it"
    assert sorted(set(BOUNDED) - at) == [], "this is not needed any more"


TEXT = st.text(st.characters(), max_size=80) | st.text(
    st.sampled_from("0123456789.,:-+%eEkK \t\n\r/TZ\u0301\u200d\u3164\u202e\u212aıſ＋１٣億万&")
)
HOSTILE = [
    "0000-01-01",
    "0000-00-00",
    "9999-12-31",
    "99999",
    "99999.9",
    "2024-02-30T99",
    "9" * 310 + "k",
    "9" * 60,
    "9" * 55 + "k",
    "1." + "9" * 58,
    "1" + ",000" * 14,
    "0" * 60 + "\n",
    "\x00",
    "\ud800",
    "\ufeff1200",
    "\u202e\u202e",
    "a" + "\u0301\u0327" * 29,
    "\u00a0" * 60,
    "７" * 60,
    "ﷺ" * 60,
    "1e999999999",
    "-" * 60,
    "99:99:99",
]


def examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return test


def encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


@pytest.mark.slow
@examples
@given(TEXT)
def test_any_cell_has_an_answer_and_one_judgement(text):
    """A cell is judged alike alone and in its column, and what is in form has a value."""
    for column in COLUMNS:
        problem = fault(text, column)
        if problem and problem[1].write is not None:
            assert len(problem[1].write) <= 3 * column.longest
            last = fault(problem[1].write, column)
            assert last is None or last[1].write is None
        if encodable(text):
            cells_of = pd.Series([text, ""], dtype="str")
            good = in_form(cells_of, column)
            assert good[0] == (text == "" or problem is None), column.name
            assert values(cells_of, good, column).notna().tolist() == [
                good[0] and text != "",
                False,
            ]


@examples
@given(TEXT)
def test_any_name_or_word_has_an_answer(text):
    assert canonical(text) is None or text.replace("_", "").strip()
    assert did_you_mean(text, ()) in {None, *BY_NAME}
    assert isinstance(is_personal(text), bool)
    for name in ("category", "sound"):
        nearest_word(name, text)
    assert len(look_alike(text)) <= 60 * 18


LONG = ["9", "1,000", " ", "\u00a0", "a@", "\u0301\u0327", "[", "\u3164", "0-", "k", "`", "ﷺ"]


@pytest.mark.parametrize("piece", LONG, ids=ascii)
def test_a_long_cell_reaches_no_rule_but_that_of_length(piece, monkeypatch):
    """So that its time is that of one look at its length, whatever the other rules do."""
    seen: list[int] = []

    def note(cell: str, column: Column) -> None:
        seen.append(len(cell))

    text_too_long, *others = CELLS
    assert text_too_long is text_rules.text_too_long
    noted = [dataclasses.replace(rule, find=note) for rule in others]
    monkeypatch.setattr(cells, "CELLS", (text_too_long, *noted))
    for column in COLUMNS:
        problem = fault(piece * 60_000, column)
        assert problem is not None
        assert problem[0] is text_too_long
        assert all(length <= 2 * column.longest for length in seen)


KEYS = ["github", "github_id", "display", "page", "simulated", "consent", "language", "x", '"\\n"']
VALUE = st.recursive(
    st.sampled_from(["1", "true", '"a"', "1e400", "nan", "2026-05-31", "0000-01-01", "0xff", "'''"])
    | st.text(max_size=20).map(lambda text: f'"{text}"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
        | st.tuples(st.sampled_from(KEYS), inner).map(lambda each: f"{{{each[0]} = {each[1]}}}")
    ),
)
LINE = st.tuples(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4).map(".".join), VALUE).map(
    lambda each: f"{each[0]} = {each[1]}"
) | st.text(max_size=40)
DEEP = [
    b"a" + b".a" * 1_900 + b" = 1",
    b"page" + b".a" * 99 + b" = 1",
    b"page = " + b"[" * 99 + b"]" * 99,
    b"page = " + b"[" * 4_000,
    b"[" + b"a." * 1_900 + b"a]",
    b"[[a" + b".a" * 90 + b"]]",
    b"page = " + b"{a=" * 99 + b"1" + b"}" * 99,
    b"github_id = 0x" + b"f" * 3_700,
    b"github_id = 0x" + b"f" * 390,
    b"github_id = 0b" + b"1_" * 190 + b"1",
    b"github_id = " + b"9" * 395,
    b"github_id = " + b"9" * 395 + b".0",
    b"consent = 9999-12-31T23:59:59.999999999999999+23:59",
    b'display = "\\U0010ffff"',
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"a = 1\ra = 2",
    b"\x00",
    b"\xed\xa0\x80 = 1",
]


@given(
    st.lists(LINE, max_size=8).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))
)
def test_any_creator_toml_has_an_answer(raw):
    judged_profile(raw)


@pytest.mark.parametrize("raw", DEEP, ids=lambda raw: ascii(raw)[:24])
def test_a_deep_or_long_creator_toml_has_an_answer(raw):
    judged_profile(raw)
    judged_profile(TOML + raw)
    assert check(read("ana", "contributions/ana", {"creator.toml": raw}), DAY).problems


def judged_profile(raw: bytes) -> None:
    wrong = list(creator_unreadable.find(raw))
    assert bool(wrong) == (table(raw) is None)
    problems = [finding for rule in CREATOR for finding in rule.find(raw)]
    problems += consent_in_future.find(raw, DAY)
    problems += simulated_name.find("ana", raw)
    assert all(len(finding.value or "") < 5_000 for finding in problems)


@pytest.mark.slow
@examples
@settings(max_examples=20)
@given(TEXT)
def test_any_table_is_judged_repaired_and_imported(text):
    if not encodable(text):
        text = ascii(text)
    raw = csv_of(dict.fromkeys(("views", "posted_on", "subject", "sound", "video"), text))
    verdict = check(read("ana", "contributions/ana", {"a.csv": raw, "creator.toml": TOML}), DAY)
    assert verdict.creator == "ana"
    once = repair(raw)
    import_sheet(raw, ())
    if isinstance(once, Text):
        again = repair(once.written())
        assert isinstance(again, Text)
        assert again.records == once.records


@pytest.mark.parametrize("line", ["```" + " " * 60_000 + "x", "`" * 60_000, "`" * 60_000 + "x"])
def test_a_long_fence_is_read_once(line):
    assert issue_form.unfenced(f"{line}\na,b\n```") in ("a,b", "a,b\n```", f"{line}\na,b\n```")
