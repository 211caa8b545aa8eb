"""The forest and the map: what is drawn where, in every colouring, and names that do not touch."""

import itertools
import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ladder import fit_of, lever, lines_of

from pipeline.dataset.pool import Account, Pool
from pipeline.inference.results import Answer, Results
from pipeline.inference.verdicts import CANNOT_TELL, CLEAR, LEANING, TOO_FEW
from pipeline.render.charts.forest_plot import LEFT, RIGHT, RatioScale, forest
from pipeline.render.charts.label_placement import DOT, LETTER, Box, placed
from pipeline.render.charts.reach_map import Place, Square, named, reach_map
from pipeline.render.charts.theme import COLOURS, PAGE, THEMES
from pipeline.render.charts.verdict_marks import tick

LEVERS = [lever(name) for name in ("clear", "leans", "wide", "few")]
FIT = fit_of(LEVERS, [0.6, -0.5, 0.1, 0.3], [0.05, 0.3, 1.5, 0.3], 7, [7, 7, 7, 4])
NOBODY = Pool(pd.DataFrame(), pd.DataFrame(), Account(0, 0, ()), simulated=False, set_aside=0)
FOUND = Results(NOBODY, (), None, (), {}, "", {}, ())
MARK = re.compile(
    r'<path transform="translate\(([-\d.]+),([-\d.]+)\)[^"]*" d="([^"]+)" (?:fill|stroke)="'
)


def drawn(findings=FOUND, theme="light", names=None, lines=None) -> str:
    answer = Answer(FIT, lines_of(FIT) if lines is None else lines)
    svg = forest(findings, answer, theme, names)
    assert svg is not None
    return svg.decode()


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_each_line_has_its_name_its_ratio_and_its_interval():
    svg, lines = drawn(), lines_of(FIT)
    assert [line.verdict for line in lines] == [CLEAR, LEANING, CANNOT_TELL, TOO_FEW]
    said = texts(svg)
    for line in lines:
        assert f"{line.variable.name}" in said
        ends = (line.ratio(line.ci_low), line.ratio(line.ci_high))
        inside = f" ({ends[0]:.2f} to {ends[1]:.2f})" if ends[0] and ends[1] < 10 else ""
        assert any(text.startswith(f"{line.ratio(line.estimate):.2f}{inside}") for text in said)
    assert {CLEAR, LEANING, CANNOT_TELL, TOO_FEW} <= set(said)
    assert [text for text in said if "more" in text or "fewer" in text] == [
        "← fewer new followers", "more →",
    ]  # fmt: skip


def test_marks_stand_at_their_ratios_and_arrows_where_an_interval_goes_on():
    """By hand: 0.1 ± 1.5 t(6) is 1/36 to 43, beyond the longest scale, which ends at 16."""
    svg, lines = drawn(), lines_of(FIT)
    middle, half = (LEFT + RIGHT) / 2, (RIGHT - LEFT) / 2
    where = [middle + half * line.estimate / math.log(16) for line in lines]
    found = sorted((y, x) for x, y, _ in map(_numbers, MARK.findall(svg)) if y > 80)
    for x, line in zip(where, lines, strict=True):
        assert any(abs(x - at) < 0.11 for _, at in found), line.variable
    arrows = [x for y, x in found if x in (LEFT, RIGHT)]
    assert arrows == [LEFT, RIGHT]


def _numbers(mark: tuple[str, str, str]) -> tuple[float, float, str]:
    return float(mark[0]), float(mark[1]), mark[2]


def test_names_may_be_given_and_long_ones_are_cut():
    names = {LEVERS[0]: "a name of words", LEVERS[1]: "x" * 60}
    said = texts(drawn(names=names))
    assert "a name of words" in said
    assert "clear: yes" not in said
    assert "wide: yes" in said
    assert any(text.endswith("…") and len(text) < 30 for text in said)


def test_a_hostile_name_is_text():
    svg = drawn(names={LEVERS[0]: "<script>alert(1)"})
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_the_same_picture_in_every_colouring():
    pictures = [drawn(theme=theme) for theme in COLOURS]
    bare = {re.sub(r'(fill|stroke)="[^"]*"', "", picture) for picture in pictures}
    assert len(bare) == 1
    assert len(set(pictures)) == len(pictures)
    assert "var(--leaning)" in drawn(theme=PAGE)
    assert all("var(" not in drawn(theme=theme) for theme in THEMES)


def test_true_effects_are_diamonds_where_they_are_planted():
    pool = replace(NOBODY, simulated=True)
    planted = replace(FOUND, pool=pool, effects={"followers": {"clear": {"yes": 0.7}}})
    with_truth, without = drawn(planted), drawn()
    assert with_truth.count('stroke="#1a7f37"') == 1
    assert "#1a7f37" not in without
    assert "Simulated creators; ◇ is the true answer" in texts(with_truth)


def test_nothing_is_drawn_of_nothing():
    assert forest(FOUND, Answer(FIT, ()), "light") is None
    assert reach_map([], "light") is None
    assert named([]) == frozenset()


def test_without_intervals_there_are_only_points():
    (few,) = [line for line in lines_of(FIT) if line.verdict == TOO_FEW]
    svg = drawn(lines=(few,))
    assert "1.35" in texts(svg)
    assert not any("(" in text for text in texts(svg))


def test_the_surest_come_first_and_the_largest_ratio_of_each_verdict():
    few = lines_of(FIT)
    lines = (few[3], few[2], replace(few[1], estimate=-0.9), few[1], few[0])
    svg = drawn(lines=lines, names={LEVERS[1]: "leans"})
    ratios = [float(t.split(" ")[0]) for t in texts(svg) if re.match(r"\d+\.\d\d\b", t)]
    clear, *leaning, wide, first = ratios
    assert (clear, leaning) == (1.82, [0.61, 0.41])
    assert (wide, first) == (1.11, 1.35)


def test_a_mark_is_nearer_to_its_own_name_than_to_the_next():
    svg = drawn()
    said = re.findall(r"<text[^>]*translate\([-\d.]+,([-\d.]+)\)[^>]*>([^<]*)</text>", svg)
    names = [float(y) for y, text in said if text.endswith(": yes")]
    below = sorted(y for y, _, _ in ((float(m[1]), 0, 0) for m in MARK.findall(svg)) if y > 80)
    assert len(names) == 4
    for own, following in itertools.pairwise(names):
        (mark,) = {y for y in below if own < y < following}
        assert mark - own <= 18
        assert following - 10 - mark >= 20  # the height of a letter is about ten


def test_ratios_on_a_scale_have_one_notation():
    assert [tick(each) for each in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1 / 1.5)] == [
        "1/16", "⅛", "¼", "½", "⅔",
    ]  # fmt: skip
    assert [tick(each) for each in (1, 1.5, 2, 16)] == [
        "same", "1.5\xa0×", "2\xa0×", "16\xa0×",
    ]  # fmt: skip


@pytest.mark.parametrize("reach", [2.0, 4.0, 8.0, 16.0])
def test_a_scale_is_symmetric_about_no_difference(reach):
    scale = RatioScale(reach)
    assert scale.x(1) == (LEFT + RIGHT) / 2
    assert (scale.x(1 / reach), scale.x(reach)) == (LEFT, RIGHT)
    assert (scale.x(1e-9), scale.x(1e9)) == (LEFT, RIGHT)
    assert scale.ticks == [1 / tick for tick in reversed(scale.ticks)]
    assert scale.ticks[-1] == reach


PLACES = [
    Place("tutorial", LEANING, 1.4, 1.4, (0.7, 2.9), (0.8, 2.6)),
    Place("reply", CLEAR, 0.7, 1.4, (0.6, 0.9), (1.1, 1.9)),
    Place("cover", CANNOT_TELL, 0.96, 0.9, (0.7, 1.4), (0.6, 1.4)),
    Place("duet", TOO_FEW, 0.93, 1.75),
]


def test_the_map_has_each_mark_in_its_quadrant_and_its_name():
    svg = reach_map(PLACES, "light").decode()
    assert named(PLACES) == {place.name for place in PLACES}
    assert {place.name for place in PLACES} <= set(texts(svg))
    middle, _ = Square(0, 2).at(1, 1)
    points = {x for x, _, _ in map(_numbers, MARK.findall(svg))}
    for place in PLACES:
        across, _ = Square(0, 1.75 * 1.15).at(place.reach, 1)
        assert any(abs(across - x) < 0.11 for x in points), place.name
        assert (across > middle) is (place.reach > 1)
    assert [t for t in texts(svg) if t in ("more views,", "fewer viewers follow")]


def test_only_what_is_told_has_a_cross():
    """Two told lines, two intervals each; the thin path of a verdict has all of its own."""
    svg = reach_map(PLACES, "light").decode()
    thin = re.findall(r'<path d="([^"]+)"[^>]*stroke-width="1.5"', svg)
    assert sorted(path.count("M") for path in thin) == [2, 2]


def test_only_what_is_told_and_the_farthest_four_have_a_name_and_a_shape():
    """Of ten that nobody can tell, the six nearest to no difference are small dots."""
    many = [Place(f"dot {n}", CANNOT_TELL, 1 + n / 20, 1 + n / 30) for n in range(1, 11)]
    far = {place.name for place in many[-4:]}
    assert named([*many, *PLACES[:2]]) <= far | {"tutorial", "reply"}
    assert {"tutorial", "reply"} <= named([*many, *PLACES[:2]])
    svg = reach_map([*many, *PLACES[:2]], "light").decode()
    radii = [path.split("A")[1].split(",")[0] for _, _, path in MARK.findall(svg) if "A" in path]
    small, large = min(map(float, radii)), max(map(float, radii))
    found = [round(float(radius), 1) for radius in radii]
    assert found.count(round(small, 1)) == 6
    assert found.count(round(large, 1)) == 4 + 1  # and the one of the legend


@pytest.mark.parametrize(("reach", "conversion"), [(1000, 0.001), (1, 1), (16, 16)])
def test_what_is_far_is_at_the_edge_of_the_map(reach, conversion):
    square = Square(100, 16)
    x, y = square.at(reach, conversion)
    low, high = square.at(1 / 16, 1 / 16), square.at(16, 16)
    assert low[0] <= x <= high[0]
    assert high[1] <= y <= low[1]
    assert reach_map([Place("far", CANNOT_TELL, reach, conversion)], "dark")


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
    found = placed(names, sheet, [])
    dots = [Box(x - DOT, y - DOT, x + DOT, y + DOT) for _, (x, y) in names]
    for one, other in itertools.combinations([each.box for each in found], 2):
        assert not one.meets(other)
    for one, other in itertools.permutations(found, 2):
        assert not (one.lead and runs_through(one.lead, other.box))
    for each in found:
        assert sheet.holds(each.box)
        assert not any(each.box.meets(dot) for dot in dots)
        assert each.box.right - each.box.left == pytest.approx(LETTER * len(each.name))
    assert len(found) <= len(names)


def test_a_lone_name_stands_to_the_right_of_its_mark_and_a_crowded_one_is_left_out():
    sheet = Box(0, 0, 300, 300)
    (alone,) = placed([("name", (50, 50))], sheet, [])
    assert (alone.align, alone.lead) == ("left", None)
    assert alone.at == (58, 50, "name")
    (edge,) = placed([("name", (295, 50))], sheet, [])
    assert edge.align == "right"
    assert placed([("name", (50, 50))], sheet, [sheet]) == ()
