"""Characters that a reader does not see, or that change what is around them.

The lists follow Unicode's `Default_Ignorable_Code_Point`, and add the letters and signs that are
drawn as nothing. What may not stand in a cell is for `text_rules`.
"""

import re
import unicodedata

# Each is drawn as nothing: soft hyphen, Hangul and Khmer fillers, zero-width characters, shorthand
# and musical controls, hieroglyphic blanks, tags. Variation selectors are marks, and not here.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"
    "\ufff0-\ufffc\U00013441\U00013442\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
BLANK = re.compile("[\u2800\u3164\uffa0]")  # no blanks by their class, but drawn as one
JOINERS = re.compile("[\u200c\u200d]")  # part of words in some scripts, and of emoji
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# And what no XML, and so no figure, can hold: surrogates and noncharacters.
CONTROL = re.compile(
    r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 17))
    + "]"
)
# England, Scotland and Wales: the only emoji that are made of tags.
TAGGED = re.compile(
    "(\U0001f3f4(?:"
    + "|".join(
        "".join(chr(0xE0000 + ord(letter)) for letter in region)
        for region in ("gbeng", "gbsct", "gbwls")
    )
    + ")\U000e007f)"
)
MOST_MARKS = 5  # a Hebrew letter may have five; no spelling needs more


def without_invisible(text: str) -> str:
    """Take out what is drawn as nothing, but joiners; what is drawn as a blank becomes one.

    >>> without_invisible("no\u200bon"), without_invisible("a\u3164b"), without_invisible("ñ")
    ('noon', 'a b', 'ñ')
    """
    if text.isascii():
        return text
    pieces = TAGGED.split(text)  # every second one is a flag
    pieces[::2] = (BLANK.sub(" ", INVISIBLE.sub("", piece)) for piece in pieces[::2])
    return "".join(pieces)


def most_marks(text: str) -> int:
    r"""Count the combining marks of the letter that has most of them.

    >>> most_marks("noon"), most_marks("a\u0301\u0302 e\u0301")
    (0, 2)
    """
    most = run = 0
    for letter in "" if text.isascii() else text:
        match unicodedata.category(letter):
            case "Mn" | "Me":
                run += 1
                most = max(most, run)
            case "Cf":  # joins marks, and is not seen
                pass
            case _:
                run = 0
    return most


def is_visible(text: str) -> bool:
    r"""Return whether a text holds anything that is drawn: a letter, a digit, a sign.

    >>> is_visible("?"), is_visible("\u3164 \ufe0f"), is_visible("🍜")
    (True, False, True)
    """
    return any(unicodedata.category(c)[0] in "LNPS" for c in without_invisible(text))


def is_name(text: str) -> bool:
    """Return whether a text holds a letter, a digit, or a picture such as an emoji.

    >>> is_name("Ana"), is_name("..."), is_name("🍜")
    (True, False, True)
    """
    kinds = {unicodedata.category(c) for c in without_invisible(text)}
    return any(kind[0] in "LN" or kind == "So" for kind in kinds)
