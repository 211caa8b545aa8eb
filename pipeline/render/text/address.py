"""Where the repository is, as `pyproject.toml` says: so that a page can link to it."""

import re
import tomllib
from collections.abc import Iterator

from schema.maintained import Maintained
from schema.rules import Finding
from schema.toml_statements import Document

ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._-]+)+")


def repository(project: bytes) -> str:
    r"""Read `Repository` of `[project.urls]`; "" where there is none, or no plain https address.

    >>> repository(b'[project.urls]\nRepository = "https://github.com/some/where"')
    'https://github.com/some/where'
    >>> repository(b'[project.urls]\nRepository = "javascript:alert(1)"')
    ''
    """
    try:
        urls = tomllib.loads(project.decode()).get("project", {}).get("urls", {})
    except (ValueError, AttributeError):
        return ""
    said = str(urls.get("Repository", "")).rstrip("/") if isinstance(urls, dict) else ""
    return said if ADDRESS.fullmatch(said) else ""


def faults(document: Document) -> Iterator[Finding]:
    """Find what is wrong with the address in `pyproject.toml`; all else there is of its tools."""
    urls = document.values.get("project", {}).get("urls", {})
    said = urls.get("Repository") if isinstance(urls, dict) else urls
    is_address = isinstance(said, str) and ADDRESS.fullmatch(said.rstrip("/"))
    if isinstance(urls, dict) and (said is None or is_address):
        return
    line = document.line("project", "urls", "Repository")
    hint = 'Below [project.urls] write Repository = "https://github.com/OWNER/NAME"'
    yield Finding(line, "project.urls.Repository", said if isinstance(said, str) else None, hint)


PROJECT = Maintained("pyproject.toml", faults)
