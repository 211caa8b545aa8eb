"""Where the repository is, as `pyproject.toml` says: so that a page can link to it."""

import re
import tomllib

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
