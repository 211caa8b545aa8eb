"""What the nightly check tells the maintainers of a pool with errors, as Markdown for an issue."""

from collections import Counter
from collections.abc import Sequence

from pipeline.dataset.check import Accepted, Refused, is_not_judged
from pipeline.render.check.problems import count
from pipeline.render.text.escape import code, inert
from schema.maintained import broken_setting, no_such_folder
from schema.problem import Problem, Severity, total

SHOWN = 50  # folders
OF_MAINTAINERS = (broken_setting.slug, no_such_folder.slug)
NEXT = """\
The report leaves these folders out until it is settled. **What to do next (maintainers):**

1. `python -m pipeline check` on `main` shows each line, and what to write there.
2. Two folders with `id-of-two-creators`: each pull request was right alone. Ask both whose video it
   is; the other deletes the row.
3. One folder: ask its creator to correct it, or set it aside (MAINTAINING.md, "Set a folder
   aside").
4. A rule that became stricter: MAINTAINING.md, "Tighten a rule".
5. A folder that was not judged: something of ours broke on it, and nobody else can mend it
   (MAINTAINING.md, "When something was not judged")."""


def as_markdown(verdicts: Sequence[Accepted | Refused], problems: Sequence[Problem]) -> str:
    """Name the folders that have errors, with how many, and what to do next."""
    ours = [problem for problem in problems if problem.rule in OF_MAINTAINERS]
    errors = [p for p in problems if p.severity is Severity.ERROR and p.rule not in OF_MAINTAINERS]
    folders: Counter[str] = Counter()
    for problem in errors:
        folders["/".join(problem.file.split("/")[:2])] += total([problem])
    refused = {each.place for each in verdicts if isinstance(each, Refused)}
    for place in refused - set(folders):
        folders[place] = 0
    if not folders and not ours:
        return f"All is well: {count(len(verdicts), 'creator')}."
    broken = {problem.file for problem in errors if is_not_judged(problem)}
    lines = [
        f"- {code(name, 80)}: {'not judged (our fault)' if name in broken else count(n, 'error')}"
        for name, n in sorted(folders.items())
    ]
    more = [f"- and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    parts = ["Folders on `main` that are not accepted:", "", *lines[:SHOWN], *more, "", NEXT]
    return "\n".join([*_of_maintainers(ours), *(parts if folders else [])])


def _of_maintainers(problems: Sequence[Problem]) -> list[str]:
    """Name what is wrong with the files that maintainers edit, a line each."""
    if not problems:
        return []
    lines = [f"- {code(_place(each), 100)}: {inert(each.hint)}" for each in problems[:SHOWN]]
    more = [f"- and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    head = (
        "Files of the maintainers on `main` with an error; no report is written until it is gone:"
    )
    return [head, "", *lines, *more, ""]


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file
