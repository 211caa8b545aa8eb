"""The charts: what is drawn where, in every colouring, and names that do not touch."""

import itertools
import math
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest
from altair.utils.schemapi import SchemaValidationError
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset.pool import Account, Pool
from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Answer, Results
from pipeline.render.charts import vega
from pipeline.render.charts.creator_charts import Marks, lines_figure
from pipeline.render.charts.forest_plot import forest
from pipeline.render.charts.history_steps import Moment, history_figure
from pipeline.render.charts.label_placement import DOT, LETTER, Box, placed
from pipeline.render.charts.ranges import RatioMark, ranges
from pipeline.render.charts.reach_map import SIDE, Place, named, reach_map
from pipeline.render.charts.rows import EDGE, WIDTH
from pipeline.render.charts.scale import RatioScale, symmetric, tick
from pipeline.render.charts.theme import LITERALS, LOOKS
from pipeline.render.charts.vega import layered, painted, rows_named
from support.contribution import ROOT
from support.drawing import drawing, points, rules, texts
from support.lines import fit_of, lever, lines_of

pytestmark = pytest.mark.slow  # whole pages are rendered

VERDICTS = (Verdict.CLEAR, Verdict.LIKELY, Verdict.MAY, Verdict.CANNOT_TELL, Verdict.TOO_FEW)
LEVERS = [lever(name) for name in ("clear", "likely", "may", "wide", "few")]
FIT = fit_of(
    LEVERS, [0.6, -0.5, 0.4, 0.1, 0.3], [0.05, 0.3, 0.25, 1.5, 0.3], 7, [7, 7, 7, 7, 4]
)  # fmt: skip
LINES = tuple(
    replace(line, verdict=verdict) for line, verdict in zip(lines_of(FIT), VERDICTS, strict=True)
)
NOBODY = Pool(pd.DataFrame(), pd.DataFrame(), Account(0, 0, ()), simulated=False, set_aside=0)
SIMULATED = replace(NOBODY, simulated=True)
FOUND = Results(NOBODY, (), (), {}, "", {}, ())
ENDS = (6 + EDGE, 6 + WIDTH - EDGE)  # pixels of a scale, beyond the margin of 6
PHONE = 343  # pixels of a page on a phone, between its margins


def test_a_chart_that_vega_lite_does_not_know_is_refused_in_tests():
    def wrong():
        return layered([rows_named().mark_point(opacity="much")])

    with pytest.raises(SchemaValidationError):
        vega.svg(wrong, {"rows": []}, {})


def drawn(findings=FOUND, names=None, lines=None) -> bytes:
    answer = Answer(FIT, LINES if lines is None else lines)
    svg = forest(findings, answer, names)
    assert svg is not None
    return svg


def across(ratio: float, reach: float, width: float = WIDTH, edge: float = EDGE) -> float:
    """The pixel of a ratio, by hand: as far from the middle as its logarithm."""
    share = math.log(ratio) / math.log(reach)
    return 6 + width / 2 + (width / 2 - edge) * max(-1.0, min(1.0, share))


# The forest plot


def test_each_line_has_its_name_its_ratio_and_its_interval():
    svg = drawn()
    labels = texts(svg)
    for line in LINES:
        assert f"{line.variable.name}" in labels
        ends = (line.ratio(line.ci_low), line.ratio(line.ci_high))
        inside = f" ({ends[0]:.2f} to {ends[1]:.2f})" if ends[0] and ends[1] < 10 else ""
        assert any(text.startswith(f"{line.ratio(line.estimate):.2f}{inside}") for text in labels)
    assert set(VERDICTS) <= set(labels)
    assert [text for text in labels if "more" in text] == ["← fewer\u2003new followers\u2003more →"]


def test_the_legend_names_only_the_verdicts_that_there_are():
    for few in (VERDICTS[:2], VERDICTS[1:3]):
        svg = drawn(lines=[line for line in LINES if line.verdict in few])
        assert [text for text in texts(svg) if text in LOOKS] == list(few)


def test_marks_stand_at_their_ratios_and_arrows_where_an_interval_goes_on():
    """By hand: 0.1 ± 1.5 t(6) is 1/36 to 43, beyond the longest scale, which ends at 16."""
    svg = drawn()
    marks = points(svg)
    for line in LINES:
        x = across(line.ratio(line.estimate), 16)
        assert sum(abs(x - mark.x) < 0.11 for mark in marks) == 1, line.variable
    ends = [mark.x for mark in marks if mark.look["d"].count("L") == 2 and mark.x in ENDS]
    assert ends == [across(1 / 99, 16), across(99, 16)]
    (wide,) = [rule for rule in rules(svg, 2) if rule.look["stroke"] == "var(--untold)"]
    assert (wide.x, wide.end[0]) == ENDS


def test_verdicts_differ_in_shape_and_colour_or_shape():
    looks = [tuple(look) for look in LOOKS.values()]
    assert len(set(looks)) == len(looks)
    assert len({LOOKS[verdict][1] for verdict in VERDICTS}) == 5
    shapes = {mark.look["d"] for mark in points(drawn()) if mark.x not in ENDS}
    assert len(shapes) == 5
    assert (LOOKS[Verdict.LIKELY][1], LOOKS[Verdict.MAY][1]) == ("triangle-up", "diamond")
    assert LOOKS[Verdict.CLEAR][0] == LOOKS[Verdict.THIS_ACCOUNT][0]


def test_names_may_be_given_and_long_ones_are_cut():
    names = {LEVERS[0]: "a name of words", LEVERS[1]: "x" * 60}
    labels = texts(drawn(names=names))
    assert "a name of words" in labels
    assert "clear: yes" not in labels
    assert "wide: yes" in labels
    (cut,) = [text for text in labels if text.endswith("…")]
    assert 20 <= len(cut) <= 35
    assert set(cut[:-1]) == {"x"}


def test_the_same_picture_in_every_colouring():
    svg = drawn()
    pictures = [svg, *(painted(svg, theme) for theme in LITERALS)]
    bare = {re.sub(rb'(fill|stroke)="[^"]*"', b"", picture) for picture in pictures}
    assert len(bare) == 1
    assert len(set(pictures)) == len(pictures)
    assert b"var(--likely)" in svg
    assert all(
        b"var(" not in picture and b"currentColor" not in picture for picture in pictures[1:]
    )


def test_true_effects_are_diamonds_where_they_are_planted():
    planted = replace(FOUND, pool=SIMULATED, effects={"followers": {"clear": {"yes": 0.7}}})
    with_truth, without = drawn(planted), drawn()
    (diamond,) = points(with_truth, "var(--truth)")
    assert diamond.x == pytest.approx(across(math.exp(0.7), 16), abs=0.11)
    assert points(without, "var(--truth)") == []
    assert "Simulated creators; ◇ is the true answer" in texts(with_truth)


def test_nothing_is_drawn_of_nothing():
    assert forest(FOUND, Answer(FIT, ())) is None
    assert reach_map([]) is None
    assert ranges([]) is None
    assert named([]) == frozenset()
    assert points(history_figure([Moment(9, 5), Moment(12, 6)], Verdict.CLEAR)) == []


def test_without_intervals_there_are_only_points():
    (few,) = [line for line in LINES if line.verdict == Verdict.TOO_FEW]
    svg = drawn(lines=(few,))
    assert "1.35" in texts(svg)
    assert not any("(" in text for text in texts(svg))
    assert rules(svg, 2) == []
    assert len(points(svg)) == 1  # and no arrow


def test_the_surest_come_first_and_the_largest_ratio_of_each_verdict():
    clear, likely, may, wide, few = LINES
    lines = (few, wide, may, replace(likely, estimate=-0.9), likely, clear)
    svg = drawn(lines=lines, names={LEVERS[1]: "likely"})
    ratios = [float(t.split(" ")[0]) for t in texts(svg) if re.match(r"\d+\.\d\d\b", t)]
    assert ratios == [1.82, 0.61, 0.41, 1.49, 1.11, 1.35]


@pytest.mark.parametrize("count", [1, 4, 24])
def test_a_mark_is_nearer_to_its_own_name_than_to_the_next(count):
    svg = drawn(lines=(LINES * 5)[:count])
    names = [each.y for each in drawing(svg) if each.text.endswith(": yes")]
    marks = sorted({mark.y for mark in points(svg)})
    assert len(names) == len(marks) == count
    for own, mark in zip(names, marks, strict=True):
        assert 8 <= mark - own <= 14  # from the line that the letters stand on
    for mark, following in zip(marks, names[1:], strict=False):
        assert following - 10 - mark >= 16  # the height of a letter is about ten


# Scales


def test_ratios_on_a_scale_have_one_notation():
    assert [tick(each) for each in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1 / 1.5, 1 / 1.25)] == [
        "1/16", "⅛", "¼", "½", "⅔", "1/1.25",
    ]  # fmt: skip
    assert [tick(each) for each in (1, 1.5, 2, 16)] == [
        "same", "1.5\xa0×", "2\xa0×", "16\xa0×",
    ]  # fmt: skip


@given(st.floats(0.001, 0.99), st.floats(1.15, 1000))
def test_the_ticks_of_a_scale_are_on_it_and_apart(low, high):
    """As far as log 4 is apart: the coarsest ticks are taken of what is longer than a chart."""
    ticks = RatioScale(low, high).ticks
    assert 1.0 in ticks
    assert ticks == sorted(ticks)
    assert all(low <= each <= high for each in ticks)
    least = min(0.15 * math.log(high / low), math.log(4))
    steps = [math.log(after / before) for before, after in itertools.pairwise(ticks)]
    assert all(step >= least - 1e-9 for step in steps)


@pytest.mark.parametrize("reach", [1.2, 1.5, 2.0, 4.0, 8.0, 16.0])
def test_a_scale_is_symmetric_about_no_difference(reach):
    scale = symmetric(reach)
    assert scale.ticks == pytest.approx([1 / each for each in reversed(scale.ticks)])
    assert len(scale.ticks) >= 3
    assert scale.share(1) == pytest.approx(0.5)
    assert (scale.share(1e-9), scale.share(1e9)) == (0, 1)


# The map

PLACES = [
    Place("tutorial", Verdict.LIKELY, 1.4, 1.4, (0.7, 2.9), (0.8, 2.6)),
    Place("reply", Verdict.CLEAR, 0.7, 1.4, (0.6, 0.9), (1.1, 1.9)),
    Place("cover", Verdict.CANNOT_TELL, 0.96, 0.9, (0.7, 1.4), (0.6, 1.4)),
    Place("duet", Verdict.TOO_FEW, 0.93, 1.75),
]


def test_the_map_has_each_mark_in_its_quadrant_and_its_name():
    svg = reach_map(PLACES)
    assert named(PLACES) == {place.name for place in PLACES}
    assert {place.name for place in PLACES} <= set(texts(svg))
    reach = 1.75 * 1.15
    (left,) = {each.x for each in drawing(svg) if each.text == "fewer views,more viewers follow"}
    names = {each.text: each for each in drawing(svg)}
    for place in PLACES:
        x = left + across(place.reach, reach, SIDE, 0) - 6
        (mark,) = [mark for mark in points(svg) if abs(mark.x - x) < 0.11]
        assert abs(mark.x - names[place.name].x) < 12
        assert abs(mark.y - names[place.name].y) < 12
    up = {mark.look["d"]: mark.y for mark in points(svg)}
    assert min(up.values()) == next(m.y for m in points(svg) if abs(names["duet"].y - m.y) < 12)
    assert "more views,fewer viewers follow" in texts(svg)


def test_only_what_is_told_has_a_cross():
    """Two told lines, two intervals each."""
    crosses = rules(reach_map(PLACES), 1.5)
    by = [each.look["stroke"] for each in crosses]
    assert sorted(by) == ["var(--clear)"] * 2 + ["var(--likely)"] * 2
    assert sum(each.end[0] == each.x for each in crosses) == 2


def test_only_what_is_told_and_the_farthest_four_have_a_name_and_a_shape():
    """Of ten that nobody can tell, the six nearest to no difference are small dots."""
    many = [Place(f"dot {n}", Verdict.CANNOT_TELL, 1 + n / 20, 1 + n / 30) for n in range(1, 11)]
    far = {place.name for place in many[-4:]}
    assert named([*many, *PLACES[:2]]) <= far | {"tutorial", "reply"}
    assert {"tutorial", "reply"} <= named([*many, *PLACES[:2]])
    grey = points(reach_map([*many, *PLACES[:2]]), "var(--untold)")
    radii = [float(mark.look["d"].split("A")[1].split(",")[0]) for mark in grey]
    assert radii.count(min(radii)) == 6
    assert radii.count(max(radii)) == 4


@pytest.mark.parametrize(("reach", "conversion"), [(1000, 0.001), (1, 1), (16, 16)])
def test_what_is_far_is_at_the_edge_of_the_map(reach, conversion):
    svg = reach_map([Place("far", Verdict.CANNOT_TELL, reach, conversion)])
    (mark,) = points(svg)
    left = min(each.x for each in drawing(svg) if each.text.startswith("fewer views"))
    scale = 1.5 if reach == 1 else 16
    assert mark.x - left == pytest.approx(across(reach, scale, SIDE, 0) - 6, abs=0.3)


# Of all charts

EVIL = (
    "<script>alert(1)</script>", "datum.x", "'+constructor+'", '"><b x="', "{{ 7*7 }}", "a\\nb",
    "currentColor", 'fill="var(--clear)"', "[x](javascript:alert(1))", "toString()",
)  # fmt: skip


def charts(name: str) -> list[bytes]:
    """Every chart with words of others, of one row whose name is given."""
    return [
        drawn(names={LEVERS[0]: name}),
        ranges([RatioMark(name, 1.5, name[:9], (1.2, 2.0), (0.9, 9.0), 1.1)], "Simulated creators"),
        lines_figure([Marks(name, 1.2, 0.1, 99.0, 1.4, 1.0)], alone=False, simulated=True),
        reach_map([replace(PLACES[0], name=name)], "Simulated creators"),
    ]


@pytest.mark.parametrize("name", EVIL)
def test_a_hostile_name_is_text(name):
    for svg in charts(name):
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own
        tags = {each.tag.rpartition("}")[2] for each in root.iter()}
        assert tags <= {"svg", "g", "path", "line", "text", "tspan"}
        for picture in (svg, *(painted(svg, theme) for theme in LITERALS)):
            text = "".join(texts(picture)).replace(" ", "")
            assert name.replace(" ", "")[:26] in text


@pytest.mark.parametrize(
    "name", ["x", "a name of seventy letters that goes on and on, and on, to its end"]
)
def test_a_chart_fits_a_phone(name):
    for svg in [
        *charts(name),
        history_figure([Moment(99_999, 999, 1.2, 0.9, 1.5)] * 9, Verdict.CLEAR),
    ]:
        assert float(ElementTree.fromstring(svg).attrib["width"]) <= PHONE  # noqa: S314  # our own


def test_simulated_creators_are_named_in_each_chart():
    assert "Simulated creators" in texts(drawn(replace(FOUND, pool=SIMULATED)))
    assert all("Simulated creators" in texts(svg) for svg in charts("x")[1:])
    assert not any("Simulated" in text for text in texts(drawn()))


@pytest.mark.parametrize("pixel", [200.05, 221.05, 233.05])
def test_the_last_bits_of_a_number_do_not_show(pixel):
    """Not even where they turn one tenth of a pixel into the next."""
    share = (pixel - EDGE) / (WIDTH - 2 * EDGE)
    at = math.exp((2 * share - 1) * math.log(1.04 * 8))
    bits = (1 - 1e-9, 1 + 1e-9, 1.01)
    one, other, far = (ranges([RatioMark("x", at * bit, interval=(1 / 8, 8.0))]) for bit in bits)
    assert one == other
    assert one != far


def test_an_interval_of_a_range_or_of_an_account_that_goes_on_has_arrows():
    wild = [RatioMark("x", 1.5, interval=(1e-4, 1e4)), RatioMark("y", 1.5, interval=(0.9, 2.0))]
    own = [Marks("x", 1.5, 1e-4, 1e4), Marks("y", 1.5, 0.9, 2.0)]
    for svg in (ranges(wild), lines_figure(own, alone=True, simulated=False)):
        rows = sorted({mark.y for mark in points(svg)})
        arrows = [mark for mark in points(svg) if mark.look["d"].count("L") == 2]
        assert [(mark.x, mark.y) for mark in arrows] == [(end, rows[0]) for end in ENDS]


# Names beside their marks

POINTS = st.lists(
    st.tuples(
        st.text("abcdefgh ", min_size=1, max_size=18),
        st.tuples(st.floats(0, 300), st.floats(0, 300)),
    ),
    max_size=25,
)


def runs_through(segment, box) -> bool:
    """Look at a hundred points of a segment, and whether one is well within a box."""
    x, y, to_x, to_y = segment
    at = ((x + (to_x - x) * n / 100, y + (to_y - y) * n / 100) for n in range(101))
    return any(
        box.left + 0.01 < across < box.right - 0.01 and box.top + 0.01 < down < box.bottom - 0.01
        for across, down in at
    )


@given(st.tuples(*[st.integers(-20, 20).map(float)] * 4))
def test_a_segment_crosses_a_box_where_one_of_its_points_is_within(segment):
    box = Box(-7.5, -4.5, 6.5, 8.5)
    if runs_through(segment, box):
        assert box.is_crossed(segment)
    x, y, to_x, to_y = segment
    turned = (to_x, to_y, x, y)
    assert box.is_crossed(segment) is box.is_crossed(turned)
    outside = max(x, to_x) < box.left or min(y, to_y) > box.bottom
    assert not (outside and box.is_crossed(segment))


@given(POINTS)
def test_names_touch_neither_each_other_nor_a_mark_and_stay_on_the_sheet(names):
    sheet = Box(0, 0, 300, 300)
    boxes = placed(names, sheet, [])
    dots = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for _, (x, y) in names]
    for one, other in itertools.combinations([each.box for each in boxes], 2):
        assert not one.meets(other)
    for one, other in itertools.permutations(boxes, 2):
        assert not (one.lead and runs_through(one.lead, other.box))
    for each in boxes:
        assert sheet.holds(each.box)
        assert not any(each.box.meets(dot) for dot in dots)
        assert each.box.right - each.box.left == pytest.approx(LETTER * len(each.name))
    assert len(boxes) <= len(names)


def test_a_lone_name_stands_to_the_right_of_its_mark_and_a_crowded_one_is_left_out():
    sheet = Box(0, 0, 300, 300)
    (alone,) = placed([("name", (50, 50))], sheet, [])
    assert (alone.align, alone.lead) == ("left", None)
    assert alone.at == (58, 50, "name")
    (edge,) = placed([("name", (295, 50))], sheet, [])
    assert edge.align == "right"
    assert placed([("name", (50, 50))], sheet, [sheet]) == ()


# The process that draws

DRAWS = """
import os, signal, sys
from pipeline.render.charts import drawer
words = ("vega_to_svg", {"width": 9, "height": 9})
drawer.ask(*words)
os.kill(os.getpid() if sys.argv[1] == "asks" else drawer._drawer().pid, signal.SIGKILL)
drawer.ask(*words)
drawer.ask("vega_to_svg", {"width": 8})
"""


def drawn_until_killed(killed: str) -> "subprocess.CompletedProcess[str]":
    """Read to the end of the error output, which the process that draws shares: to its end, too."""
    command = [sys.executable, "-c", DRAWS, killed]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_who_asks_for_a_drawing_and_is_killed_leaves_no_process_behind():
    done = drawn_until_killed("asks")
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_drawing_that_nobody_makes_is_a_crash_of_ours_and_no_end_of_the_output():
    done = drawn_until_killed("draws")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("RuntimeError: vl-convert ended at ")
    assert '{"width": 8}' in done.stderr  # what was drawn before is known
