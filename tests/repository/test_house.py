"""The house itself: which room may call which, and what stays off the check path."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import pipeline
import schema
from schema.columns import BY_NAME, COLUMNS
from schema.spellings import canonical
from support.contribution import ROOT

MODULES = [
    path.relative_to(ROOT / "pipeline").with_suffix("").as_posix().replace("/", ".")
    for path in sorted((ROOT / "pipeline").rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py") and path.parent.name != "commands"
]
# __init__ only gathers them
DOOR = [path.stem for path in sorted((ROOT / "pipeline" / "commands").glob("[a-z]*.py"))]
OPENERS = {"dataset.read", "intake.spreadsheet", "intake.repair", "storage.folder_contents"}
WRITERS = ("storage.atomic_files", "storage.atomic_folders")


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: Path) -> set[str]:
    modules = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            modules |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return modules


def calls(path: Path) -> set[str]:
    nodes = [node for node in nodes_of(path) if isinstance(node, ast.Call)]
    names = {node.func.id for node in nodes if isinstance(node.func, ast.Name)}
    return names | {node.func.attr for node in nodes if isinstance(node.func, ast.Attribute)}


def path_of(module: str) -> Path:
    return ROOT / "pipeline" / (module.replace(".", "/") + ".py")


def test_the_schema_that_is_imported_is_ours():
    assert Path(schema.__file__).parent == ROOT / "schema"
    assert Path(pipeline.__file__).parent == ROOT / "pipeline"


def test_each_room_imports_lower_ones_only():
    """The contracts are in pyproject.toml; a room that they do not name is an error, too."""
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_class_has_a_name_of_its_own():
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "pipeline").rglob("*.py")) + sorted((ROOT / "schema").glob("*.py")):
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize("module", DOOR)
def test_a_command_knows_what_all_share_and_few_others(module):
    """`import` and `fix` end with a check, and `import` starts a folder as `new` does."""
    known = {module, "app", "check", *(["new"] if module == "import_" else [])}
    others = {f"pipeline.commands.{name}" for name in DOOR if name not in known}
    assert not imports(path_of(f"commands.{module}")) & others


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("estimate.")])
def test_the_estimates_know_arrays_only(module):
    allowed = {
        "numpy",
        "scipy",
        "collections",
        "dataclasses",
        "typing",
        "math",
        "functools",
        "enum",
    }
    outside = {n for n in imports(path_of(module)) if not n.startswith("pipeline.estimate")}
    assert {name.split(".")[0] for name in outside} <= allowed | {"pipeline"}
    assert not {name for name in outside if name.startswith("pipeline.")}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in WRITERS])
def test_only_the_door_prints_and_writes_and_exits(module):
    used = calls(path_of(module))
    assert not used & {"print", "exit", "write_text", "write_bytes", "mkdir", "unlink", "rename"}
    if module not in OPENERS:
        assert not used & {"open", "read_bytes", "scandir"}


@pytest.mark.slow
def test_the_check_path_stays_light(home):
    slow = ["statsmodels", "altair", "vl_convert", "jinja2", "pyarrow.parquet", "scipy"]
    code = (
        "import sys, runpy; sys.argv = ['pipeline', 'check', sys.argv[1]]\n"
        "try: runpy.run_module('pipeline', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(home)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]", answer.stdout + answer.stderr


def test_the_2022_headers_are_accepted_as_they_are():
    header = "name, views, likes, comments, shares, bookmarks, watchedFullVideo, newFollowers, "
    header += "length, category, subject, hasCover, hasDescription, reply"
    names = [canonical(name) for name in header.split(",")]
    assert None not in names
    assert len(set(names)) == 14


def test_no_spelling_names_two_columns():
    spellings = [s for column in COLUMNS for s in {column.name, *column.aliases}]
    assert [canonical(s) for s in spellings] == [
        column.name for column in COLUMNS for _ in {column.name, *column.aliases}
    ]
    assert set(BY_NAME) == {column.name for column in COLUMNS}


OURS = ("pipeline", "schema", "simulations")
TESTS = [
    path for path in sorted((ROOT / "tests").glob("*/**/*.py")) if "node_modules" not in path.parts
]


def test_no_test_module_imports_another():
    offences = [
        f"{path.name} imports {node.module}"
        for path in TESTS
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[-1].startswith("test_")
    ]
    assert not offences, "what several tests share is in tests/support/"


def test_no_test_calls_a_private_function():
    offences = []
    for path in TESTS:
        ours = [
            node
            for node in nodes_of(path)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS
        ]
        names = {alias.asname or alias.name for node in ours for alias in node.names}
        offences += [f"{path.name}: {name}" for name in names if name.startswith("_")]
        for node in nodes_of(path):
            if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                    and node.value.id in names and node.attr.startswith("_")
                    and not node.attr.startswith("__")):  # fmt: skip
                offences.append(f"{path.name}: {node.value.id}.{node.attr}")
    assert not offences
