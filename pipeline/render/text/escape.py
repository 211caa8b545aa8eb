"""Make a contributor's text inert wherever it is shown."""

import re

# What Markdown, and GitHub in it, could take for markup, a link, a mention, an issue or an emoji.
MARKDOWN = re.compile(
    r"[\\`*\[\]<>#|~@$&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\S)|(?<=[wW])\.|\A[-+=0-9]"
)
COMMAND = re.compile(r"(?<!\S)::")  # of a workflow, where it stands first in a line
# What of escaped Markdown GitHub takes for a person, a number or an emoji where it is no code.
CALLS = re.compile(r"&#(?:64|35);|(?<=gh)-(?=[0-9])|&#58;(?=[\w+-]+(?::|&#58;))", re.IGNORECASE)
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

    GitHub reads a line as a command where it begins with blanks and `::`, or has `##[` anywhere;
    a text that is wrapped may begin a line with any of its words.
    """
    shown = text if text.isprintable() else "".join(map(_printable, text))
    return COMMAND.sub(":\\\\x3a", shown).replace("##[", "#\\x23[")


def inert_json(text: str) -> str:
    r"""Write JSON so that a log that shows it obeys nothing in it; it says the same.

    >>> print(inert_json('["##[error]x"]'))
    ["#\u0023[error]x"]
    """
    return text.replace("##[", "#\\u0023[")


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def command_data(text: str) -> str:
    """Escape the message of a workflow command, and what a log would not print as it is."""
    one_line = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return one_line if one_line.isprintable() else "".join(map(_printable, one_line))


def command_property(text: str) -> str:
    """Escape a property (file, title) of a workflow command."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """Show a text in Markdown as it is: no markup, no link, no mention, no HTML, one line."""
    one_line = " ".join(text.split())
    visible = "".join(c for c in one_line if c.isprintable())
    return MARKDOWN.sub(lambda mark: f"&#{ord(mark[0])};", visible)


def code(text: str, longest: int = LONGEST) -> str:
    """Show a contributor's text in a comment on GitHub: nothing in it calls a person or a number.

    GitHub looks for @names, #numbers, addresses and :emoji: after it has read the Markdown, so that
    escaping alone does not stop it; it never looks into code. Markdown itself does, for what could
    be an e-mail address: a comment, which nobody sees, parts it.
    """
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    shown = markdown(plain(short)).replace("&#64;", "&#64;<!-- -->")
    return f"<code>{shown or '&#32;'}</code>"


def inert(text: str) -> str:
    """Show a sentence with a contributor's words in it: as `markdown`, and calling nobody.

    What stands between backticks becomes code.
    """
    pieces = text.split("`")
    closed = len(pieces) - (len(pieces) % 2 == 0)  # the last one is never closed
    return "".join(
        code(piece, 200) if place % 2 and place < closed else _said(piece)
        for place, piece in enumerate(pieces)
    )


def _said(text: str) -> str:
    """Escape a part of a sentence; the blanks at its ends stay."""
    before, after = (" " * (text[:1] == " "), " " * (text[-1:] == " " and bool(text.strip())))
    return before + CALLS.sub(r"<code>\g<0></code>", markdown(plain(text))) + after
