"""What every page says in every state of the pool, kept word for word in tests/golden."""

import difflib
import sys

import pytest

from support.browser import pages_in
from support.contribution import ROOT
from support.outline import outline, outlines

GOLDEN = ROOT / "tests" / "golden"
STATES = ("empty", "one", "three", "nine", "unsure", "narrow", "examples")
AGAIN = """\
{state}: the site says something else than what is kept (- kept, + now).
Read the difference. Is every line of it meant? Then write them again, and commit both together:
    python tests/golden/write.py {state}

{difference}"""


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_every_page_says_in_every_state_what_it_said(state, site_of):
    if sys.version_info[:2] != (3, 11):
        pytest.skip("published reports are built with Python 3.11")
    folder = site_of(state)
    now = outlines({path.relative_to(folder): path.read_bytes() for path in pages_in(folder)})
    kept = {path.name: path.read_text("utf-8") for path in (GOLDEN / state).glob("*.txt")}
    difference = "".join(
        line
        for name in sorted({*now, *kept})
        for line in difflib.unified_diff(
            kept.get(name, "").splitlines(keepends=True),
            now.get(name, "").splitlines(keepends=True),
            f"tests/golden/{state}/{name}",
            "now",
            n=1,
        )
    )
    assert not difference, AGAIN.format(state=state, difference=difference)


def test_the_states_are_those_that_are_kept():
    from support.site_states import STATES as BUILT

    kept = {path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert set(STATES) == set(BUILT) == kept


def test_an_outline_has_what_a_reader_sees():
    page = b"""<!doctype html><html><head><title>T</title><style>p{}</style></head><body>
<nav>menu</nav><main><h1>One <em>head</em></h1><div class="note"><p>Careful.</p></div>
<ul class="cards"><li><div class="card"><h3>Length</h3><p>1.4 &times; <span class="verdict clear">
<svg><rect/></svg>clear</span></p></div></li></ul>
<figure><svg role="img" aria-label="It rises."><text>x</text></svg>
<figcaption>All.</figcaption></figure>
<details><summary>More</summary><div role="region" aria-label="wide"><table><tr><th>a<th>b</tr>
<tr><td colspan="2">c</tr></table></div></details>
<table><caption>Named</caption><tr><td>1</tr></table>
<label>Kind <select><option>a<option>b</select></label>
<label><input type="number" value="3"> s</label>
<p>one two three four five six seven eight nine 10 11</p>
<h2>End</h2><p>Bye.</p>
<script type="application/json" id="d">{"rows": [1, 2], "n": 3}</script></main>
<footer>end</footer></body></html>"""
    assert outline(page).splitlines() == [
        "title: T",
        "# One head",
        "! Careful.",
        "### Length",
        "1.4 \N{MULTIPLICATION SIGN} [clear]",
        "chart: It rises.",
        "figure: All.",
        "+ More",
        "table: wide, 2 rows x 2 columns",
        "table: Named, 1 rows x 1 columns",
        "field: Kind [one of 2]",
        "field: [number 3] s",
        "one two three four five six seven eight nine 10 11",
        "## End",
        "Bye.",
        "data: d rows=2, n=3",
    ]
