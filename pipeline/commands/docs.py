"""`docs`: write the parts of CONTRIBUTING.md that derive from `schema/`."""

from pathlib import Path

from pipeline.commands.app import app
from pipeline.storage import atomic_files


@app.command(hidden=True)
def docs() -> None:
    """Write the parts of CONTRIBUTING.md that derive from schema/."""
    from pipeline.render.text.contributing import derived

    path = Path("CONTRIBUTING.md")
    atomic_files.replace_file(path, derived(path.read_text(encoding="utf-8")).encode())
