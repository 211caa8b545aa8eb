"""The parts of CONTRIBUTING.md that derive from `schema/`: the data dictionary and the rules."""

import re
from dataclasses import dataclass

from pipeline.render.text.escape import plain
from schema.catalogue import CATALOGUE, AnyRule
from schema.columns import COLUMNS, Column
from schema.refusals import words as words_of_refusals
from schema.vocabulary import vocabulary

FILLED = {
    "owner": "(a login)",
    "author": "(your login)",
    "id": "(its number)",
    "other": "(name)",
    "rows": "(how many)",
}


def derived(document: str) -> str:
    """Write the derived parts into a document, each between its two markers.

    A part `x` stands between `<!-- x -->` and `<!-- end of x -->`.
    """
    for name, part in (("dictionary", dictionary()), ("words", words()), ("rules", rules())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = document.partition(begin)
        document = before + begin + part + end + rest.partition(end)[2]
    return document


def dictionary() -> str:
    """Write the data dictionary: a row a column."""
    head = (
        "| column | what it is | how to write it | needed | also called |\n|---|---|---|---|---|\n"
    )
    return "\n" + head + "".join(map(_column, COLUMNS)) + "\n"


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column in the words of the data dictionary; `needed` is "" where it is not."""

    name: str
    what: str
    form: str
    needed: str
    also: str


def entry(column: Column) -> ColumnEntry:
    """Say what a column is, how it is written, and what else it is called."""
    return ColumnEntry(
        column.name,
        column.meaning + (f" ({column.unit})" if column.unit not in ("", "count") else ""),
        "one of the words below" if column.kind == "word" else column.form,
        "every row" if column.filled else "the column" if column.required else "",
        ", ".join(column.aliases),
    )


def _column(column: Column) -> str:
    row = entry(column)
    return f"| `{row.name}` | {row.what} | {row.form} | {row.needed} | {row.also} |\n"


def words() -> str:
    """Write the closed lists of words: a row a word."""
    text = "\n"
    for column, entries in vocabulary().items():
        text += f"| `{column}` | what it means | not |\n|---|---|---|\n"
        for entry in entries.values():
            text += f"| {entry.word} | {entry.meaning} | {', '.join(entry.synonyms)} |\n"
        text += "\n"
    return text


def rules() -> str:
    """Write the rules: a row a rule, in the order in which a file meets them."""
    text = "\n"
    for group, members in CATALOGUE.items():
        text += f"**{group}**\n\n| rule | | what it says | instead of | write |\n"
        text += "|---|---|---|---|---|\n"
        text += "".join(map(_rule, members)) + "\n"
    return text + refusals()


def refusals() -> str:
    """Write what a pull request is refused for, apart from its data: a row a reason."""
    rows = (
        f"| `{slug}` | {_cell(text['said'].format(**FILLED))} "
        f"| {_cell(text['next'].format(**FILLED))} |\n"
        for slug, text in words_of_refusals().items()
    )
    return (
        "**The pull request itself**\n\n| reason | what is so | what to do |\n|---|---|---|\n"
        + "".join(rows)
        + "\n"
    )


def _rule(rule: AnyRule) -> str:
    return (
        f"| `{rule.slug}` | {rule.severity} | {_cell(rule.hint)} "
        f"| {_cell(rule.found)} | {_cell(rule.write)} |\n"
    )


def _cell(text: str) -> str:
    shown = plain(text.replace("\n", " / "))
    return re.sub(r"([|<>\\])", lambda mark: f"&#{ord(mark[0])};", shown)
