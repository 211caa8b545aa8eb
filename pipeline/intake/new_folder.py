"""A new creator's folder: creator.toml from what was typed, and a CSV of column names."""

import datetime
from itertools import chain

from schema import creator as profile
from schema.columns import COLUMNS
from schema.file_rules import folder_name
from schema.forms import day

HEADER = ",".join(column.name for column in COLUMNS) + "\n"


def fault_of_name(creator: str) -> str:
    """Say what is wrong with a folder's name, "" where nothing is."""
    return next((finding.hint for finding in folder_name.find(creator)), "")


def creator_toml(
    creator: str, github: str, consent: str, licence: str, today: datetime.date
) -> tuple[bytes, str]:
    """Write creator.toml, and say what `check` would find wrong with it ("" for nothing)."""
    text = profile.text(github, consent if day(consent) else f'"{consent}"', licence)
    raw = text.encode("utf-8", "surrogatepass")  # what the shell gave may be no text
    if next(profile.creator_unreadable.find(raw), None):
        return raw, "A login, a day and a licence hold no quotes and no line breaks."
    findings = [
        *chain.from_iterable(rule.find(raw) for rule in profile.CREATOR),
        *profile.consent_in_future.find(raw, today),
        *profile.simulated_name.find(creator, raw),
    ]
    wrong = [finding.hint or profile.consent_in_future.hint for finding in findings]
    return raw, fault_of_name(creator) or (wrong[0] if wrong else "")
