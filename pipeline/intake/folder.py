"""A new creator's folder: creator.toml from what was typed, and a CSV of column names."""

from itertools import chain

from schema import creator as profile
from schema.columns import COLUMNS
from schema.file_rules import folder_name
from schema.forms import day

HEADER = ",".join(column.name for column in COLUMNS) + "\n"


def fault_of_name(creator: str) -> str:
    """Say what is wrong with a folder's name, "" where nothing is."""
    return next((finding.hint for finding in folder_name.find(creator)), "")


def creator_toml(creator: str, github: str, consent: str, licence: str) -> tuple[bytes, str]:
    """Write creator.toml, and say what `check` would find wrong with it ("" for nothing)."""
    raw = profile.text(github, consent if day(consent) else f'"{consent}"', licence).encode()
    rules = (profile.creator_unreadable, *profile.CREATOR)
    found = [finding.hint for finding in chain.from_iterable(rule.find(raw) for rule in rules)]
    found += [finding.hint for finding in profile.simulated_name.find(creator, raw)]
    return raw, fault_of_name(creator) or (found[0].partition("\n")[0] if found else "")
