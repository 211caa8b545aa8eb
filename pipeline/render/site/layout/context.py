"""What one edition of the site is made of, as one value that every page takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.analysis.diagnostics.diagnostics import Diagnostics
from pipeline.analysis.history.changes import SetDifference
from pipeline.analysis.history.history_csv import History
from pipeline.inference.results import Results
from pipeline.model.questions import Question


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """The findings and what belongs to them.

    `diagnostics` is None where it was not computed. `history` are the rows of history.csv, this
    edition's among them, oldest first; `causes` what came before each set of results, by its
    inputs, as far as git can tell. `repository` is the address of the repository (`https://...`),
    "" where nobody has said it.
    """

    findings: Results
    diagnostics: Diagnostics | None
    history: History
    causes: Mapping[str, SetDifference] = field(default_factory=dict)
    repository: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether no video is in the pool."""
        return not len(self.findings.pool.videos)

    @property
    def simulated(self) -> bool:
        """Return whether the creators are invented, which every page has to say."""
        return self.findings.pool.simulated

    @property
    def creators(self) -> int:
        """The creators with a video in the pool."""
        return len(self.findings.pool.creators)

    def answered(self, question: Question) -> bool:
        """Return whether a question has lines with an estimate."""
        answers = (each for each in self.findings.answers if each.question == question)
        return any(line.estimate is not None for each in answers for line in each.estimates)
