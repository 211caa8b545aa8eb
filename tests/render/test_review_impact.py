"""How many comparisons a pull request changes, in words."""

from dataclasses import replace

import pytest

from pipeline.model.questions import REACH, Part
from pipeline.model.variables import Variable
from pipeline.render.review import impact as effects
from pipeline.review.estimate_changes import Consequence, EstimateChange, Shown
from pipeline.review.impact import Impact

COVER = Variable("has_cover", "yes", "yes against no", Part.LEVER, "a cover")
SURE, MOVED = Shown(0.5, 0.1, 0.3, 0.7, 8.0), Shown(0.6, 0.1, 0.4, 0.8, 8.0)
SAME = EstimateChange(COVER, SURE, SURE, None, 9, 9, 6, 6, 0.1, "")
CHANGED = replace(SAME, after=MOVED)
UNSEEN = replace(SAME, after=None, is_unseen=True)
COUNTS = {
    "the only one": ((CHANGED,), "the one comparison changes materially."),
    "not the only one": ((SAME,), "the one comparison does not change materially."),
    "none of two": ((SAME, SAME), "0 of 2 comparisons change materially."),
    "one of two": ((CHANGED, SAME), "1 of 2 comparisons changes materially."),
    "both": ((CHANGED, CHANGED), "2 of 2 comparisons change materially."),
    "one, and one that is not seen": (
        (CHANGED, UNSEEN),
        (
            "the one comparison that can be previewed changes materially; 1 comparison cannot be "
            "previewed: the next report will tell."
        ),
    ),
}


@pytest.mark.parametrize(("lines", "words"), COUNTS.values(), ids=COUNTS)
def test_the_verb_agrees_with_the_number(lines, words):
    touched = Consequence(REACH, 9, 9, 6, 6, lines, "", approximate=False, is_touched=True)
    impact = Impact((touched,), (), (), is_new=False)
    assert effects.lines(impact) == [f"reach (9 videos, 6 creators): {words}"]
    if CHANGED in lines and UNSEEN not in lines:
        assert f": {words}" in effects.sections(impact)[-1]
