"""What a person reads when something of ours breaks: where, and not a word of the data."""

import traceback
from pathlib import Path

from schema.rules import RuleCrashError


def apology(error: Exception) -> str:
    """Apologise for a crash, and name the place in our code for the maintainers."""
    cause = error.__cause__ if isinstance(error, RuleCrashError) and error.__cause__ else error
    rule = f", in the rule {error.slug}" if isinstance(error, RuleCrashError) else ""
    trace = traceback.extract_tb(cause.__traceback__)
    where = (
        f" in {Path(trace[-1].filename).name}, line {trace[-1].lineno}, in {trace[-1].name}"
        if trace
        else ""
    )
    return (
        f"Something is broken here{rule}. It is our fault, not yours, and nothing is wrong with "
        f"your files because of it.\nPlease open an issue with this line: {type(cause).__name__}"
        f"{where}"
    )
