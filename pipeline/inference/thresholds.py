"""How many creators it takes before something is told, each threshold with its reason."""

FEWEST_CREATORS = 2  # who carry a line: one cannot speak for the others
INTERVAL_CREATORS = 5  # who carry a line: fewer give an estimate without an interval
FEWEST_EFFECTIVE = 1.5  # creators in effect, below which one carries a line
LEFT_OUT_CREATORS = 3  # of a pool, or behind a line, from whom on one may be left out
SLOPE_CREATORS = 8  # of a pool, to tell how much creators differ
RATE_CREATORS = 3  # who is one of them and takes away their own is left with two
SPREAD_CREATORS = 8  # others, from whom on quartiles that mix them all tell of none of them
OTHER_CREATORS = 4  # others who carry a line, from whom on an estimate of them tells of none
PLAN_CREATORS = 5  # from whom on there is a typical one
SCORE_CREATORS = 5  # from whom on creators are left out, not videos
