"""The closed lists of words (`vocabulary.toml`) and the maintainers' list of folders set aside."""

import difflib
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schema.toml_statements import read

HERE = Path(__file__).parent
VOCABULARY = HERE / "vocabulary.toml"
QUARANTINE = HERE / "quarantine.toml"
LISTS = ("category", "sound")

LONGEST = 60  # letters of a word, or of a name, that are looked at

# Letters of other alphabets that look like Latin ones, by what they look like.
LOOK_ALIKES = str.maketrans(
    "асеорхуіјѕԁһкмтвнгАСЕОРХУІЈЅКМТВНαοενικτρυωΑΒΕΗΙΚΜΝΟΡΤΥΧıſ",
    "aceopxyijsdhkmtbhrACEOPXYIJSKMTBHaoeviktpuwABEHIKMNOPTYXis",
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list, what it means, and what people write in its place."""

    word: str
    meaning: str
    synonyms: tuple[str, ...]


@cache
def vocabulary() -> dict[str, dict[str, Word]]:
    """Read the closed lists: column name → word → Word, in the order of the file.

    What cannot be read is left out, so that all else can be judged; `schema.maintained` names it.
    """
    lists = read(VOCABULARY.read_bytes() if VOCABULARY.is_file() else b"").values
    known = {name: words for name, words in lists.items() if isinstance(words, dict)}
    return {column: dict[str, Word]() for column in LISTS} | {
        column: {word: _word(word, entry) for word, entry in words.items()}
        for column, words in known.items()
    }


def _word(word: str, entry: object) -> Word:
    said = entry if isinstance(entry, dict) else {}
    synonyms = said.get("synonyms")
    texts = synonyms if isinstance(synonyms, list) else []
    return Word(
        word, str(said.get("meaning", "")), tuple(each for each in texts if isinstance(each, str))
    )


@cache
def _folded(column: str) -> dict[str, str]:
    words = vocabulary()[column].values()
    spellings = {fold(synonym): word.word for word in words for synonym in word.synonyms}
    return spellings | {fold(word.word): word.word for word in words}


def fold(text: str) -> str:
    """Reduce a word to what makes it another: case, blanks and marks do not.

    >>> fold("How-to"), fold("Q & A")
    ('howto', 'q&a')
    """
    return "".join(c for c in text.casefold() if c.isalnum() or c == "&")


@cache
def other_words() -> dict[str, frozenset[str]]:
    """Read what stands for yes, no, missing, and for none or zero in other languages."""
    lists = tomllib.loads((HERE / "other_words.toml").read_text(encoding="utf-8"))
    return {meaning: frozenset(words) for meaning, words in lists.items()}


def look_alike(name: str) -> str:
    """Reduce a name to what the eye takes it for: names that are easily mistaken become the same.

    >>> look_alike("Anna-01"), look_alike("аnna_ol"), look_alike("arnie") == look_alike("amie")
    ('annaol', 'annaol', True)
    """
    plain = unicodedata.normalize("NFKD", name[:LONGEST].translate(LOOK_ALIKES)).casefold()
    plain = plain.translate(str.maketrans("01i|", "olll"))
    return "".join(c for c in plain if c.isalnum()).replace("rn", "m").replace("vv", "w")


def nearest_word(column: str, text: str) -> str | None:
    """Find the word that a synonym, a wrong case or a look-alike stands for, or None.

    >>> nearest_word("category", "Comedy"), nearest_word("category", "ѕtоry")
    ('humor', 'story')
    """
    if len(text) > LONGEST:
        return None
    return _folded(column).get(fold(text)) or _folded(column).get(fold(plain_letters(text)))


def close_words(column: str, text: str) -> list[str]:
    """Find the word that a slip of the pen was meant to be: none, or one.

    >>> close_words("category", "tutoral"), close_words("category", "cooking")
    (['tutorial'], [])
    """
    known = _folded(column)
    close = difflib.get_close_matches(fold(text[:LONGEST]), known, n=1, cutoff=0.8)
    return [known[each] for each in close]


def plain_letters(text: str) -> str:
    """Write the letters that look like others as those: full-width ones, and other alphabets'.

    >>> plain_letters("ѕtоry"), plain_letters("li\u212aes")
    ('story', 'liKes')
    """
    return unicodedata.normalize("NFKC", text).translate(LOOK_ALIKES)


def quarantine(path: Path = QUARANTINE) -> dict[str, str]:
    """Read the maintainers' list of folders kept out of the models: creator → reason."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    return {creator: str(reason) for creator, reason in entries.items()}
