"""MAINTAINING.md, recipe by recipe, as written: on a copy of the repository, by its commands.

Not followed here: what only GitHub's website does, hours of simulations, and `make lock`, which
asks an index of packages.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.contribution import ROOT, csv_of
from support.git import ALONE
from support.less_effort import copied_code

RECIPES = (ROOT / "MAINTAINING.md").read_text(encoding="utf-8")
# Each recipe with its test; what is None is read and clicked, not run.
FOLLOWED = {
    "Review a contribution": "test_review_in_a_terminal",
    "When something was not judged": "test_see_for_yourself_what_was_not_judged",
    "Rebuild the report": "test_rebuild_the_report",
    "Change an estimate": "test_what_an_estimate_needs_is_there",
    "Add a category word": "test_add_a_category_word",
    "Edit a file of ours": "test_edit_a_file_of_ours",
    "Tighten a rule": "test_tighten_a_rule",
    "Set a folder aside": "test_set_a_folder_aside",
    "Revert a contribution": "test_revert_a_contribution",
    "Withdraw a creator": "test_withdraw_a_creator",
    "Renew the lock files": None,
    "Set up GitHub": "test_the_address_links_the_pages",
}
ANA = b'github = "ana-login"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\n'
RULE = '''

@rule("views: 1234567", "the views", Severity.WARNING)
def digits_in_order(captures: pd.DataFrame) -> Iterator[Finding]:
    """The digits of this number follow each other: is it right?"""
    yield from _at(captures, captures["views"] == 1234567, "views", digits_in_order.hint)
'''


class Place:
    """A repository of its own, with the code, three simulated creators and one who joined."""

    def __init__(self, path: Path) -> None:
        self.path = path
        copied_code(path)
        for name in ("pyproject.toml", "requirements.lock", "CITATION.cff", "LICENSE", "Makefile"):
            shutil.copy(ROOT / name, path)
        shutil.copy(ROOT / "CONTRIBUTING.md", path)
        home = path / "contributions"
        home.mkdir()
        shutil.copy(ROOT / "contributions/example-effects.toml", home)
        for name in ("example-amber", "example-birch", "example-cedar"):
            shutil.copytree(ROOT / "contributions" / name, home / name)
        python = path / ".venv/bin/python"  # as `make` would set it up
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{ROOT}/.venv/bin/python" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        (path / ".venv/.run").touch()
        (path / ".gitignore").write_text("__pycache__/\n.venv/\n", encoding="utf-8")
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.save("The beginning")

    def run(self, *command: str, ends: int = 0) -> str:
        who = {f"GIT_{role}_NAME": "somebody" for role in ("AUTHOR", "COMMITTER")}
        who |= {f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")}
        done = subprocess.run(
            command,
            cwd=self.path,
            env=os.environ | ALONE | who | {"OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == ends, (command, done.stdout[-2_000:], done.stderr[-2_000:])
        return done.stdout + done.stderr

    def pipeline(self, *words: str, ends: int = 0) -> str:
        return self.run(str(ROOT / ".venv/bin/python"), "-m", "pipeline", *words, ends=ends)

    def read(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        text = self.read(file)
        assert text.count(old) == 1, (file, old)
        (self.path / file).write_text(text.replace(old, new), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        (self.path / file).write_text(self.read(file) + text, encoding="utf-8")

    def save(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "-m", message)

    def join(self, creator: str, table: bytes) -> None:
        folder = self.path / "contributions" / creator
        folder.mkdir()
        (folder / "creator.toml").write_bytes(ANA)
        (folder / "videos.csv").write_bytes(table)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return Place(tmp_path_factory.mktemp("maintained") / "start")


@pytest.fixture
def place(start, tmp_path):
    copy = object.__new__(Place)
    copy.path = tmp_path / "clone"
    shutil.copytree(start.path, copy.path, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def recipe(name: str) -> str:
    return RECIPES.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_every_recipe_is_followed():
    assert re.findall(r"^## (.+)$", RECIPES, re.M) == list(FOLLOWED)
    assert {name for name in FOLLOWED.values() if name} <= globals().keys()


@pytest.mark.slow
def test_review_in_a_terminal(place):
    [command] = re.findall(
        r"^python -m (pipeline review .*)$", recipe("Review a contribution"), re.M
    )
    place.run("git", "update-ref", "refs/remotes/origin/main", "main")
    place.run("git", "switch", "--quiet", "-c", "some-branch")
    place.join("ana", csv_of({}))
    place.save("Add my videos")
    words = command.replace("their-login", "ana-login").split()[1:]
    said = place.pipeline(*words)
    assert "Nothing to correct" in said
    assert "somebody" not in said
    place.pipeline(*command.split()[1:], ends=1)  # they are not the creator
    place.pipeline(*words, "--head", "nowhere", ends=2)
    place.pipeline(*words, "--out", "told")
    told = {path.name for path in (place.path / "told").iterdir()}
    assert {"review.md", "review.json", "check.json", "outputs"} <= told


@pytest.mark.slow
def test_see_for_yourself_what_was_not_judged(place):
    written = recipe("When something was not judged")
    [command] = re.findall(r"`python -m (pipeline review --base origin/main[^`]*)`", written)
    place.join("ana", csv_of({}))
    place.edit(
        "schema/row_rules.py", 'mask = captures["shares"] > captures["views"]\n', "mask = oh\n"
    )
    place.save("Break it")
    place.run("git", "update-ref", "refs/remotes/origin/main", "main")
    place.append(
        "contributions/ana/videos.csv", csv_of({"video": "b"}).decode().split("\n")[1] + "\n"
    )
    place.save("More videos")
    words = command.replace("COMMIT", "HEAD").replace("LOGIN", "ana-login").split()[1:]
    assert "row_rules.py" in place.pipeline(*words, ends=70)
    assert "not-judged" in place.pipeline("check", ends=70)


@pytest.mark.slow
def test_rebuild_the_report(place):
    commands = re.findall(r"```\n(make report\n.*?)```", recipe("Rebuild the report"), re.S)
    for line in commands[0].splitlines():
        place.run("bash", "-c", line)
    assert place.run("git", "status", "--porcelain") == ""
    assert place.run("git", "log", "-1", "--format=%s").strip() == "Rebuild the report"
    place.run("make", "report")  # the same contributions give the same bytes
    assert place.run("git", "status", "--porcelain") == ""
    place.join("ana", csv_of({"views": "1,200"}))  # a folder with an error is left out
    assert "The report leaves these folders out." in place.run("make", "report", ends=2)  # of make


def test_what_an_estimate_needs_is_there():
    scripts = re.findall(r"`python (simulations/\w+\.py)`", recipe("Change an estimate"))
    assert len(scripts) == 3
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


@pytest.mark.slow
def test_add_a_category_word(place):
    table = csv_of({"category": "podcast"}, {"video": "b", "category": "talk show"})
    place.join("ana", table)
    assert "unknown-word" in place.pipeline("check", ends=1)
    word = '\n[category.podcast]\nmeaning = "people talk"\nsynonyms = ["talk show", "explainer"]\n'
    place.append("schema/vocabulary.toml", word)
    said = place.pipeline("check", ends=1)  # a synonym elsewhere must leave that list
    assert re.search(r"vocabulary\.toml:\d+  category\.podcast\.synonyms = \"explainer\"", said)
    assert "It stands under info, too (line 10)" in said
    place.edit("schema/vocabulary.toml", '"information", "explainer", ', '"information", ')
    words = 'podcast = { one = "a podcast", many = "podcasts" }\n'
    place.edit("pipeline/render/labels/labels.toml", "vlog = {", f"{words}vlog = {{")
    place.pipeline("docs")
    assert "| podcast | people talk | talk show, explainer |" in place.read("CONTRIBUTING.md")
    said = place.pipeline("check", ends=1)
    assert 'category = "talk show"' in said
    assert "Write podcast" in said
    assert "1 error" in said
    place.pipeline("fix", "contributions/ana")
    place.pipeline("check")


@pytest.mark.slow
def test_edit_a_file_of_ours(place):
    place.edit("pipeline/render/labels/labels.toml", 'unit = "hashtag"', "unit = hashtag")
    assert "labels.toml:" in place.pipeline("check", ends=1)
    assert "labels.toml" in place.pipeline("check", "--format", "markdown", ends=1)
    assert "No report is written" in place.pipeline("report", ends=1)
    assert not (place.path / "reports").exists()


@pytest.mark.slow
def test_tighten_a_rule(place):
    place.join("ana", csv_of({"views": "1234567"}))
    place.pipeline("check")
    rules = "schema/row_rules.py"
    place.append(rules, RULE)
    for command in ("docs", "check"):  # in no tuple it would do nothing
        said = place.pipeline(command, ends=1)
        assert "No check asks the rule digits_in_order" in said
        assert re.search(r"row_rules\.py:\d+", said)
    place.edit(rules, RULE, "")
    place.edit(rules, "\n\nROWS = (", f"{RULE}\n\nROWS = (\n    digits_in_order,")
    place.pipeline("docs")
    assert "| `digits-in-order` | warning |" in place.read("CONTRIBUTING.md")
    said = place.pipeline("check")  # a warning: nothing turns red
    assert 'contributions/ana/videos.csv:2  warning: views = "1234567"' in said
    place.edit(rules, '"the views", Severity.WARNING', '"the views", Severity.ERROR')
    assert "[digits-in-order]" in place.pipeline("check", ends=1)
    place.pipeline("docs")
    assert "| `digits-in-order` | error |" in place.read("CONTRIBUTING.md")


@pytest.mark.slow
def test_set_a_folder_aside(place):
    [line] = re.findall(r"```toml\n(.*)\n```", recipe("Set a folder aside"))
    place.append("schema/quarantine.toml", line.replace("some-creator", "example-amber") + "\n")
    place.pipeline("check")
    place.pipeline("report", "--quick")
    assert "counts under review since pull request 12" in place.read("reports/data.html")
    assert "example-amber" not in place.read("reports/pooled.csv")
    place.append("schema/quarantine.toml", line + "\n")
    said = place.pipeline("check", ends=1)
    assert re.search(r"quarantine\.toml:\d+  some-creator\n +There is no folder", said)
    before = place.read("reports/README.md")
    assert "No report is written" in place.pipeline("report", "--quick", ends=1)
    assert place.read("reports/README.md") == before


@pytest.mark.slow
def test_revert_a_contribution(place):
    place.join("ana", csv_of({}))
    place.save("Add my videos")
    place.append("schema/quarantine.toml", 'ana = "doubts"\n')
    place.save("Set a folder aside")
    place.run("git", "revert", "--no-edit", "HEAD~1")
    assert "no-such-folder" in place.pipeline("check", ends=1)
    said = place.pipeline("report", "--quick", ends=1)  # it was there: the report goes on
    assert "no-such-folder" in said
    assert (place.path / "reports/README.md").is_file()
    place.edit("schema/quarantine.toml", 'ana = "doubts"\n', "")
    place.pipeline("report", "--quick")


@pytest.mark.slow
def test_withdraw_a_creator(place):
    place.join("ana", csv_of({}))
    place.append("schema/quarantine.toml", 'ana = "doubts"\n')
    place.save("Add my videos")
    [command] = re.findall(r"`python -m (pipeline withdraw .*)` in a", recipe("Withdraw a creator"))
    place.pipeline(*command.replace("<creator>", "ana").split()[1:])
    assert not (place.path / "contributions/ana").exists()
    assert "ana =" not in place.read("schema/quarantine.toml")
    place.pipeline("report", "--quick")
    place.pipeline("check")


@pytest.mark.slow
def test_the_address_links_the_pages(place):
    assert 'Repository = "https://github.com/OWNER/NAME"' in recipe("Set up GitHub")
    text = '\n[project.urls]\nRepository = "https://github.com/some/where"\n'
    place.append("pyproject.toml", text)
    place.pipeline("check")
    place.pipeline("report", "--quick")
    assert "https://github.com/some/where" in place.read("reports/index.html")
    place.edit("pyproject.toml", "https://github.com/some/where", "github.com/some/where")
    assert re.search(r"pyproject\.toml:\d+  project\.urls", place.pipeline("check", ends=1))
