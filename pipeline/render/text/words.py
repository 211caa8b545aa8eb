"""Words as they begin a sentence."""


def capital(words: str) -> str:
    """Begin with a capital."""
    return words[:1].upper() + words[1:]
