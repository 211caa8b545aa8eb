"""From bytes to text, where it is beyond doubt: UTF-8, UTF-16, Windows-1252."""

import re

from schema.file_rules import utf_16

WESTERN = re.compile("[àâäáãåçéèêëíìîïñóòôöõúùûüß]")
OF_A_MAC = re.compile("[a-z][ŽŠŸˆšžŒœ‰Ê]|[ŽŠŸˆ][a-z]|[0-9]Ê[0-9]")  # é, ä, ü as Mac Roman has them
FOREIGN = re.compile(r"[^\W\d_\x00-\x7f]{3}")  # no language of Western Europe writes such words


def windows_1252(raw: bytes) -> str | None:
    """Decode what is no UTF-8; None where letters of two encodings, or of another alphabet, are."""
    rest = raw.decode("utf-8", "surrogateescape")
    if any(not c.isascii() and not "\udc80" <= c <= "\udcff" for c in rest):
        return None
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    is_western = WESTERN.search(text) or not OF_A_MAC.search(text)
    return text if is_western and not FOREIGN.search(text) else None


def from_utf_16(raw: bytes) -> str | None:
    """Decode UTF-16, with its mark or without; None where it is another encoding, or damaged."""
    if not next(utf_16.find(raw), None):
        return None
    has_mark = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    is_little = raw[:256:2].count(0) < raw[1:256:2].count(0)
    try:
        return raw.decode("utf-16" if has_mark else "utf-16-le" if is_little else "utf-16-be")
    except UnicodeDecodeError:
        return None
