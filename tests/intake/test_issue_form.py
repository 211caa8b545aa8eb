"""The issue form: from GitHub's Markdown to files, whatever stands in it; attachments over TLS."""

import datetime
import inspect
import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dataset.check import Accepted
from pipeline.dataset.read import read
from pipeline.intake import attachment, issue_form
from pipeline.intake.attachment import Hosts, NotFetched, fetch
from pipeline.intake.issue_form import NotASubmission, Submission, answer, files_of, read_issue
from schema.creator import parse
from schema.creator_values import LICENCES
from schema.file_rules import MAX_BYTES
from support.contribution import DAY, ROOT, TOML, check, csv_of
from support.documents import headings
from support.issue import LINK, TABLE, TICKED, body, fenced, issue


class GitHub(BaseHTTPRequestHandler):
    """Attachments as GitHub serves them; what a test asks for stands in the path."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, str]]]
    answers: dict[str, Callable[["GitHub"], None]]

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        self.answers[self.path.split("/")[-1].split("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Keep the output of the tests clean."""

    def give(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        given = {"Content-Length": str(len(content))}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"a")
            time.sleep(0.05)


URL = "https://github.com/user-attachments/files/17/videos.csv"
MARKER = "<!-- followworthy review -->"


def submission(text: str | None = None, **changes: Any) -> Submission:
    parsed = read_issue(issue(text, **changes))
    assert isinstance(parsed, Submission), parsed
    return parsed


def refusal(text: str | None = None, **changes: Any) -> str:
    parsed = read_issue(issue(text, **changes))
    assert isinstance(parsed, NotASubmission), parsed
    return parsed.why


def no_fetch(url: str) -> NotFetched:
    raise AssertionError(f"{url} was asked for")


# --- the form


def test_the_form_asks_what_is_read():
    path = ROOT / ".github/ISSUE_TEMPLATE/contribute.yml"
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = {each["attributes"].get("label"): each for each in asked["body"]}
    del fields[None]
    assert tuple(fields) == issue_form.FIELDS
    boxes = fields[issue_form.CONSENT]["attributes"]["options"]
    assert tuple(box["label"] for box in boxes) == issue_form.AGREED
    assert all(box["required"] for box in boxes)
    assert tuple(fields[issue_form.LICENCE]["attributes"]["options"]) == LICENCES
    assert fields[issue_form.TABLE]["attributes"]["render"] == "csv"
    assert asked["labels"] == ["contribution"]


@pytest.mark.parametrize("name", ["contribute", "withdraw"])
def test_the_links_of_a_form_lead_somewhere(name):
    text = (ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text(encoding="utf-8")
    anchors = set(re.findall(r"\]\(\.\./blob/main/CONTRIBUTING\.md#([a-z0-9-]+)\)", text))
    assert anchors
    assert anchors <= headings((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


def test_a_submission_becomes_a_folder_that_is_accepted():
    files = files_of(submission(), has_profile=False, fetch=no_fetch)
    names = {str(path): content for path, content in files.items()}
    assert list(names) == ["contributions/ana/creator.toml", "contributions/ana/issue-12.csv"]
    assert names["contributions/ana/issue-12.csv"] == csv_of({})
    contents = {PurePosixPath(path).name: content for path, content in names.items()}
    verdict = check(read("ana", "contributions/ana", contents), DAY)
    assert isinstance(verdict, Accepted)
    assert verdict.profile.github == "ana-maria"
    assert verdict.profile.github_id == 583231
    assert verdict.profile.consent == datetime.date(2026, 11, 21)
    assert verdict.profile.licence == "CC-BY-4.0"


def test_a_folder_that_is_there_keeps_its_profile():
    files = files_of(submission(), has_profile=True, fetch=no_fetch)
    assert list(map(str, files)) == ["contributions/ana/issue-12.csv"]


@pytest.mark.parametrize("licence", LICENCES)
def test_every_licence_of_the_form_is_kept(licence):
    assert parse(submission(body(licence=licence)).toml).licence == licence


PASTED = [
    ("as it is", fenced(TABLE), csv_of({})),
    ("CRLF, as a browser may send", fenced(TABLE).replace("\n", "\r\n"), csv_of({})),
    ("a longer fence", fenced(TABLE, "`````"), csv_of({})),
    ("a fence of its author's inside GitHub's", fenced(fenced(TABLE)), csv_of({})),
    ("an edited body without a fence", TABLE, csv_of({})),
    ("an edited body without its last fence", f"```csv\n{TABLE}", csv_of({})),
    ("words below the fence", f"{fenced(TABLE)}\n\nThank you!", csv_of({})),
    ("lines at its end", f"```csv\n{TABLE}\n\n\n```", csv_of({})),
    ("a heading in a cell", fenced('"a\n### Licence\n\nMIT"'), b'"a\n### Licence\n\nMIT"\n'),
    ("a fence in a cell", fenced('video\n"a\n```\nb"'), b'video\n"a\n```\nb"\n'),
    ("four ticks in three", fenced('video\n"a\n````\nb"'), b'video\n"a\n````\nb"\n'),
    ("code", fenced("$(touch x)\n`id`\n::error::x"), b"$(touch x)\n`id`\n::error::x\n"),
    ("a byte order mark", fenced("\ufeffvideo,views"), b"\xef\xbb\xbfvideo,views\n"),
    ("half a pair of UTF-16", fenced("video\n\ud800"), b"video\n\xed\xa0\x80\n"),
    ("tabs", fenced("video\tviews\na\t1"), b"video\tviews\na\t1\n"),
    ("an empty line first", "```csv\n\nvideo\n```", b"\nvideo\n"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "raw"), [row[1:] for row in PASTED], ids=[r[0] for r in PASTED])
def test_what_was_pasted_is_kept_to_the_byte(table, raw):
    assert submission(body(table=table)).pasted == raw


def test_nothing_in_the_table_is_taken_for_a_field():
    forged = "video\n" + body(folder="victim", licence="MIT")
    filed = submission(body(table=fenced(forged)))
    assert (filed.creator, parse(filed.toml).licence) == ("ana", "CC-BY-4.0")
    assert filed.pasted == (forged + "\n").encode()
    assert filed.attached == ()


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=80))
def test_whatever_is_pasted_stays_in_the_table(text):
    parsed = read_issue(issue(body(table=fenced(f"video\n{text}\nend"))))
    assert isinstance(parsed, Submission)
    assert parsed.pasted is not None
    assert (parsed.creator, parsed.attached) == ("ana", ())
    if "`" not in text:
        assert parsed.pasted == f"video\n{text}\nend\n".encode()


OTHER = "[b.csv](https://github.com/ana/followworthy/files/3/b.csv)"
ATTACHED = [
    ("dragged", {"file": LINK, "table": issue_form.EMPTY}, (URL,), False),
    ("a bare address", {"file": URL, "table": issue_form.EMPTY}, (URL,), False),
    ("twice the same", {"file": f"{LINK} {LINK}", "table": issue_form.EMPTY}, (URL,), False),
    ("dragged into the wrong box", {"table": fenced(LINK)}, (URL,), False),
    ("beside a table", {"file": LINK}, (URL,), True),
    ("beside a picture", {"file": f"{LINK}\n![a](https://github.com/user-attachments/assets/0a-1)",
     "table": issue_form.EMPTY}, (URL,), False),
    ("an empty fence", {"file": LINK, "table": "```csv\n\n```"}, (URL,), False),
    ("two", {"file": f"{LINK}\n{OTHER}", "table": issue_form.EMPTY},
     (URL, "https://github.com/ana/followworthy/files/3/b.csv"), False),
    ("an address in a cell", {"table": fenced(f"video\n{URL}")}, (), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "urls", "has_table"), [row[1:] for row in ATTACHED], ids=[r[0] for r in ATTACHED]
)
def test_attached_files_are_found(fields, urls, has_table):
    filed = submission(body(**fields))
    assert filed.attached == urls
    assert (filed.pasted is not None) == has_table


def test_files_of_an_issue_have_names_of_their_own():
    filed = submission(body(file=f"{LINK} {OTHER}"))
    files = files_of(filed, has_profile=True, fetch=lambda url: url.encode())
    assert {path.name: content for path, content in files.items()} == {
        "issue-12.csv": csv_of({}),
        "issue-12-2.csv": URL.encode(),
        "issue-12-3.csv": b"https://github.com/ana/followworthy/files/3/b.csv",
    }


def test_a_file_that_does_not_come_stops_all():
    refused = files_of(submission(body(file=LINK)), False, lambda url: NotFetched("Not now."))
    assert refused == NotASubmission("Not now.")


PICTURE = "https://github.com/user-attachments/assets/0a1b2c3d-1111-2222-3333-444455556666"


def alone(file: str) -> str:
    """A body with nothing but this, in the box for a file."""
    return body(table=issue_form.EMPTY, file=file)


UNTICKED = TICKED.replace("[x]", "[ ]", 1)
REFUSED = [
    ("an empty body", {"body": None}, "headings"),
    ("another form", {"body": "### What did it say?\n\nno"}, "headings"),
    ("a heading changed", {"body": body().replace("### Licence", "### License")}, "headings"),
    ("headings in another order", {"body": "\n".join(reversed(body().split("\n")))}, "headings"),
    ("a pull request", {"pull_request": {"url": "x"}}, "headings"),
    ("no folder", {"body": body(folder=issue_form.EMPTY)}, "3 to 32"),
    ("a path", {"body": body(folder="../../.github")}, "3 to 32"),
    ("capitals", {"body": body(folder="Ana Maria")}, "For example: ana-maria"),
    ("a name of Windows", {"body": body(folder="con")}, "Windows"),
    ("a look-alike", {"body": body(folder="аna")}, "3 to 32"),
    ("a name over lines", {"body": body(folder="ana\n../b")}, "3 to 32"),
    ("a box not ticked", {"body": body(consent=UNTICKED)}, "ticked"),
    ("no box", {"body": body(consent=issue_form.EMPTY)}, "ticked"),
    ("another sentence", {"body": body(consent=TICKED.replace("18", "8"))}, "ticked"),
    ("a sentence with more", {"body": body(consent=TICKED.replace("own", "own or a"))}, "ticked"),
    ("another licence", {"body": body(licence="GPL")}, "CC-BY-4.0"),
    ("no licence", {"body": body(licence="None")}, "CC-BY-4.0"),
    ("a profile", {"body": body(folder="https://www.tiktok.com/@ana")}, "this is a link"),
    ("a table in the wrong box", {"body": alone(TABLE)}, "box below"),
    ("Markdown in the wrong box", {"body": alone("| video | views |\n|---|---|")}, "box below"),
    ("a fence in the wrong box", {"body": alone(fenced(TABLE))}, "box below"),
    ("an upload that had not ended", {"body": alone("![Uploading a.csv…]()")}, "had not ended"),
    ("another upload", {"body": body(table="[Uploading videos.csv…]()")}, "had not ended"),
    ("an upload beside a table", {"body": body(file="![Uploading a.csv…]()")}, "had not ended"),
    ("a picture", {"body": alone(f"![big]({PICTURE})")}, "picture"),
    ("a picture in HTML", {"body": alone(f'<img width="9" src="{PICTURE}" />')}, "picture"),
    ("nothing to add", {"body": body(table=issue_form.EMPTY)}, "no CSV"),
    ("words in place of a file", {"body": body(table=issue_form.EMPTY, file="see mail")}, "no CSV"),
    ("too many files", {"body": body(file=" ".join(f"{URL[:-4]}{i}.csv" for i in range(6)))},
     "more than 5"),
    ("a bot", {"user": {"login": "helper[bot]", "id": 1}}, "personal account"),
    ("nobody", {"user": None}, "personal account"),
    ("no id", {"user": {"login": "ana", "id": None}}, "personal account"),
    ("a login that is none", {"user": {"login": 'a"\nb = "', "id": 1}}, "personal account"),
    ("no day", {"created_at": "yesterday"}, "personal account"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_read_is_said(changes, says):
    text = changes.pop("body", body()) if "body" in changes else body()
    assert says in refusal(text or "", **changes)


HOSTILE = "<b>@team [x](https://example.org) $(id) `::error::x` ana@example.org"


@pytest.mark.parametrize("field", ["folder", "licence", "consent", "file", "table"])
def test_no_answer_repeats_a_word_of_the_issue(field):
    outcome = read_issue(issue(body(**{field: HOSTILE})))
    if isinstance(outcome, Submission):
        outcome = files_of(outcome, has_profile=False, fetch=fetch)
    comment = answer(outcome)
    assert not [word for word in ("@team", "example.", "$(", "::", "<b>") if word in comment]


def test_the_answers_say_what_is_next():
    refused = answer(NotASubmission("Because."))
    assert refused.startswith(MARKER)
    assert "Because." in refused
    assert "**Edit**" in refused
    read_ = answer(files_of(submission(), has_profile=False, fetch=no_fetch))
    assert "`contributions/ana/issue-12.csv`" in read_
    assert "creator.toml" not in read_
    assert MARKER not in read_  # it stands below the review
    assert "label `accepted`" in read_
    lost = read_issue(issue("### What did it say?\n\nno"))
    assert isinstance(lost, NotASubmission)
    assert "new issue" in answer(lost)
    assert "**Edit**" not in answer(lost)  # one next step


def test_a_huge_body_takes_no_time():
    begin = time.process_time()
    for table in ("`" * 65_000, "```\n" * 16_000, "[" * 65_000, "### Licence\n" * 5_000):
        read_issue(issue(body(table=table)))
        read_issue(issue(body(file=table)))
        read_issue(issue(body(consent=table)))
    read_issue(issue(body(file="[a](https://github.com/" * 3_000)))
    assert time.process_time() - begin < 2


# --- attachments, from a real server with a certificate


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"]
    command += ["subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "pem")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed here, so there is no certificate to test with")
    return folder / "pem"


@pytest.fixture(scope="module")
def server(pem) -> Iterator[tuple[Hosts, list[tuple[str, dict[str, str]]]]]:
    asked: list[tuple[str, dict[str, str]]] = []
    handler = type("Handler", (GitHub,), {"asked": asked, "answers": {}, "timeout": 10})
    served = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem.with_name("key.pem"))
    served.socket = context.wrap_socket(served.socket, server_side=True)
    served.handle_error = lambda request, address: None  # a client that hangs up is part of it
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    port = served.server_address[1]
    ours, store = f"localhost:{port}", f"127.0.0.1:{port}"
    handler.answers |= {
        "good.csv": lambda h: h.give(b"video\na\n"),
        "good.CSV": lambda h: h.give(b"capitals"),
        "away.csv": lambda h: h.give(b"", 302, Location=f"https://{store}/object?token=1"),
        "object": lambda h: h.give(b"from the store"),
        "here.csv": lambda h: h.give(b"", 302, Location="/user-attachments/files/1/good.csv"),
        "off.csv": lambda h: h.give(b"", 302, Location=f"https://example.org:{port}/x.csv"),
        "http.csv": lambda h: h.give(b"", 302, Location=f"http://{store}/object"),
        "as.csv": lambda h: h.give(b"", 302, Location=f"https://ana@{store}/object"),
        "file.csv": lambda h: h.give(b"", 302, Location="file:///etc/passwd"),
        "round.csv": lambda h: h.give(b"", 302, Location="round.csv"),
        "nowhere.csv": lambda h: h.give(b"", 302),
        "gone.csv": lambda h: h.give(b"", 404),
        "full.csv": lambda h: h.give(b"x" * 1000),
        "large.csv": lambda h: h.give(b"x" * 1001),
        "liar.csv": lambda h: h.give(b"x" * 1001, Content_Length="10"),
        "half.csv": lambda h: h.give(b"x" * 10, Content_Length="500"),
        "packed.csv": lambda h: h.give(b"\x1f\x8b", Content_Encoding="gzip"),
        "endless.csv": lambda h: h.drip(),
    }
    try:
        context = ssl.create_default_context(cafile=str(pem))
        yield Hosts(frozenset({ours}), frozenset({ours, store}), context), asked
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


def ask(server, path: str, **options: Any) -> bytes | NotFetched:
    hosts, asked = server
    asked.clear()
    [ours] = hosts.asked
    return fetch(f"https://{ours}{path}", hosts, **{"most": 1000, "timeout_s": 5, **options})


FILES = "/user-attachments/files/1/"
FETCHED = [
    ("good.csv", b"video\na\n"),
    ("good.CSV", b"capitals"),
    ("away.csv", b"from the store"),
    ("here.csv", b"video\na\n"),
    ("full.csv", b"x" * 1000),
    ("liar.csv", b"x" * 10),
    ("large.csv", attachment.TOO_LARGE),
    ("off.csv", attachment.ELSEWHERE),
    ("http.csv", attachment.ELSEWHERE),
    ("as.csv", attachment.ELSEWHERE),
    ("file.csv", attachment.ELSEWHERE),
    ("round.csv", attachment.NO_ANSWER),
    ("nowhere.csv", attachment.NO_ANSWER),
    ("gone.csv", attachment.NO_ANSWER),
    ("half.csv", attachment.NO_ANSWER),
    ("packed.csv", attachment.NO_ANSWER),
]


@pytest.mark.parametrize(("name", "expected"), FETCHED, ids=[name for name, _ in FETCHED])
def test_a_file_comes_whole_or_not_at_all(server, name, expected):
    received = ask(server, FILES + name)
    assert received == (expected if isinstance(expected, bytes) else NotFetched(expected))


def test_a_file_that_drips_ends_in_time(server):
    begin = time.monotonic()
    assert ask(server, FILES + "endless.csv", timeout_s=0.3) == NotFetched(attachment.NO_ANSWER)
    assert time.monotonic() - begin < 2


def test_no_credential_and_no_proxy_goes_along(server, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("GH_TOKEN", "secret-token")
    assert ask(server, FILES + "away.csv") == b"from the store"
    sent = server[1]
    assert [path for path, _ in sent] == [FILES + "away.csv", "/object?token=1"]
    for _, headers in sent:
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
    assert "secret-token" not in json.dumps(sent)


def test_a_certificate_that_nobody_vouches_for_is_refused(server):
    hosts = Hosts(server[0].asked, server[0].onward)
    [ours] = hosts.asked
    assert fetch(f"https://{ours}{FILES}good.csv", hosts) == NotFetched(attachment.NO_ANSWER)


NOWHERE = [
    "http://github.com/user-attachments/files/1/a.csv",
    "https://github.com.example.org/user-attachments/files/1/a.csv",
    "https://github.com@example.org/user-attachments/files/1/a.csv",
    "https://example.org/user-attachments/files/1/a.csv",
    "https://github.com:8443/user-attachments/files/1/a.csv",
    "https://objects.githubusercontent.com/user-attachments/files/1/a.csv",
    "https://raw.githubusercontent.com/ana/x/main/a.csv",
    "https://github.com/ana/x/blob/main/a.csv",
    "https://github.com/ana/x/raw/main/files/1/a.csv",
    "https://github.com/user-attachments/files/1/../../../x/a.csv",
    "https://github.com/user-attachments/assets/1/a.csv",
    "https://github.com/user-attachments/files/one/a.csv",
    "https://GitHub.com/user-attachments/files/1/a.csv",
    "https://docs.google.com/spreadsheets/d/1/export?format=csv",
    "https://gіthub.com/user-attachments/files/1/a.csv",
    "https://[::1/user-attachments/files/1/a.csv",
    "ftp://github.com/user-attachments/files/1/a.csv",
    "",
]


@pytest.mark.parametrize("url", NOWHERE)
def test_no_other_address_is_asked(url):
    assert fetch(url) == NotFetched(attachment.ELSEWHERE)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv.zip", "a", "a.csv%00.png", "csv"])
def test_only_a_csv_is_asked_for(server, name):
    assert ask(server, FILES + name) == NotFetched(attachment.NOT_A_CSV)
    assert server[1] == []


def test_the_older_address_of_an_attachment_is_asked(server):
    assert ask(server, "/ana-b/follow.worthy/files/9/good.csv") == b"video\na\n"


def test_what_is_asked_of_github_itself_has_the_limits_of_a_file():
    given = inspect.signature(fetch).parameters
    assert given["most"].default == MAX_BYTES
    assert given["timeout_s"].default <= 60


def test_the_hosts_are_githubs():
    assert Hosts().asked == {"github.com"}
    endings = {host.split(".", 1)[1] for host in Hosts().onward - Hosts().asked}
    assert endings == {"githubusercontent.com"}


def test_the_profile_of_the_tests_is_like_the_forms():
    """The bytes that conftest calls right differ from the form's in what is another person's."""
    keys = {line.split(b" ")[0] for line in TOML.splitlines()}
    assert keys < {line.split(b" ")[0] for line in submission().toml.splitlines()}
