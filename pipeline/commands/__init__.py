"""The command line: one module a command, named as it is typed; in the order of the help."""

# isort: off
from pipeline.commands.app import app
from pipeline.commands import check, report, replicate, docs
from pipeline.commands import review, intake, withdraw
from pipeline.commands import new, import_, fix, simulate

__all__ = [
    "app", "check", "docs", "fix", "import_", "intake", "new", "replicate", "report", "review",
    "simulate", "withdraw",
]  # fmt: skip
