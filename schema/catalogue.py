"""Every rule there is, and the fingerprint of them all."""

import hashlib
import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

from schema import (
    creator,
    file_rules,
    folder_rules,
    limits,
    maintained,
    pool_rules,
    row_rules,
    table_rules,
)
from schema.cells import CELLS, many_faults
from schema.problem import Problem
from schema.rules import Finding, Rule

AnyRule = Rule[Any]
# What each group of rules looks at, in the order in which a contribution meets them.
CATALOGUE: dict[str, tuple[AnyRule, ...]] = {
    "creator.toml": (
        creator.creator_missing,
        creator.creator_unreadable,
        *creator.CREATOR,
        creator.consent_in_future,
        creator.simulated_name,
    ),
    "The place and the file": (
        file_rules.folder_name,
        file_rules.file_name,
        file_rules.file_name_twice,
        file_rules.no_csv,
        file_rules.too_many_in_folder,
        file_rules.folder_too_large,
        file_rules.wrong_place,
        file_rules.symlink,
        file_rules.program,
        file_rules.submodule,
        file_rules.not_judged,
        *file_rules.BYTES,
    ),
    "The table": (
        table_rules.wrong_delimiter,
        table_rules.line_of_excel,
        table_rules.title_rows,
        table_rules.other_export,
        table_rules.no_header,
        table_rules.too_many_columns,
        table_rules.too_many_rows,
        *table_rules.HEADER,
        table_rules.no_rows,
        *table_rules.ODD_ROWS,
        table_rules.trailing_comma,
        table_rules.header_too_short,
        table_rules.header_again,
        table_rules.cell_too_long,
        table_rules.quote,
    ),
    "A cell": (
        file_rules.not_utf_8,
        *CELLS,
        many_faults,
        limits.out_of_range,
        limits.empty_cell,
    ),
    "A row": (*row_rules.ROWS, row_rules.date_in_future),
    "A file, and all files of a creator": (
        *folder_rules.SHEETS,
        folder_rules.no_dates,
        folder_rules.handle_in_label,
        *folder_rules.FOLDERS,
    ),
    "Two creators": pool_rules.POOL,
    "A file that maintainers edit": (
        maintained.broken_setting,
        maintained.no_such_folder,
    ),
}
RULES: dict[str, AnyRule] = {rule.slug: rule for group in CATALOGUE.values() for rule in group}


def unasked() -> list[Problem]:
    """Name the rules that stand in no tuple of the catalogue: no check asks them."""
    problems = []
    for found in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"schema.{found.name}")
        for name, each in vars(module).items():
            is_here = isinstance(each, Rule) and each.find.__module__ == module.__name__
            if is_here and RULES.get(each.slug) is not each:
                hint = (
                    f"No check asks the rule {name}: put it into the tuple that its kind belongs "
                    "to (in row_rules.py that is ROWS), or into CATALOGUE in schema/catalogue.py."
                )
                line = each.find.__code__.co_firstlineno
                file, finding = f"schema/{found.name}.py", Finding(line, hint=hint)
                problems.append(maintained.broken_setting.problem(file, finding))
    return problems


@cache
def fingerprint() -> str:
    """SHA-256 of everything in `schema/`: the same fingerprint judges the same way."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".toml"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
