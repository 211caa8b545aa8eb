"""The house itself: which room may call which, and what stays off the check path."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import pipeline
import schema
from schema.columns import BY_NAME, COLUMNS, canonical

# In the order of the data; a stage imports earlier ones only.
STAGES = [
    "simulate",
    "disk",
    "plain",
    "sheet",
    "read",
    "check",
    "judge",
    "merged",
    "sandbox",
    "objects",
    "blobs",
    "change",
    "owner",
    "folders",
    "row_keys",
    "returning",
    "screen",
    "raised",
    "review",
    "pool",
    "questions",
    "variables",
    "terms",
    "dominance",
    "design",
    "fitted",
    "tally",
    "fit",
    "own",
    "wild",
    "ladder",
    "differences",
    "verdict",
    "recompute",
    "decomposition",
    "findings",
    "raw",
    "robustness.choices",
    "robustness.treatments",
    "robustness.levers",
    "robustness.chains",
    "robustness.imputed",
    "robustness.weights",
    "robustness.samples",
    "robustness.estimators",
    "robustness.curve",
    "robustness.influence",
    "prediction.rows",
    "prediction.features",
    "prediction.folds",
    "prediction.smearing",
    "prediction.means",
    "prediction.measures",
    "prediction.recipe",
    "prediction.regressions",
    "prediction.trees",
    "prediction.partial",
    "prediction.models",
    "prediction.scores",
    "prediction.relevance",
    "prediction.league",
    "partial",
    "sureness",
    "holdings",
    "wanted",
    "planner",
    "consequence",
    "exchange",
    "preview",
    "mirror",
    "rates",
    "luck",
    "yardstick",
    "looks.value",
    "looks.weight",
    "looks.alike",
    "looks.copies",
    "looks.repeats",
    "looks.ratios",
    "looks.envelope",
    "looks.order",
    "looks.digits",
    "looks.kinds",
    "effect",
    "withdrawal",
    "intake.folder",
    "intake.repair",
    "intake.sheet",
    "intake.post",
    "intake.attachment",
    "intake.form",
    "replication.recipe",
    "replication.filling",
    "replication.observed",
    "replication.regressions",
    "replication.corrections",
    "replication.hints",
    "replication.stored",
    "replication.figures",
    "render.escape",
    "render.apology",
    "render.os_errors",
    "render.problems",
    "render.pool_state",
    "render.links",
    "render.numbers",
    "render.problem_items",
    "render.mirror",
    "render.effect",
    "render.standing",
    "render.review",
    "render.answers",
    "render.docs",
    "render.tables",
    "render.figures",
    "render.replication",
    "render.holds",
    "render.kept",
    "render.templates",
    "render.sentences",
    "render.words",
    "render.lines",
    "render.drawing",
    "render.verdict_marks",
    "render.placing",
    "render.forest",
    "render.reach_map",
    "render.curve_marks",
    "render.curve_panels",
    "render.curves",
    "render.league_figure",
    "render.range_figure",
    "render.yardstick_figure",
    "render.robustness_tables",
    "render.prediction_tables",
    "render.personal_tables",
    "render.how_sure",
    "render.estimates_page",
    "address",
    "steps",
    "render.history_figure",
    "published",
    "comparison",
    "health",
    "imprint",
    "portrait",
    "render.portrait_figure",
    "site.edition",
    "site.shell",
    "site.wording",
    "site.making",
    "site.charts",
    "site.own_video",
    "site.cards",
    "site.untold",
    "site.lead",
    "site.answer_charts",
    "site.answer",
    "site.compare",
    "site.normal",
    "site.own_lines",
    "site.creator",
    "site.creators",
    "site.holding",
    "site.zero_trap",
    "site.how_sure",
    "site.wishes",
    "site.experiment",
    "site.data",
    "site.past",
    "site.history",
    "site.notation",
    "site.method",
    "site.pages",
    "render.readme",
    "render.report",
]
MODULES = [
    path.relative_to(ROOT / "pipeline").with_suffix("").as_posix().replace("/", ".")
    for path in sorted((ROOT / "pipeline").rglob("*.py"))
    if path.name not in ("__init__.py", "__main__.py") and path.parent.name != "commands"
]
# __init__ only gathers them
DOOR = [path.stem for path in sorted((ROOT / "pipeline" / "commands").glob("[a-z]*.py"))]
OPENERS = {"read", "intake.sheet", "intake.repair"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def calls(path: Path) -> set[str]:
    nodes = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    names = {node.func.id for node in nodes if isinstance(node.func, ast.Name)}
    return names | {node.func.attr for node in nodes if isinstance(node.func, ast.Attribute)}


def path_of(module: str) -> Path:
    return ROOT / "pipeline" / (module.replace(".", "/") + ".py")


def test_the_schema_that_is_imported_is_ours():
    assert Path(schema.__file__).parent == ROOT / "schema"
    assert Path(pipeline.__file__).parent == ROOT / "pipeline"


@pytest.mark.parametrize("path", sorted((ROOT / "schema").glob("*.py")), ids=lambda p: p.stem)
def test_schema_imports_nothing_of_ours_but_itself(path):
    assert not {name for name in imports(path) if name.split(".")[0] in ("pipeline", "tests")}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_earlier_ones_only(stage):
    later = {f"pipeline.{name}" for name in STAGES[STAGES.index(stage) :]}
    assert not imports(path_of(stage)) & (later | {"pipeline.__main__"})


def test_every_module_has_its_place_in_the_order():
    estimate = {name for name in MODULES if name.startswith("estimate.")}
    assert set(MODULES) - estimate == set(STAGES)


@pytest.mark.parametrize("module", MODULES)
def test_only_the_door_knows_the_commands(module):
    assert not {name for name in imports(path_of(module)) if "pipeline.commands" in name}


@pytest.mark.parametrize("module", DOOR)
def test_a_group_of_commands_knows_what_all_share_and_no_other_group(module):
    others = {f"pipeline.commands.{name}" for name in DOOR if name not in (module, "shared")}
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


@pytest.mark.parametrize("module", [name for name in MODULES if name != "disk"])
def test_only_the_door_prints_and_writes_and_exits(module):
    used = calls(path_of(module))
    assert not used & {"print", "exit", "write_text", "write_bytes", "mkdir", "unlink", "rename"}
    if module not in OPENERS:
        assert not used & {"open", "read_bytes", "scandir"}


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
