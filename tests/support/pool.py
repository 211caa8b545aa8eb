"""Pools of accepted rows."""

import datetime
from collections.abc import Sequence

import pandas as pd

from pipeline.dataset.check import Accepted
from pipeline.dataset.pool import (
    Account,
)
from schema.cells import EMPTY
from schema.columns import COLUMNS
from schema.creator import parse
from support.contribution import TOML

KINDS = {column.name: EMPTY[column.kind] for column in COLUMNS}


QUIET = {"views": 1000, "category": "info", "duration_s": 20.0}


MARCH = datetime.date(2026, 3, 1)


def accepted(creator: str, rows: Sequence[dict[str, object]], toml: bytes = TOML) -> Accepted:
    """What `check` gives for these typed cells; `file` and `line` may be among them."""
    rows = [{"file": "a.csv", "line": i + 2, **QUIET, **row} for i, row in enumerate(rows)]
    cells = {name: [row.get(name) for row in rows] for name in (*KINDS, "file", "line")}
    captures = pd.DataFrame(
        {name: pd.Series(cells[name], dtype=kind) for name, kind in KINDS.items()}
    ).assign(
        creator=pd.Series([creator] * len(rows), dtype="str"),
        file=pd.Series(cells["file"], dtype="str"),
        line=pd.Series(cells["line"], dtype="int64"),
    )
    place = f"contributions/{creator}"
    return Accepted(creator, place, parse(toml), captures, (), (), ())


def day(after: int | None) -> pd.Timestamp | None:
    return None if after is None else pd.Timestamp(MARCH) + pd.Timedelta(days=after)


def balanced(account: Account) -> bool:
    return account.rows_in == account.rows_used + sum(rows for _, rows in account.left_out)
