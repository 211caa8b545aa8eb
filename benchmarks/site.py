"""Measure the site on simulated pools of 10, 100 and 1,000 creators who all have their own page.

Each pool is rendered in a process of its own. Seconds, memory and bytes are ratios to those of the
first pool in the same run, and must not grow faster than the creators do. See README.md.
"""

import argparse
import datetime
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.analysis.diagnostics.creator_slopes import personal  # noqa: E402
from pipeline.analysis.diagnostics.diagnostics import Diagnostics  # noqa: E402
from pipeline.analysis.history import history_csv  # noqa: E402
from pipeline.dataset.check_bulk import accepted  # noqa: E402
from pipeline.dataset.locate import locate  # noqa: E402
from pipeline.dataset.read import read_folders  # noqa: E402
from pipeline.dataset.simulate import simulate  # noqa: E402
from pipeline.inference.results import Results, gather  # noqa: E402  # not installed: found from the root
from pipeline.model.fit_result import Fit  # noqa: E402
from pipeline.render.site.layout.context import Edition  # noqa: E402
from pipeline.render.site.pages import FOLDER, pages  # noqa: E402

DAY = datetime.date(2026, 11, 22)
TOML = b'github = "octocat"\nlicence = "CC-BY-4.0"\nconsent = 2026-05-31\npage = true\n'
SLACK = 1.1  # beyond the ratio of the creators, for what a machine's other work costs
Found = dict[str, float]


def pooled(creators: int, videos: int) -> Results:
    """Simulate real creators who all have a page, pool and fit."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "contributions"
        for path, raw in simulate(creators, creators * videos, 2022).items():
            if path.parent.name:
                target = home / str(path).replace("example-", "c-")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(TOML if path.name == "creator.toml" else raw)
        judged = accepted(read_folders(locate(home)).contributions, DAY)
    return gather(judged, {}, {})


def with_personals(findings: Results) -> Diagnostics:
    """Compute of what takes minutes the part that has a row for each creator."""
    rows = []
    for answer in findings.answers:
        found = personal(answer.fit) if isinstance(answer.fit, Fit) else ""
        rows += [] if isinstance(found, str) else found
    return Diagnostics(personals=tuple(rows))


def measure(creators: int, videos: int, own: bool) -> Found:
    """Pool, then render; the memory is the process's peak, and by how much rendering raised it."""
    few = pooled(3, 20)
    pages(Edition(few, None, []))  # imports, and templates compiled once
    begin = time.process_time()
    findings = pooled(creators, videos)
    fitting = time.process_time() - begin
    sure = with_personals(findings) if own else None
    rows = history_csv.read_history(history_csv.history(findings, [])) or []
    before, begin = peak(), time.process_time()
    written = pages(Edition(findings, sure, rows))
    seconds = time.process_time() - begin
    memory = {"peak": peak(), "raised": peak() - before}
    return {"fitting": fitting, "seconds": seconds} | memory | sizes(written)


def peak() -> float:
    """Tell the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sizes(written: Mapping[PurePosixPath, bytes]) -> Found:
    """Weigh the site: all of it, each page of the menu, and the creators' own pages."""
    own = [len(raw) for path, raw in written.items() if path.parts[0] == FOLDER]
    named = {path.name: len(raw) for path, raw in written.items() if path.parts[0] != FOLDER}
    total = float(sum(map(len, written.values())))
    return {
        "pages": len(written),
        "bytes": total,
        "an own page": sum(own) / len(own),
        "largest own": max(own),
    } | named


def alone(creators: int, videos: int, own: bool) -> Found:
    """Measure in a process of its own."""
    asked = [str(creators), str(videos), *(["own"] if own else [])]
    answer = subprocess.run(
        [sys.executable, __file__, "--only", *asked], capture_output=True, text=True, check=True
    )
    found: Found = json.loads(answer.stdout.splitlines()[-1])
    return found


def tell(creators: int, found: Found) -> None:
    """Print what one pool took."""
    names = [name for name in found if name.endswith(".html")]
    heaviest = max(names, key=lambda name: found[name])
    print(
        f"{creators:,} creators: {found['seconds']:.1f} s to render"
        f" ({found['seconds'] / found['fitting']:.2f} × pooling and fitting,"
        f" {found['fitting']:.1f} s), peak {found['peak']:.0f} MB, of which rendering added"
        f" {found['raised']:.0f}; {found['pages']:.0f} pages,"
        f" {found['bytes'] / 1e6:.2f} MB, front page {found['index.html'] / 1e3:.0f} kB, heaviest"
        f" page {heaviest} {found[heaviest] / 1e3:.0f} kB, heaviest own"
        f" {found['largest own'] / 1e3:.0f} kB",
        flush=True,
    )


def compare(creators: float, first: Found, found: Found) -> list[str]:
    """Print every ratio to the first pool; name what grew faster than the creators."""
    ratios = {name: found[name] / first[name] for name in found if name != "raised"}
    told = ", ".join(f"{name} {ratio:.1f}" for name, ratio in ratios.items())
    print(f"    {creators:.0f} × the creators: {told}", flush=True)
    return [name for name, ratio in ratios.items() if ratio > SLACK * creators]


def main(words: Sequence[str]) -> int:
    """Print each size, without what takes minutes; then with the creators' own estimates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10, 100, 1000])
    parser.add_argument("--own-sizes", nargs="+", type=int, default=[10, 100])
    parser.add_argument("--videos", type=int, default=60, help="of each creator, on average")
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args(words)
    if chosen.only:
        creators, videos, *own = chosen.only
        print(json.dumps(measure(int(creators), int(videos), bool(own))))
        return 0
    faster: list[str] = []
    for own, some in ((False, chosen.sizes), (True, chosen.own_sizes)):
        print("With partial pooling:" if own else "Without what takes minutes:", flush=True)
        first: Found = {}
        for creators in some:
            found = alone(creators, chosen.videos, own)
            tell(creators, found)
            first = first or found
            faster += compare(creators / some[0], first, found)
    print(f"Faster than the pool grow: {', '.join(faster) or 'none of these'}.")
    return int(bool(faster))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
