"""Links to what a review speaks of, on the repository's page; without a page, plain words."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pipeline.render.text.escape import code


@dataclass(frozen=True, slots=True)
class Links:
    """Where the repository is (`https://github.com/owner/name`, or ""), and which pull request.

    `is_issue`: what is judged came by an issue, and is corrected there.
    """

    site: str = ""
    pull: int | None = None
    is_issue: bool = False

    def file(self, path: str, commit: str) -> str:
        """Name a file as it is at a commit, with a link to it."""
        return self._linked(code(path, 100), f"blob/{commit}/{_quoted(path)}")

    def line(self, path: str, line: int, commit: str, word: str = "line ") -> str:
        """Name a line of a file, with a link to it; `plain=1` shows a table as lines."""
        where = f"blob/{commit}/{_quoted(path)}?plain=1#L{line}"
        return self._linked(f"{word}{line}", where)

    def document(self, name: str, words: str) -> str:
        """Link to a document of the repository."""
        return self._linked(words, f"blob/HEAD/{name}")

    def commit(self, commit: str) -> str:
        """Name a commit by its first letters."""
        return self._linked(f"<code>{commit[:10]}</code>", f"commit/{commit}")

    def our_fault(self, line: str) -> str:
        """Link to a new issue in which a crash of ours is told already."""
        where = 'In an issue "Add your videos"' if self.is_issue else "In a pull request on GitHub"
        form = {"template": "our-fault.yml", "answer": line, "where": where}
        if self.pull is not None:
            form["pull-request"] = str(self.pull)
        return self._linked("Open the issue (it is filled in)", f"issues/new?{urlencode(form)}")

    def _linked(self, words: str, where: str) -> str:
        return f"[{words}]({self.site}/{where})" if self.site else words


def _quoted(path: str) -> str:
    """Write a path in an address; bytes that are no UTF-8 are lone surrogates in it."""
    return quote(path, errors="surrogateescape")
