"""What people read of a review, against texts that want to be more than text.

GitHub's own Markdown (cmarkgfm) makes a page of the body; the page is then searched. GitHub looks
for mentions, numbers and emoji after that, in every text that is not code.
"""

import dataclasses
import json
import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from pipeline.render.review.comment import MARK, Whole, apology_files
from pipeline.render.review.formats import ANSWERS, files
from pipeline.render.text.links import Links
from pipeline.review.authorization import Author, By, Decision
from pipeline.review.folder_changes import Folder, State
from pipeline.review.impact import effect
from pipeline.review.review import review
from pipeline.review.review_result import Request, Review
from pipeline.storage.git import TreeChange
from schema.problem import Problem, Severity
from schema.refusals import refusal
from support.contribution import DAY, TOML, csv_of
from support.git import Files, Repository, repository

pytestmark = pytest.mark.slow  # each runs git

SITE = "https://github.com/followworthy/followworthy"
LINKS = Links(SITE, 7)
LONGEST = 65_000
ELEMENTS = {
    *("h2", "h3", "p", "ul", "ol", "li", "code", "pre", "strong", "em", "a", "hr", "br"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "sub"),
}
CALLS = re.compile(r"@[A-Z0-9]|#[0-9]|\bGH-[0-9]|:[A-Z0-9_+-]+:", re.IGNORECASE)

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</code></li></ul><script>alert(1)</script>",
    "<!-- hidden",
    "--> <b>bold</b> <!--",
    "</details></summary>",
    "<a href='https://evil.example'>x</a>",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "https://evil.example/x",
    "x www.evil.example x",
    "mailto:evil@example",
    "xmpp:evil@example.x",
    "evil@@octocat @octocat @org/team",
    "#1 owner/repo#1 GH-1",
    ":smile: :+1:",
    "::error file=x::pwned",
    " ::add-mask::pwned",
    "##[group]pwned ##[error]pwned",
    "\x1b[31mred\x1b]0;title\x07",
    "right-\u202eto-left\u2066",
    "`", "``x``", "```x", "~~~", "`````````` x ``",
    "a|b|c |---|", "*bold* _it_ **b** ~~s~~", "# title", "> quote", "- item", "1. item", "+ x",
    "$x^2$ $$y$$", "&lt;b&gt; &#64;octocat &commat;octocat", "\\", "\\`", "&", "\t x",
    "==", "---", "***", "[ ] task", "[^1]", "x" * 300, "\udcff\udcfe", "",
    "e3c1f2a9b4d5e6f708192a3b4c5d6e7f8091a2b3", "%0A::error::x%0D", "{{ 1 }} ${{ 1 }} $(x)",
    "line\n```\n<img src=y onerror=alert(2)> @octocat\n::error::pwned\n## pwned",
    "line\u2028```\u2028<img src=z> @octocat", "line\r::error::pwned\r## pwned",
    "-->", "]]>", "<?x",
]  # fmt: skip


class Page(HTMLParser):
    """The elements, links, comments and texts outside code of a page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.odd: list[str] = []
        self.comments: list[str] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag not in ("hr", "br"):
            self.open.append(tag)
        for name, value in attrs:
            to_us = tag == "a" and name == "href" and (value or "").startswith(SITE + "/")
            of_ours = (tag, name, value) in (("pre", "lang", "toml"), ("ol", "start", "2"))
            aligned = tag in ("td", "th") and name == "align"
            if not (to_us or of_ours or aligned):
                self.odd.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.odd.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.open):
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.odd.append(decl)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)

    def unknown_decl(self, data: str) -> None:
        self.odd.append(data)


def page(markdown: str) -> Page:
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return Page(html)


def assert_harmless(markdown: str) -> Page:
    """Nothing on the page but what our own template makes."""
    assert markdown.startswith(MARK + "\n")
    assert len(markdown) <= LONGEST
    assert not [c for c in markdown if not c.isprintable() and c != "\n"]
    assert not [line for line in markdown.splitlines() if line.lstrip().startswith("::")]
    rendered = page(markdown)
    assert rendered.elements <= ELEMENTS
    assert (rendered.odd, rendered.open) == ([], [])
    assert {comment.strip() for comment in rendered.comments} <= {"", MARK[4:-3].strip()}
    assert [text for text in rendered.texts if CALLS.search(text)] == []
    return rendered


def assert_plain(text: str, commands: bool) -> None:
    """Neither a command that is not ours, nor a letter that a terminal would obey."""
    assert not [c for c in text if not c.isprintable() and c != "\n"]
    for line in text.split("\n"):
        if line.lstrip().startswith("::"):
            assert commands
            assert re.match(r"::(error|warning)( file=[^:,]+(,|::)|::[0-9]+ more )", line)
        else:
            assert "##[" not in line


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("markdown") / "origin.git")


BASE: Files = {
    "README.md": b"hello\n",
    "contributions/ana/creator.toml": TOML,
    "contributions/ana/a.csv": csv_of({}),
}


@pytest.fixture(scope="module")
def base(home: Repository) -> str:
    return home.commit(BASE, branch="refs/heads/main")


def judged(home: Repository, base: str, changed: Files, author: str = "octocat") -> Whole:
    head = home.commit(changed, base, message="@octocat #1 <img src=x> ::error::pwned")
    reviewed = review(home.path, Request(base, head, Author(author, 5), DAY))
    return Whole(reviewed, effect(reviewed, {}), LINKS)


@pytest.fixture(scope="module")
def one_more(home: Repository, base: str) -> Whole:
    """What is told of a file that is accepted."""
    return judged(home, base, {"contributions/ana/b.csv": csv_of({"video": "b"})})


def name_of(text: str) -> str:
    """What of a text a path may hold."""
    return text.replace("/", "∕").replace("\0", "")[:120] or "empty"


def in_names(text: str) -> Files:
    name = name_of(text)
    return {
        f"contributions/ana/{name}": b"x",
        f"contributions/ana/{name}.csv": b"x",
        f"contributions/ana/{name}/a.csv": b"x",
        f"contributions/{name}": b"x",
        f"contributions/{name}-x/a.csv": b"x",
        f"{name}.csv": b"x",
        f"reports/{name}": b"x",
        f"schema/{name}": b"x",
    }


def in_cells(text: str) -> Files:
    """A cell of each kind, each also with what a rule tells to take away, and a header."""
    text = text.encode("utf-8", "replace").decode()
    odd = (text, f" {text} ", f"{text}\u200b", f"{text}\u202ex", f"{text}\tx", text.upper())
    rows = [{"video": f"v{n}", "subject": cell} for n, cell in enumerate(odd)]
    rows += [{"video": cell} for cell in odd]
    rows += [
        {"video": f"w{n}", name: text} for n, name in enumerate(("views", "category", "sound"))
    ]
    rows += [{"video": f"x{n}", name: text} for n, name in enumerate(("posted_on", "has_cover"))]
    return {
        "contributions/ana/a.csv": csv_of(*rows),
        "contributions/ana/b.csv": csv_of({"video": "b", text or "x": text}),
        "contributions/ana/c.csv": f"{text}\n".encode() * 3,
    }


def in_profiles(text: str) -> Files:
    quoted = json.dumps(text.encode("utf-8", "replace").decode()).replace("\\ud", "\\\\ud")
    keys = ("github", "licence", "display", "credit", "language", "github_id", "consent")
    return {
        f"contributions/{name}/creator.toml": raw
        for name, raw in {
            "ana": b"".join(f"{key} = {quoted}\n".encode() for key in keys),
            "bea": TOML + f"{quoted} = 1\n".encode(),
            "cy": text.encode("utf-8", "surrogateescape"),
        }.items()
    }


def assert_told(whole: Whole) -> None:
    assert_harmless(ANSWERS["markdown"](whole))
    assert_plain(ANSWERS["text"](whole), commands=False)
    assert_plain(ANSWERS["github"](whole), commands=True)
    written = files(whole)
    assert json.loads(written["review.json"])["verdict"] == "refused"
    assert json.loads(written["check.json"])["version"] == 2
    kind = whole.review.scope.kind
    assert written["outputs"] == f"kind={kind}\nverdict=refused\n".encode()


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_a_hostile_text_is_text(home, base, text):
    assert_told(judged(home, base, in_cells(text) | in_profiles(text)))


@pytest.mark.parametrize("author", ["octocat", "stranger"])
@pytest.mark.parametrize("first", range(0, len(HOSTILE), 4))
def test_a_hostile_name_is_text(home, base, first, author):
    names = [in_names(text) for text in HOSTILE[first : first + 4]]
    changed = {path: raw for each in names for path, raw in each.items()}
    assert_told(judged(home, base, changed, author))


@pytest.mark.parametrize("text", HOSTILE[::4], ids=lambda t: ascii(t)[:30])
def test_what_is_accepted_is_text_too(home, base, text):
    """A label and a name that no rule refuses reach the page as text, or not at all."""
    label = "zzz" + "".join(c for c in text if c.isprintable())[:60]
    toml = TOML + f"display = {json.dumps(label)}\ncredit = {json.dumps(label)}\n".encode()
    rows = [{"video": f"{label} {n}", "views": str(900 + n)} for n in range(4)]
    changed = {"contributions/ana/creator.toml": toml, "contributions/ana/b.csv": csv_of(*rows)}
    whole = judged(home, base, changed)
    rendered = assert_harmless(ANSWERS["markdown"](whole))
    assert label not in "".join(rendered.texts)
    assert_plain(ANSWERS["github"](whole), commands=True)


def test_every_link_leads_to_our_page_at_the_commit(home, base):
    whole = judged(home, base, {"contributions/ana/a (b).csv": csv_of({"views": "1,2 "})})
    body = ANSWERS["markdown"](whole)
    path = f"blob/{whole.review.head}/contributions/ana/a%20%28b%29.csv"
    assert f"({SITE}/{path})" in body
    assert f"({SITE}/{path}?plain=1#L2)" in body


def test_without_a_page_there_is_no_link(home, base):
    whole = judged(home, base, in_names("[x](https://evil.example)"))
    body = ANSWERS["markdown"](dataclasses.replace(whole, links=Links()))
    assert "a" not in page(body).elements


def test_the_body_says_verdict_and_next_step_first(home, base):
    whole = judged(home, base, {"contributions/ana/a.csv": csv_of({"views": "1,200"})})
    mark, verdict, step, *_ = ANSWERS["markdown"](whole).split("\n\n")
    assert (mark, verdict[:3]) == (MARK, "## ")
    assert "1 thing to correct" in verdict
    assert step.startswith("**Next: you, the author.**")


def test_an_issue_names_no_command_for_a_file_that_is_on_nobodys_disk(home, base):
    wrong = csv_of({"video": "b", "views": "1,200"})
    pull = judged(home, base, {"contributions/ana/b.csv": wrong})
    issue = dataclasses.replace(pull, links=Links(is_issue=True))
    assert "python -m pipeline fix" in ANSWERS["markdown"](pull)
    assert "python -m" not in ANSWERS["markdown"](issue)
    assert "Write 1200" in ANSWERS["markdown"](issue)


def test_a_personal_text_is_never_shown(home, base):
    mail = "me@example.org"
    changed = {
        **in_cells(mail),
        "contributions/ana/creator.toml": TOML + f'credit = "{mail}"\n'.encode(),
    }
    whole = judged(home, base, changed)
    answers = [answer(whole).encode() for answer in ANSWERS.values()]
    for content in (*answers, *files(whole).values()):
        assert b"example.org" not in content


def problem(number: int, causes: int, file_count: int = 200) -> Problem:
    cause = number % causes
    return Problem(
        f"contributions/ana/{cause % file_count}.csv", number + 2, f"column {cause}", "@octocat",
        "rule", Severity.WARNING if cause % 7 == 6 else Severity.ERROR,
        f"Write <b>{cause}</b> " + "x" * 90,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "causes", "file_count"), [(200_000, 5_000, 200), (5_000, 5_000, 1), (20_000, 10, 2)]
)
def test_many_problems_are_told_within_the_limit(one_more, count, causes, file_count):
    problems = tuple(problem(number, causes, file_count) for number in range(count))
    changes = tuple(TreeChange(f"contributions/ana/{n}.csv", None, None) for n in range(file_count))
    scope = dataclasses.replace(one_more.review.scope, changes=changes)
    review = dataclasses.replace(one_more.review, problems=problems, scope=scope)
    whole = dataclasses.replace(one_more, review=review)
    body = ANSWERS["markdown"](whole)
    assert_harmless(body)
    shown = body.count("<sub>rule</sub>")
    more = [int(n.replace(",", "")) for n in re.findall(r"([0-9,]+) more kinds?\b", body)]
    assert shown + sum(more) == causes
    assert len(ANSWERS["github"](whole).split("::error")) <= 12


def many(whole: Whole, count: int) -> Review:
    names = [f"creator-{number}" for number in range(count)]
    folder = Folder("", State.CHANGED, Decision("", By.NOBODY), None, ())
    why = [
        refusal("not-your-folder", f"contributions/{n}", owner=f"o-{n}", author="x") for n in names
    ]
    why += [refusal("mixed-change", f"schema/{'<b>' * 40}{number}") for number in range(count)]
    return dataclasses.replace(
        whole.review,
        folders=tuple(dataclasses.replace(folder, creator=name) for name in names),
        refusals=tuple(why),
        problems=tuple(problem(number, 5_000) for number in range(5_000)),
    )


@pytest.mark.parametrize("count", [10, 300, 5_000])
def test_many_folders_and_refusals_are_told_within_the_limit(one_more, count):
    body = ANSWERS["markdown"](dataclasses.replace(one_more, review=many(one_more, count)))
    assert_harmless(body)
    assert count == 10 or " more" in body


def test_a_long_hint_is_told_within_the_limit(home, base):
    rows = [{"video": f"v{n}", "subject": " " + "@octocat <b>" * 5_000} for n in range(20)]
    whole = judged(home, base, {"contributions/ana/b.csv": csv_of(*rows)})
    rendered = assert_harmless(ANSWERS["markdown"](whole))
    assert any("more" in text or "like this" in text for text in rendered.texts)


def test_a_crash_is_told_without_the_data():
    try:
        int("@octocat <b>secret</b>")
    except ValueError as error:
        apology = apology_files(error, LINKS)
    body = apology["review.md"].decode()
    assert_harmless(body)
    assert "our fault, not yours" in body
    assert f"({SITE}/issues/new?" in body
    assert "pull-request=7" in body
    assert "secret" not in body
    assert apology["outputs"] == b"kind=nothing\nverdict=our-fault\n"


def test_the_json_is_complete(base, one_more):
    answer = json.loads(ANSWERS["json"](one_more))
    assert (answer["version"], answer["kind"], answer["verdict"]) == (2, "contribution", "accepted")
    assert (answer["base"], answer["head"], answer["behind"]) == (base, one_more.review.head, 0)
    assert answer["folders"][0]["rows"] == {"added": 1, "removed": 0, "changed": 0}
