"""Who may change a folder: the base's creator.toml decides, the number before the login."""

import pytest

from pipeline.review.authorization import MAX_CODEOWNERS, Author, By, alike, decide, maintainers


def toml(login: str = "ana-login", number: int | None = None) -> bytes:
    return f'github = "{login}"\n'.encode() + (f"github_id = {number}\n" if number else "").encode()


OWNER, NEWCOMER, NOBODY, UNKNOWN = By.OWNER, By.NEWCOMER, By.NOBODY, By.UNKNOWN
WRONG_ID, NOT_YOURS, NAMES = ["wrong-github-id"], ["not-your-folder"], ["names-another"]
ANOTHER, NOBODYS = ["another-account"], ["nobodys-folder"]
EXAMPLES, SIMULATED = ["maintainers-only"], b"simulated = true\n"
HUGE = b"github_id = 0x" + b"f" * 100 + b"\n"
ANA, BEA = Author("ana-login", 1), Author("bea-login", 2)
# name → (before, after, author, role, slugs, login that takes it over); before None: a new folder
CASES = {
    "its owner": (toml(), toml(), ANA, OWNER, [], None),
    "its owner, in capitals": (toml("Ana-Login"), toml(), ANA, OWNER, [], None),
    "its owner, number known": (toml(number=1), toml(number=1), ANA, OWNER, [], None),
    "its owner, number added": (toml(), toml(number=1), ANA, OWNER, [], None),
    "its owner, another's number added": (toml(), toml(number=2), ANA, OWNER, WRONG_ID, None),
    "its owner, number taken out": (toml(number=1), toml(), ANA, OWNER, [], None),
    "its owner, number not given": (toml(number=1), toml(), Author("ana-login"), OWNER, [], None),
    "its owner by number, login changed": (toml("old", 1), toml("old", 1), ANA, OWNER, [], None),
    "its owner by number, new login noted": (toml("old", 1), toml(number=1), ANA, OWNER, [], None),
    "its owner deletes it": (toml(), None, ANA, OWNER, [], None),
    "its owner breaks creator.toml": (toml(), b"github = ", ANA, OWNER, [], None),
    "its owner hands it over": (toml(), toml("bea-login"), ANA, OWNER, [], "bea-login"),
    "a stranger": (toml(), toml(), BEA, NOBODY, NOT_YOURS, None),
    "a stranger names himself": (toml(), toml("bea-login", 2), BEA, NOBODY, NOT_YOURS, None),
    "a stranger deletes it": (toml(), None, BEA, NOBODY, NOT_YOURS, None),
    "a stranger, old login": (toml(number=7), toml(number=7), ANA, NOBODY, ANOTHER, None),
    "a stranger whose login begins alike": (toml("ana"), toml(), ANA, NOBODY, NOT_YOURS, None),
    "nobody is named": (b"", toml(), ANA, NOBODY, NOBODYS, None),
    "nobody can be read": (b'github = "\xff"', toml(), ANA, NOBODY, NOBODYS, None),
    "a deep nest is named": (b"x = " + b"[" * 9_000, toml(), ANA, NOBODY, NOBODYS, None),
    "a list is named": (b'github = ["ana-login"]', toml(), ANA, NOBODY, NOBODYS, None),
    "a login that none can be": (toml("ana login"), toml(), ANA, NOBODY, NOBODYS, None),
    "a number that is a truth": (toml() + b"github_id = true\n", toml(), ANA, OWNER, [], None),
    "a mark before the text": (b"\xef\xbb\xbf" + toml(), toml(), ANA, OWNER, [], None),
    "new, by its namer": (None, toml(), ANA, NEWCOMER, [], None),
    "new, by its namer, in capitals": (None, toml("ANA-LOGIN"), ANA, NEWCOMER, [], None),
    "new, with the number": (None, toml(number=1), ANA, NEWCOMER, [], None),
    "new, with another's number": (None, toml(number=2), ANA, NEWCOMER, WRONG_ID, None),
    "new, number not given": (None, toml(number=2), Author("ana-login"), NEWCOMER, [], None),
    "new, naming another": (None, toml(), BEA, NOBODY, NAMES, None),
    "new, another's login": (None, toml(number=2), BEA, NOBODY, NAMES, None),
    "new, without creator.toml": (None, None, ANA, NEWCOMER, [], None),
    "simulated, by its owner": (toml() + SIMULATED, toml(), ANA, NOBODY, EXAMPLES, None),
    "made simulated by its owner": (toml(), toml() + SIMULATED, ANA, NOBODY, EXAMPLES, None),
    "new and simulated": (None, toml() + SIMULATED, ANA, NOBODY, EXAMPLES, None),
    "simulated and deleted": (toml() + SIMULATED, None, ANA, NOBODY, EXAMPLES, None),
    "a number of 100 digits": (toml() + HUGE, toml() + HUGE, ANA, NOBODY, ANOTHER, None),
    "author unknown": (toml(), toml("bea-login"), Author(), UNKNOWN, [], None),
    "author unknown, new": (None, toml(), Author(), UNKNOWN, [], None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "author", "by", "slugs", "to"), CASES.values(), ids=list(CASES)
)
def test_who_may_change_a_folder(before, after, author, by, slugs, to):
    decision = decide("ana", before, after, author, is_new=before is None)
    assert (decision.by, [why.slug for why in decision.refusals], decision.hands_over_to) == (
        by,
        slugs,
        to,
    )
    assert {why.path.split("/")[1] for why in decision.refusals} <= {"ana"}
    assert not [why for why in decision.refusals if "{" in why.said + why.next]


OWNERS = [
    (None, set()),
    (b"", set()),
    (b"* @Octocat @hubot\n", {"octocat", "hubot"}),
    (b"# * @octocat\n", set()),
    (b"*  @octocat # and @hubot\n", {"octocat"}),
    (b"/docs/\t@octocat\n/x @hubot", set()),
    (b"/contributions/\t@octocat\n** @hubot", {"octocat", "hubot"}),
    (b"contributions/** @octocat\n/contributions/ana/ @ana", {"octocat"}),
    (b"*.csv @octocat\n/contributions/*.md @hubot\n/contributions-old/ @hubot", set()),
    (b"\xef\xbb\xbf* @octocat\n", {"octocat"}),
    (b"# " + b"x" * 5_000 + b"\n* @octocat-of-a-long-login\n", {"octocat-of-a-long-login"}),
    (b"* @" + b"x" * 40 + b"\n", set()),
    (b"* @first\n* @last\n", {"last"}),
    (b"* @boss\n/contributions/ @curator\n/contributions @later\n", {"boss", "later"}),
    (b"* @boss\n*\n", set()),
    ("# a comment\u2028* @octocat\n".encode(), set()),
    (b"# a comment\x0b* @octocat\r* @octocat\n", set()),
    ("*\u00a0@octocat\n".encode(), set()),
    (b"* @octocat#x\n", set()),
    (b"* @octocat #x @hubot\n", {"octocat"}),
    (b"* @octocat\n#" + b"x" * MAX_CODEOWNERS, set()),
    (b"* @org/team me@example.org @octocat\n", {"octocat"}),
    (b"@types @octocat\n", set()),
    (b"@types\n", set()),
    (b"* @octo.cat @ @@a octocat\n", set()),
    (b"* @octo\xffcat @hubot\r\n* @hubot\r\n", {"hubot"}),
]


@pytest.mark.parametrize(
    ("raw", "logins"), OWNERS, ids=lambda v: ascii(sorted(v) if isinstance(v, set) else v)[:30]
)
def test_maintainers_are_the_logins_of_codeowners(raw, logins):
    assert maintainers(raw) == logins


ALIKE = [
    ("Ana", "ana"), ("аna", "ana"), ("ana-1", "ana-l"), ("ana-0", "ana-o"), ("ana1", "ana-1"),
    ("ａｎａ", "ana"), ("ana_", "ana"), ("arnie", "amie"), ("vvolf", "wolf"), ("ana\u200b", "ana"),
    ("ana\u202e", "ana"), ("áná", "ana"), ("ana ", "ana"), ("an-a", "ana"), ("ana.", "ana"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "other"), ALIKE, ids=ascii)
def test_a_name_that_can_be_mistaken_is_refused(name, other):
    refusal = alike(name, {"bea", other})
    assert refusal is not None
    assert refusal.slug == "name-too-alike"
    assert f"contributions/{other}/" in refusal.said


@pytest.mark.parametrize("name", ["anna", "ana-2", "bob", "example-ana", "anab"])
def test_a_name_of_its_own_is_fine(name):
    assert alike(name, {"ana", "bea"}) is None
