"""Results of simulated contributions, as the report has them."""

import csv
import io
from pathlib import Path

from pipeline.analysis.diagnostics.creator_slopes import personal
from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.dataset.check import check_all
from pipeline.dataset.locate import locate
from pipeline.dataset.read import read_folders
from pipeline.dataset.simulate import simulate
from pipeline.inference.results import Results, gather, read_effects
from pipeline.model.fit_result import Fit
from pipeline.storage.csv_text import as_csv
from support.contribution import DAY


def sure_of(findings: Results) -> Diagnostics:
    """Partial pooling only, which takes a second; the rest takes minutes."""
    slopes = [personal(each.fit) for each in findings.answers if isinstance(each.fit, Fit)]
    return Diagnostics(
        personals=tuple(row for rows in slopes if not isinstance(rows, str) for row in rows)
    )


def findings_of(folder: Path) -> Results:
    collection = read_folders(locate(folder))
    verdicts = check_all(collection.contributions, DAY)
    return gather(verdicts, {}, read_effects(collection.effects))


def without_followers(home: Path) -> Path:
    """Empty the new followers of every file in a folder."""
    for path in home.rglob("*.csv"):
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        (noted,) = {"new_followers", "newFollowers"} & set(rows[0])
        path.write_bytes(as_csv(list(rows[0]), [{**row, noted: ""}.values() for row in rows]))
    return home


def simulated(folder: Path, creators: int, videos: int, *, real: bool = False) -> Path:
    """Write simulated creators, or none; as real ones, for what is said only of real ones."""
    for path, raw in (simulate(creators, videos, 5) if creators else {}).items():
        name = str(path).replace("example-", "real-") if real else str(path)
        content = raw.replace(b"simulated = true\n", b"") if real else raw
        if not (real and path.name == "example-effects.toml"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return folder
