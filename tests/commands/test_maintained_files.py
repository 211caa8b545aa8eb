"""The files that maintainers edit: `check` names each fault with its line, all in one run."""

import json
import shutil
import subprocess
import sys

import pytest

from pipeline.analysis.replication import splits
from pipeline.intake import corrections
from pipeline.render.labels import entries
from pipeline.render.text import address
from schema.maintained import ROOT, no_such_folder
from schema.refusals import SLUGS
from schema.settings import ASIDE, REFUSALS, RULES_OF_WORDS
from schema.toml_statements import read
from support.contribution import TOML, csv_of

WORDS, LABELS = "schema/vocabulary.toml", "pipeline/render/labels/labels.toml"
MENDED, SPLITS = corrections.CORRECTIONS.file, splits.SPLITS.file
EXAMINE = {
    each.file: each.examine
    for each in (
        RULES_OF_WORDS, ASIDE, REFUSALS, entries.LABELS, corrections.CORRECTIONS, splits.SPLITS,
        address.PROJECT,
    )
}  # fmt: skip
A_DAY, A_TEXT = '"a day, a trip, a routine"', "a text in double quotes"
VLOG = f"""[category.vlog]
meaning = {A_DAY}
synonyms = ["day in the life", "ditl", "diary"]"""
OF_VLOG, WHY = "category.vlog.synonyms", "schema/refusals.toml"
ONE = 'vlog = { one = "a vlog", '
# file, what stands there, what is written instead, the column that is named, words of the hint
EDITS = [
    (WORDS, '"ditl", ', '"joke", ', OF_VLOG, "It stands under humor, too (line"),
    (WORDS, '"ditl", ', '"J-o-k-e", ', OF_VLOG, "under humor"),
    (WORDS, '"ditl", ', '"Story", ', OF_VLOG, "story is a word of its own (line"),
    (WORDS, '"ditl", ', '"?", ', OF_VLOG, "a letter or a digit"),
    (WORDS, '"ditl", ', "7, ", OF_VLOG, "a list of texts"),
    (WORDS, A_DAY, "3", "category.vlog.meaning", A_TEXT),
    (WORDS, A_DAY, '" "', "category.vlog.meaning", A_TEXT),
    (WORDS, A_DAY, '"x"\nmeanings = "y"', "category.vlog.meanings", "mean meaning?"),
    (WORDS, "[category.vlog]", "[categroy.vlog]", "categroy", "Did you mean category?"),
    (WORDS, "[category.vlog]", "[category.Vlog]", "category.Vlog", "lower-case letters"),
    (WORDS, VLOG, VLOG.partition("\nsyn")[0], OF_VLOG, "synonyms = … is missing"),
    (WORDS, VLOG, VLOG + "\n" + VLOG.replace("vlog", "v-log"), "category.v-log", "the same word"),
    (LABELS, "[columns.hashtags]", "[columns.hashtag]", "columns.hashtag", "mean hashtags?"),
    (LABELS, 'unit = "hashtag"', 'units = "hashtag"', "columns.hashtags.units", "mean unit?"),
    (LABELS, 'unit = "hashtag"', "unit = 3", "columns.hashtags.unit", A_TEXT),
    (LABELS, "compare = [3.0, 3.0]", "compare = [3.0]", "columns.hashtags.compare", "two numbers"),
    (LABELS, '"{level} posts"', '"{levels} posts"', "columns.posted_hour.more", "name {level}"),
    (LABELS, '"{level} posts"', '"{level posts"', "columns.posted_hour.more", "A brace is alone"),
    (LABELS, ONE + "many", ONE + "mani", "levels.category.vlog.mani", "mean many?"),
    (LABELS, "vlog = { one", "vlogs = { one", "levels.category.vlogs", "Did you mean vlog?"),
    (LABELS, "tried = false", 'tried = "no"', "levels.category.promo.tried", "true or false"),
    (LABELS, "[questions.reach]", "[questions.reech]", "questions.reech", "Did you mean reach?"),
    (WHY, "{owner} may", "{ower} may", "not-your-folder.said", "{owner}"),
    (WHY, "[lost-file]\nsaid", "[lost-file]\nsayd", "lost-file.sayd", "mean said?"),
    (WHY, "[lost-file]", "[lost-fil]", "lost-fil", "mean lost-file?"),
    (MENDED, 'sha256 = "1418', 'sha256 = "14', "file.sha256", "64 digits"),
    (MENDED, 'column = "likes"', 'column = "like"', "file.correction.column", "name of a column"),
    (MENDED, "line = 189", 'line = "189"', "file.correction.line", "number of a line"),
    (SPLITS, "training = 113", "training = 113.5", "post-input.training", "a whole number"),
    (SPLITS, "order = [\n    122, 88", "order = [\n    88, 88", "post-input.order", "once"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "column", "words"), EDITS, ids=lambda v: str(v)[:25]
)
def test_an_edit_that_cannot_be_right_is_named_at_its_line(file, old, new, column, words):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    assert list(EXAMINE[file](read(text.encode()))) == []
    edited = text.replace(old, new, 1)
    start = text.index(old)
    lines = {edited.count("\n", 0, at) + 1 for at in range(start, start + len(new) + 1)}
    found = list(EXAMINE[file](read(edited.encode())))
    assert [f for f in found if f.column == column and words in f.hint and f.line in lines], found


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ('[project.urls]\nRepository = "https://github.com/some/where"', True),
        ("[project]\nname = 'x'", True),
        ('[project.urls]\nRepository = "github.com/some/where"', False),
        ("[project.urls]\nRepository = 3", False),
        ('[project]\nurls = "https://github.com/some/where"', False),
    ],
)
def test_the_address_of_the_repository_is_one(text, is_right):
    found = list(address.faults(read(text.encode())))
    assert (found == []) is is_right


def test_folders_set_aside_have_a_reason_and_are_there():
    document = read(b'# a\nana = "doubts"\nbne = "too"\nben = ""\nzoe = 3\n')
    assert [(f.line, f.column) for f in ASIDE.examine(document)] == [(4, "ben"), (5, "zoe")]
    found = list(no_such_folder.find(document, ["ana", "ben"]))
    assert [(f.line, f.column) for f in found] == [(3, "bne"), (5, "zoe")]
    assert "Did you mean ben?" in found[0].hint


def test_every_refusal_that_the_code_gives_has_words():
    code = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "pipeline").rglob("*.py"))
    )
    assert [slug for slug in SLUGS if f'"{slug}"' not in code] == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The code and two creators, in a folder of their own."""
    place = tmp_path_factory.mktemp("copy")
    for name in ("pipeline", "schema"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    for creator, views in (("ana", "1557"), ("ben", "1,200")):
        folder = place / "contributions" / creator
        folder.mkdir(parents=True)
        (folder / "creator.toml").write_bytes(TOML)
        (folder / "a.csv").write_bytes(csv_of({"views": views}))
    (place / "contributions/ben/a.csv").write_bytes(csv_of({"views": "1,200", "video": "b"}))
    return place


@pytest.fixture
def restored(copy):
    """The copy, in which each test finds the files as they were."""
    files = {path: path.read_bytes() for path in copy.rglob("*.toml")}
    yield copy
    for path, raw in files.items():
        path.write_bytes(raw)


def run(place, *words):
    command = [sys.executable, "-m", "pipeline", *map(str, words)]
    return subprocess.run(command, cwd=place, capture_output=True, encoding="utf-8", check=False)


def edit(place, file, old, new):
    text = (place / file).read_text(encoding="utf-8")
    assert old in text, (file, old)
    (place / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def added(place, file, text):
    (place / file).write_text((place / file).read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.slow
def test_all_is_told_in_one_run_and_nothing_is_written(restored):
    place = restored
    added(place, "schema/quarantine.toml", 'anna = "a"\nben = oh\nana = "b"\nana = "c"\n')
    edit(place, WORDS, '"ditl", ', '"joke", ')
    edit(place, WORDS, 'meaning = "answers questions"', "meaning = answers questions")
    edit(place, LABELS, 'unit = "hashtag"', "unit = hashtag")
    edit(place, "schema/refusals.toml", "[lost-file]", "[lost-file")
    edit(place, MENDED, "line = 189", "line = 0")
    edit(place, SPLITS, "training = 113", "training = ")
    edit(place, "pyproject.toml", "[project]", "[project")
    answer = run(place, "check", "--format", "json")
    assert (answer.returncode, answer.stderr) == (1, "")
    files = [each["file"] for each in json.loads(answer.stdout)["problems"]]
    assert {file: files.count(file) for file in files} == {
        "contributions/ben/a.csv": 1,
        "schema/quarantine.toml": 3,
        WORDS: 2,
        LABELS: 1,
        "schema/refusals.toml": 1,
        MENDED: 1,
        SPLITS: 1,
        "pyproject.toml": 1,
    }
    for style in ("text", "github", "markdown"):
        answer = run(place, "check", "--format", style)
        assert (answer.returncode, answer.stderr) == (1, "")
        assert {file for file in set(files) if file.split("/")[-1] not in answer.stdout} <= {
            "contributions/ben/a.csv"  # Markdown names the folder
        }
    made = run(place, "report", "--out", "out")
    assert made.returncode == 1
    assert "No report is written" in made.stdout
    assert "quarantine.toml:5" in made.stderr
    assert not (place / "out").exists()
    for words in (("fix", "contributions/ben"), ("docs",), ("withdraw", "ana")):
        done = run(place, *words)
        assert done.returncode == 1, words
        assert "Nothing was done" in done.stderr
        assert "Traceback" not in done.stderr + done.stdout
        assert "our fault" not in done.stderr + done.stdout
    assert (place / "contributions/ana").is_dir()


@pytest.mark.slow
@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"oh no\n" * 50, b"[[category]]\n", None])
@pytest.mark.parametrize("file", EXAMINE)
def test_a_file_that_is_gone_or_is_nothing_breaks_no_check(restored, file, raw):
    if raw is None:
        (restored / file).unlink()
    else:
        (restored / file).write_bytes(raw)
    answer = run(restored, "check", "--format", "json")
    assert answer.stderr == ""
    told = {each["file"] for each in json.loads(answer.stdout)["problems"]}
    is_nothing_wrong = raw == b"" and file in (ASIDE.file, SPLITS, LABELS, "pyproject.toml")
    is_nothing_wrong |= raw == b"[[category]]\n" and file == "pyproject.toml"
    is_nothing_wrong |= raw is None and file == "pyproject.toml"
    assert (file in told) is not is_nothing_wrong
    assert answer.returncode == 1


@pytest.mark.slow
def test_a_creators_own_file_is_not_held_up_by_what_does_not_judge_it(restored):
    edit(restored, LABELS, 'unit = "hashtag"', "unit = hashtag")
    assert run(restored, "check", "contributions/ana").returncode == 0
    edit(restored, WORDS, '"ditl", ', '"joke", ')
    answer = run(restored, "check", "contributions/ana")
    assert (answer.returncode, answer.stdout.count("broken-setting")) == (1, 1)


def test_a_rule_that_nobody_asks_is_named(monkeypatch):
    from schema import catalogue

    assert catalogue.unasked() == []
    monkeypatch.delitem(catalogue.RULES, "short-video")
    [problem] = catalogue.unasked()
    assert (problem.file, problem.rule) == ("schema/row_rules.py", "broken-setting")
    assert "short_video" in problem.hint
