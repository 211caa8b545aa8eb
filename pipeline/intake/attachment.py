"""A file that was attached to an issue → its bytes: from GitHub's own hosts, and nowhere else."""

import http.client
import re
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

from schema.file_rules import MAX_BYTES

PATH = re.compile(
    r"/(?:user-attachments|[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100})"
    r"/files/[0-9]{1,20}/([^/?#]{1,255})"
)
REDIRECTS = (301, 302, 303, 307, 308)
HOPS = 4
CHUNK = 1 << 16
HEADERS = {"User-Agent": "followworthy", "Accept": "*/*", "Accept-Encoding": "identity"}

ELSEWHERE = (
    "A file is taken only from GitHub itself: drag your CSV into the form, and leave the link "
    "that GitHub makes of it as it is."
)
NOT_A_CSV = "An attached file is no .csv: save the sheet as CSV, and drag that file into the form."
TOO_LARGE = "An attached file has more than 20 MiB: split it into several files."
NO_ANSWER = (
    "An attached file could not be fetched from GitHub. Drag it into the form once more; if it "
    "goes on like this, say so here: it may be our fault, or a bad hour of GitHub's."
)


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why a file was not fetched: whole sentences without a word of the address."""

    why: str


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where a file may be asked for, and where an answer may send us on to, always by https.

    `context` says whose certificates are believed; by default the system's.
    """

    asked: frozenset[str] = frozenset({"github.com"})
    onward: frozenset[str] = frozenset(
        {
            "github.com",
            "objects.githubusercontent.com",
            "release-assets.githubusercontent.com",
        }
    )
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def fetch(
    url: str, hosts: Hosts | None = None, timeout_s: float = 60, most: int = MAX_BYTES
) -> bytes | NotFetched:
    """Fetch an attached CSV, without a credential, a cookie or a proxy, within a time and a size.

    The size that the answer claims is of no account: one byte too many is read, and refused.
    """
    hosts = hosts or Hosts()
    until = time.monotonic() + timeout_s
    allowed = hosts.asked
    path = PATH.fullmatch(urlsplit(url).path) if _is_at(url, hosts.asked) else None
    if path is None:
        return NotFetched(ELSEWHERE)
    if not unquote(path[1]).lower().endswith(".csv"):
        return NotFetched(NOT_A_CSV)
    for _ in range(HOPS):
        if not _is_at(url, allowed):
            return NotFetched(ELSEWHERE)
        answer = _ask(url, hosts.context, until, most)
        if not isinstance(answer, str):
            return answer
        url, allowed = urljoin(url, answer), hosts.onward
    return NotFetched(NO_ANSWER)


def _is_at(url: str, hosts: frozenset[str]) -> bool:
    """Return whether an address is at one of the hosts: by https, no user, no other port."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc in hosts and url.isascii()
    except ValueError:
        return False


def _ask(url: str, context: ssl.SSLContext, until: float, most: int) -> bytes | str | NotFetched:
    """Ask once: the file, or the address that the answer sends us on to."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    line = http.client.HTTPSConnection(parts.netloc, timeout=_left(until), context=context)
    try:
        line.request("GET", target, headers=HEADERS)
        answer = line.getresponse()
        if answer.status in REDIRECTS:
            return answer.getheader("Location", "")
        if answer.status != http.client.OK or answer.getheader("Content-Encoding", "identity") != (
            "identity"
        ):
            return NotFetched(NO_ANSWER)
        return _content(line, answer, until, most)
    except (OSError, http.client.HTTPException, ValueError):
        return NotFetched(NO_ANSWER)
    finally:
        line.close()


def _content(
    line: http.client.HTTPSConnection, answer: http.client.HTTPResponse, until: float, most: int
) -> bytes | NotFetched:
    content = bytearray()
    while len(content) <= most:
        left = _left(until)
        if line.sock:
            line.sock.settimeout(left)
        piece = answer.read1(min(CHUNK, most + 1 - len(content)))
        if not piece:  # what was promised and did not come makes it half a file
            return NotFetched(NO_ANSWER) if answer.length else bytes(content)
        content += piece
    return NotFetched(TOO_LARGE)


def _left(until: float) -> float:
    """Give the seconds that are left, or raise TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
