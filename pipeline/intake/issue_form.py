"""An issue of the form "Add your videos" → a creator's files; nothing in them is repaired.

The form stands in `.github/ISSUE_TEMPLATE/contribute.yml`; its last field is the pasted table, so
that nothing in a table can be taken for another field.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pipeline.dataset.layout import ENOUGH, TOP, known_columns
from pipeline.intake.attachment import NotFetched
from pipeline.intake.new_folder import fault_of_name
from schema import creator as profile
from schema import creator_values
from schema.file_rules import HOME
from schema.forms import day

FOLDER = "The name of your folder"
LICENCE = "Licence"
CONSENT = "What you agree to"
FILE = "Your CSV as a file"
TABLE = "Or your table, pasted"
FIELDS = (FOLDER, LICENCE, CONSENT, FILE, TABLE)  # in the order of the form
AGREED = (
    "I am 18 or older.",
    "It is my own account.",
    'I have read "What you agree to" in CONTRIBUTING.md, and I agree.',
)
EMPTY = "_No response_"
MAX_FILES = 5
FENCE = 3  # backticks, at least
URL = re.compile(r"\bhttps?://[^\s<>()\[\]\"'`]{1,2000}", re.IGNORECASE)
LINK = re.compile(
    r"!?\[[^\[\]\n]{0,300}\]\(https?://[^\s()]{1,2000}\)|https?://\S{1,2000}", re.IGNORECASE
)
PICTURE = re.compile(
    r"!\[[^\[\]\n]{0,300}\]\(https?://[^\s()]{1,2000}\)|<img\b[^>\n]{0,3000}>"
    r"|https://github\.com/user-attachments/assets/[^\s()<>\"']{1,200}",
    re.IGNORECASE,
)
UPLOADING = re.compile(
    r"!?\[Uploading [^\[\]\n]{1,300}\]\([^()\n]{0,300}\)|<!-- ?Uploading [^\n>]{1,300}-->",
    re.IGNORECASE,
)
PROFILE = re.compile(r"://|www\.|tiktok\.com", re.IGNORECASE)
MARKER = "<!-- followworthy review -->"
MENU = "open the menu **···** at the top of your text, press **Edit**"
EDIT = f"{MENU}, change it, and press **Save**. This answer is then updated."
ANEW = 'open a new issue with the form "Add your videos" from your own account, and close this one.'


@dataclass(frozen=True, slots=True)
class Submission:
    """What an issue asks to add: a folder, its creator.toml if it is new, and the tables.

    `attached` are addresses as they stand in the issue: not yet judged, and never shown.
    """

    number: int
    creator: str
    github: str
    github_id: int
    toml: bytes
    pasted: bytes | None
    attached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotASubmission:
    """Why an issue cannot be turned into files, and the one next step: safe to show as they are."""

    why: str
    next: str = EDIT


def read_issue(issue: Mapping[str, Any]) -> Submission | NotASubmission:
    """Read an issue as GitHub's REST API gives it; consent is never made up."""
    body = str(issue.get("body") or "").replace("\r\n", "\n")
    fields = _fields(body)
    if fields is None or "pull_request" in issue:
        return NotASubmission(
            "The headings of the form are not all there, so what stands below them cannot be told "
            "apart. Leave them as the form writes them.",
            ANEW,
        )
    creator = fields[FOLDER].strip()
    if PROFILE.search(creator):
        return NotASubmission(
            f"{FOLDER}: this is a link. A name alone belongs here, such as ramen-lab; it need not "
            "be your handle."
        )
    if wrong := fault_of_name(creator):
        return NotASubmission(f"{FOLDER}: {wrong}")
    if not _agrees(fields[CONSENT]):
        return NotASubmission(
            f'Not every box under "{CONSENT}" is ticked with its sentence as it was. We take no '
            "data without them: tick them all, if all of them are true."
        )
    toml = _toml(issue, fields[LICENCE].strip())
    if isinstance(toml, NotASubmission):
        return toml
    pasted, attached = _tables(fields)
    if (pasted is None and not attached) or UPLOADING.search(fields[FILE]):
        return NotASubmission(_why_no_table(fields))
    if len(attached) > MAX_FILES:
        return NotASubmission(
            f"It has more than {MAX_FILES} files: leave {MAX_FILES} here, and open a second issue "
            "for the others."
        )
    user = issue["user"]
    number = int(issue["number"])
    return Submission(number, creator, user["login"], user["id"], toml, pasted, attached)


def files_of(
    submission: Submission,
    has_profile: bool,
    fetch: Callable[[str], bytes | NotFetched],
) -> dict[PurePosixPath, bytes] | NotASubmission:
    """Give the files to add, by path; a folder that has its creator.toml keeps it.

    The names are made of the issue's number: no other file is replaced, and an issue that was
    edited replaces its own.
    """
    folder = PurePosixPath(HOME, submission.creator)
    tables = [] if submission.pasted is None else [submission.pasted]
    for url in submission.attached:
        content = fetch(url)
        if isinstance(content, NotFetched):
            return NotASubmission(content.why)
        tables.append(content)
    files = {} if has_profile else {folder / "creator.toml": submission.toml}
    for place, table in enumerate(tables, start=1):
        again = f"-{place}" if place > 1 else ""
        files[folder / f"issue-{submission.number}{again}.csv"] = table
    return files


def answer(files: Collection[PurePosixPath] | NotASubmission) -> str:
    """Say in Markdown what was read from the issue, or why nothing was, and what to do next."""
    if isinstance(files, NotASubmission):
        return (
            f"{MARKER}\n## This could not be read yet\n\n{files.why}\n\n"
            f"**Your next step:** {files.next}\n"
        )
    tables = " and ".join(f"`{path}`" for path in sorted(files) if path.suffix == ".csv")
    return (
        "\n---\n"
        f"A program read your table from this issue as {tables}, and wrote this answer. Line 1 is "
        f"the first line of your table. **To correct it here:** {MENU}, change the table (or drag "
        "in a new file), and press **Save**. This answer is then updated. When all is well, a "
        "maintainer reads your text and this answer, and sets the label `accepted`: it opens the "
        "pull request for you, with the text as it is then.\n"
    )


def _fields(body: str) -> dict[str, str] | None:
    """Cut a body at the form's headings, each at its first place after the one before."""
    lines, start = body.split("\n"), 0
    places = []
    for field in FIELDS:
        try:
            start = lines.index(f"### {field}", start) + 1
        except ValueError:
            return None
        places.append(start)
    ends = [*(place - 1 for place in places[1:]), len(lines)]
    contents = ("\n".join(lines[i:j]).strip("\n") for i, j in zip(places, ends, strict=True))
    given = ("" if content.strip() == EMPTY else content for content in contents)
    return dict(zip(FIELDS, given, strict=True))


def _agrees(boxes: str) -> bool:
    ticked = {line.rstrip() for line in boxes.split("\n")}
    return all(ticked & {f"- [x] {said}", f"- [X] {said}"} for said in AGREED)


def _toml(issue: Mapping[str, Any], licence: str) -> bytes | NotASubmission:
    """Write creator.toml of the issue's own author and day, as the API gives them."""
    user, opened = issue.get("user") or {}, day(str(issue.get("created_at", ""))[:10])
    login, number = str(user.get("login")), user.get("id")
    if licence not in creator_values.LICENCES:
        known = ", ".join(creator_values.LICENCES)
        return NotASubmission(f"{LICENCE}: choose one of {known}.")
    if not (opened and isinstance(number, int) and creator_values.LOGIN.fullmatch(login)):
        return NotASubmission("The issue was not opened from a personal account of GitHub.", ANEW)
    text = profile.text(login, opened.isoformat(), licence)
    return f"{text}github_id = {number}\n".encode()


def _why_no_table(fields: Mapping[str, str]) -> str:
    """Say why there is no table where one is looked for, and what to do."""
    both = f"{fields[FILE]}\n{fields[TABLE]}"
    if UPLOADING.search(both):
        return (
            "The upload of your file had not ended when you sent the form, so it is not here. Drag "
            "it in again, and wait until its link is there before you save."
        )
    lines = [line for line in unfenced(fields[FILE]).split("\n") if line.strip()][:TOP]
    if any(known_columns(re.split(r"[,;|\t]", line[:2000])) >= ENOUGH for line in lines):
        return (
            f'Your table stands under "{FILE}", where it is not read. Move it to the box '
            f'below, "{TABLE}".'
        )
    if PICTURE.search(both):
        return (
            "There is a picture in it, and no CSV; numbers are not read from pictures. Write them "
            "into a sheet, save it as CSV, and drag that file in."
        )
    return "There is no CSV in it: drag your file into the form, or paste it."


def _tables(fields: Mapping[str, str]) -> tuple[bytes | None, tuple[str, ...]]:
    """Give the pasted table and the addresses of files, wherever they were dragged to."""
    text = unfenced(fields[TABLE])
    pasted = None if not text.strip() or text.strip() == EMPTY else text
    links = PICTURE.sub("", fields[FILE])
    bare = LINK.sub("", UPLOADING.sub("", pasted or ""))
    if pasted is not None and not bare.strip(" \n\t`"):
        pasted, links = None, PICTURE.sub("", f"{links}\n{pasted}")
    if pasted is not None:  # how many line ends close a file is lost where it is pasted
        raw = (pasted.rstrip("\n") + "\n").encode("utf-8", "surrogatepass")
    return raw if pasted else None, tuple(dict.fromkeys(URL.findall(links)))


def unfenced(text: str) -> str:
    """Take the fences off a block: GitHub's, and one more where its author pasted their own.

    The last line that can close a fence does: what was pasted may hold some too.
    """
    for _ in range(2):
        lines = text.strip("\n").split("\n")
        opening = _ticks(lines[0], ("", "csv"))
        if not opening:
            break
        ends = [i for i, line in enumerate(lines) if i and _ticks(line, ("",)) >= opening]
        text = "\n".join(lines[1 : ends[-1] if ends else None])
    return text


def _ticks(line: str, words: Collection[str]) -> int:
    """Count the backticks of a fence with one of the words behind it; 0 for any other line."""
    rest = line.lstrip("`")
    ticks = len(line) - len(rest)
    return ticks if ticks >= FENCE and rest.strip(" \t").lower() in words else 0
