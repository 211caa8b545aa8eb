"""The repository around the code: documents, licences, workflows, locks, and names of no place."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from pipeline.commands import app
from pipeline.render.text.contributing import derived
from schema.catalogue import RULES
from schema.creator import KEYS, YOUR_DAY, text
from schema.creator_values import YOUR_LOGIN, is_placeholder
from support.documents import headings

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DEVELOPING.md", "MAINTAINING.md", "CHANGELOG.md")
DOCUMENTS += ("contributions/README.md", ".github/pull_request_template.md")
LOCKS = sorted([*ROOT.glob("*.lock"), *ROOT.glob("benchmarks/*.lock")])
FORMS = sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.y*ml"))
SHAPES = [
    *(
        (path, "github-issue-config" if path.stem == "config" else "github-issue-forms")
        for path in FORMS
    ),
    (ROOT / ".github/dependabot.yml", "dependabot"),
    (ROOT / "CITATION.cff", "citation-file-format"),
]
# Spelt apart, so that this file does not hold what it looks for.
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
HOSTS += [".".join(parts) for parts in (("npmjs", "com"), ("proxy", "golang"), ("crates", "io"))]
HOSTS += [".".join(parts) for parts in (("deb", "debian"), ("yarnpkg", "com"))]
PLACES = ["/" + "/".join(parts) for parts in (("work", "main"), ("work", "shared"), ("root", ""))]
PLACES += ["../" + "shared", "/" + "home" + "/"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# --- documents


def test_contributing_is_derived_from_the_schema() -> None:
    document = read("CONTRIBUTING.md")
    assert derived(document) == document, "run `python -m pipeline docs` and commit CONTRIBUTING.md"
    for name in ("dictionary", "words", "rules"):
        assert re.search(rf"^<!-- {name} -->\n.*^<!-- end of {name} -->$", document, re.M | re.S)


def test_contributing_names_every_rule_and_key() -> None:
    document = read("CONTRIBUTING.md")
    assert [slug for slug in RULES if f"| `{slug}` |" not in document] == []
    assert [key for key in KEYS if f"| `{key}` |" not in document] == []


def fences(document: str, language: str) -> list[str]:
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", document, re.M | re.S)
    return [re.sub(f"^{indent}", "", block, flags=re.M) for indent, block in blocks]


@pytest.mark.slow
def test_what_contributing_shows_is_accepted(tmp_path: Path) -> None:
    [toml], [table] = (fences(read("CONTRIBUTING.md"), language) for language in ("toml", "csv"))
    assert toml == text()
    folder = tmp_path / "contributions" / "ana"
    folder.mkdir(parents=True)
    filled = toml.replace(YOUR_LOGIN, "octocat").replace(YOUR_DAY, "2026-05-31")
    (folder / "creator.toml").write_text(filled, encoding="utf-8")
    (folder / "videos.csv").write_text(table, encoding="utf-8")
    answer = run(sys.executable, "-m", "pipeline", "check", folder, "--today", "2026-06-01")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    rules = set(re.findall(r"\[([a-z0-9-]+)\]$", answer.stdout, re.M))
    assert rules <= {"no-dates"}, answer.stdout


def test_quarantine_example_is_toml() -> None:
    [example] = fences(read("MAINTAINING.md"), "toml")
    assert all(isinstance(reason, str) for reason in tomllib.loads(example).values())


def test_every_command_in_the_documents_exists() -> None:
    commands = typer.main.get_command(app).commands
    for name in DOCUMENTS:
        for command, rest in re.findall(r"python -m pipeline ([a-z]+)([^`\n]*)", read(name)):
            assert command in commands, f"{name} names the command {command}"
            options = {each for parameter in commands[command].params for each in parameter.opts}
            named = set(re.findall(r"--[a-z-]+", rest))
            assert named <= options, f"{name} names options of {command} that it does not have"


def test_no_login_that_documents_show_in_place_of_yours_is_one() -> None:
    shown = set[str]()
    for path in [ROOT / name for name in DOCUMENTS] + FORMS:
        document = path.read_text(encoding="utf-8")
        shown |= set(re.findall(r"--(?:github|author) ([^\s`]+)", document))
        shown |= set(re.findall(r"github = \"([^\"| ]+)\"", document))
    assert {"LOGIN", "YOUR-LOGIN", YOUR_LOGIN} <= shown
    assert {login for login in shown if not is_placeholder(login)} <= {"octocat"}


def links() -> Iterator[tuple[str, str]]:
    for name in DOCUMENTS:
        document = re.sub(r"```.*?```|`[^`\n]*`", "", read(name), flags=re.S)
        matches = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"", document)
        yield from ((name, md or html) for md, html in matches if "://" not in md + html)


@pytest.mark.parametrize(("name", "link"), sorted(set(links())))
def test_every_link_leads_somewhere(name: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    if form := re.fullmatch(r"\.\./\.\./issues/new\?template=([a-z-]+\.yml)", path):
        assert ROOT / ".github" / "ISSUE_TEMPLATE" / form[1] in FORMS  # a page of the website
        return
    target = (ROOT / name).parent / path if path else ROOT / name
    assert target.exists(), (
        f"{name} links to {path}, which is not there (`make report` writes reports/)"
    )
    if anchor:
        assert anchor in headings(target.read_text(encoding="utf-8"))


def test_changelog_has_a_place_for_what_comes() -> None:
    assert re.search(r"^## Unreleased$", read("CHANGELOG.md"), re.M)


def test_licences_are_the_ones_that_we_name() -> None:
    assert read("LICENSE").startswith(
        "MIT License\n\nCopyright (c) 2026 followworthy contributors\n"
    )
    data = read("contributions/LICENSE")
    assert data.startswith("Attribution 4.0 International\n")
    assert re.findall(r"^Section ([1-8]) -- ", data, re.M) == list("12345678")
    project = tomllib.loads(read("pyproject.toml"))["project"]
    citation = read("CITATION.cff")
    assert project["license"] == "MIT"
    assert f"\nlicense: {project['license']}\n" in citation
    assert f"\nversion: {project['version']}\n" in citation


# --- what runs on every pull request


@pytest.mark.slow
@pytest.mark.parametrize(("path", "shape"), SHAPES, ids=[path.name for path, _ in SHAPES])
def test_shape_is_the_published_one(path: Path, shape: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{shape}"]
    answer = run(*command, path)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
def test_hooks_are_local() -> None:
    assert set(re.findall(r"repo: (\S+)", read(".pre-commit-config.yaml"))) == {"local"}
    assert run(sys.executable, "-m", "pre_commit", "validate-config").returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no bash and no executable bit")
def test_ci_runs_make_test_from_anywhere(tmp_path: Path) -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "make $* in $PWD"\n', encoding="utf-8")
    make.chmod(0o755)
    answer = subprocess.run(
        ["bash", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"make test in {ROOT}\n" in answer.stdout


# --- locks, and what no file names


@pytest.mark.parametrize("lock", LOCKS, ids=[path.name for path in LOCKS])
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    content = lock.read_text(encoding="utf-8")
    entries = re.sub(r"^#.*\n", "", content, flags=re.M).replace("\\\n", " ").splitlines()
    whole = re.compile(
        r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+( *;.*?)?( +--hash=sha256:[0-9a-f]{64})+ *"
    )
    assert entries
    assert [entry[:60] for entry in entries if not whole.fullmatch(entry)] == []
    assert "://" not in content


def shared_files() -> list[Path]:
    """List the files that git has, or would take."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        pytest.skip("this is no git checkout, so there is no list of files")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_registry_or_a_place_on_a_machine() -> None:
    hosts = "|".join(map(re.escape, HOSTS))
    places = "|".join(map(re.escape, PLACES))
    named = re.compile(rf"{hosts}|(?<![\w.])(?:{places})")
    matches = {}
    for path in shared_files():
        if match := named.search(path.read_bytes().decode("utf-8", "replace")):
            matches[path.relative_to(ROOT).as_posix()] = match[0]
    assert matches == {}
