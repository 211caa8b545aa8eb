"""The figures that the replication found, as they are stored: the page needs nothing else.

`python -m pipeline replicate DIR --write` makes them. They are of the whole, never of a video.
`sha256` tells whether a file is its author's; it is no figure, and the page does not show it.
"""

import json
from pathlib import Path
from typing import Any

STORED = Path(__file__).with_name("figures.json")


def stored() -> dict[str, Any]:
    """Read the stored figures; their names are those of `figures.Figures`."""
    figures: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return figures
