"""What a person reads when something of ours breaks: where, and not a word of the data."""

from schema.rules import crash_site


def apology(error: Exception) -> str:
    """Apologise for a crash, and name the place in our code for the maintainers."""
    return (
        "Something is broken here. It is our fault, not yours, and says nothing against your "
        f"files.\nPlease open an issue with this line: {crash_site(error)}"
    )
