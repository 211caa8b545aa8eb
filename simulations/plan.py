"""What is simulated, as data: designs, creators, effects and models, in the order of running."""

from dataclasses import dataclass
from itertools import product

CREATORS = (1, 2, 3, 5, 8, 12, 20, 50, 200)
RATIOS = (1.0, 1.5, 2.0)  # what the dummy multiplies; 1 is no effect
MODELS = ("signals", "followers", "conversion", "reach")
SPREAD = {"A": 0.0, "B": 0.4, "C": 0.4, "D": 0.4}  # sd of the dummy's log ratio between creators
SEED = 2022
CHUNK = 50  # repetitions in one file of results
REPETITIONS = 2_000
MOST_REFITTED = {50: 500, 200: 100}  # repetitions with full refits, which are slow; else all


@dataclass(frozen=True, slots=True)
class Cell:
    """One design with G creators, where the focus dummy multiplies the outcome by `ratio`."""

    design: str
    creators: int
    ratio: float

    @property
    def carriers(self) -> int:
        """Creators within whom the focus dummy varies."""
        few = {"C": max(2, self.creators // 4), "D": 5}
        return few.get(self.design, self.creators)

    @property
    def refitted(self) -> int:
        """Repetitions in which Poisson fits are repeated in full without each creator."""
        if self.creators == 1 or self.ratio > 1:
            return 0
        return MOST_REFITTED.get(self.creators, REPETITIONS)

    def key(self, chunk: int) -> tuple[int, ...]:
        """What alone decides the random numbers of a chunk."""
        return (SEED, ord(self.design), self.creators, round(10 * self.ratio), chunk)


def cells() -> tuple[Cell, ...]:
    """All cells, those that decide what may be published first.

    Carriers must be fewer than the creators in C and D. Effects other than none are simulated where
    an interval can be published, in B and D, and twofold ones up to 50 creators, who nearly always
    see them.
    """
    every = [Cell(*each) for each in product(SPREAD, CREATORS, RATIOS)]
    return tuple(sorted(filter(_asked, every), key=_turn))


def _asked(cell: Cell) -> bool:
    if cell.design in "CD" and cell.carriers >= cell.creators:
        return False
    if cell.ratio > 1.5 and cell.creators > 50:
        return False
    return cell.ratio == 1 or (cell.design in "BD" and cell.creators >= 5)


def _turn(cell: Cell) -> tuple[bool, int, int, str, float]:
    late = 3 if cell.ratio > 1 else 2 if cell.creators < 5 else 1 if cell.design == "A" else 0
    return (cell.creators == 200, late, cell.creators, cell.design, cell.ratio)
