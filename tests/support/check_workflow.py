"""Runs of the check workflow on requests, and their crashes."""

from workflows.contributions import contribution
from workflows.events import pull_request

CSV = "contributions/ana/videos.csv"


# A rule that breaks, and a module that cannot even be read.
CRASHES = {
    "in a rule": {"schema/row_rules.py": b"\n\ndef _true(mask):\n    return 1 / 0\n"},
    "at import": {"pipeline/review/review.py": b"\n\nraise RuntimeError\n"},
}


# Whether the review could still say it, or the workflow says it for it.
APOLOGY = (
    "It is **our fault, not yours**",
    "\n\n**Next: a maintainer.** ",
    "[Open the issue (it is filled in)](",
    "), or wait: we look at every one.\n",
)


def ana(old=b"", new=b""):
    files = contribution("ana", "ana")
    return files | {CSV: files[CSV].replace(old, new, 1)}


def crash(world, files):
    world.commit({name: world.read(name) + content for name, content in files.items()})


def judge(world, pull):
    return world.run("check.yml", pull_request(pull), at=pull["merge_commit_sha"])
