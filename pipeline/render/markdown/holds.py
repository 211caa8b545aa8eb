"""What the pool holds, column by column."""

from typing import Any

import pandas as pd

from pipeline.render.text.escape import markdown
from schema.columns import COLUMNS, Kind


def holds(videos: pd.DataFrame) -> list[dict[str, Any]]:
    """Describe each column of the pool: type, how many videos have it, and its spread."""
    rows = []
    for column in COLUMNS:
        if column.kind is Kind.LABEL:
            continue
        values = videos[column.name].dropna() if len(videos) else pd.Series(dtype="object")
        missing = 1 - len(values) / len(videos) if len(videos) else 1.0
        rows.append(
            {
                "name": column.name,
                "kind": column.kind.value,
                "noted": len(values),
                "missing": f"{missing:.0%}",
                "spread": _spread(values, column.kind) if len(values) else "",
            }
        )
    return rows


def _spread(values: pd.Series, kind: Kind) -> str:
    match kind:
        case Kind.WHOLE | Kind.DECIMAL:
            low, middle, high = (float(values.quantile(q)) for q in (0, 0.5, 1))
            return f"{low:,.6g} to {high:,.6g}, median {middle:,.6g}"
        case Kind.FLAG:
            return f"{values.astype(float).mean():.0%} yes"
        case Kind.DATE:
            return f"{values.min():%Y-%m-%d} to {values.max():%Y-%m-%d}"
        case _:
            common = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
            words = ", ".join(f"{markdown(str(w))} {n}" for w, n in common.head(3).items())
            return f"{len(common)} words: {words}" + (" ..." if len(common) > 3 else "")
