"""Make a contributor's text inert wherever it is shown."""

import re

# What Markdown, and GitHub in it, could take for markup, a link, a mention, an issue or an emoji.
MARKDOWN = re.compile(
    r"[\\`*\[\]<>#|~@$&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=[wW])\.|\A[-+=0-9]"
)
LONGEST = 40


def quoted(text: str, longest: int = LONGEST) -> str:
    r"""Show a value on one line: in quotes, shortened, with everything unprintable escaped.

    >>> print(quoted("a" + chr(10) + "b"), quoted("x" * 50, 5))
    "a\nb" "xxxx…"
    """
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return '"' + plain(short).replace('"', '\\"') + '"'


def plain(text: str) -> str:
    """Escape what a terminal would not print as it is, and what a log would obey.

    GitHub reads a line as a command where it begins with `::`, or has `##[` anywhere.
    """
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )
    start = ":\\x3a" if shown.startswith("::") else shown[:2]
    return (start + shown[2:]).replace("##[", "#\\x23[")


def command_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Escape a property (file, title) of a workflow command."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """Show a text in Markdown as it is: no markup, no link, no mention, no HTML, one line."""
    one_line = " ".join(text.split())
    visible = "".join(c for c in one_line if c.isprintable())
    return MARKDOWN.sub(lambda found: f"&#{ord(found[0])};", visible)


def number(value: object) -> object:
    """Write a float with eight significant digits, a missing value as an empty cell.

    >>> number(0.1 + 0.2), number(None), number(12)
    ('0.3', '', 12)
    """
    if value is None or value != value:  # NaN is not itself
        return ""
    return f"{value:.8g}" if isinstance(value, float) else value
