"""Write down every page in every state: `python tests/golden/write.py [STATE ...]`."""

import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE.parent)]

from pipeline.render.site.pages import pages  # noqa: E402  # found from the root
from support.outline import outlines  # noqa: E402  # found from the root
from support.site_states import STATES  # noqa: E402  # found from the root


def main(states: list[str]) -> None:
    """Write a folder for each state in place of the last one."""
    with tempfile.TemporaryDirectory() as shared:
        for state in states or STATES:
            edition = STATES[state](Path(shared))
            folder = HERE / state
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name, text in outlines(pages(edition)).items():
                (folder / name).write_text(text, encoding="utf-8")
            print(f"{state}: {len(list(folder.iterdir()))} pages")


if __name__ == "__main__":
    main(sys.argv[1:])
