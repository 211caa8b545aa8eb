"""`docs`: write the parts of CONTRIBUTING.md that derive from `schema/`."""

from pathlib import Path

import typer

from pipeline.commands.app import app, say
from pipeline.render.check.problems import paragraphs
from pipeline.storage import atomic_files
from schema.catalogue import unasked


@app.command(hidden=True)
def docs() -> None:
    """Write the parts of CONTRIBUTING.md that derive from schema/."""
    from pipeline.render.text.contributing import derived

    path = Path("CONTRIBUTING.md")
    atomic_files.replace_file(path, derived(path.read_text(encoding="utf-8")).encode())
    if forgotten := unasked():
        say("\n".join(paragraphs(forgotten)))
        raise typer.Exit(1)
