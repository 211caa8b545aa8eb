"""Every page of the site, by its path below `reports/`."""

from importlib import import_module
from pathlib import PurePosixPath

from pipeline.render.site.creators import index
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import PAGES

FOLDER = "creators"  # of the creators' own pages
NAMES = frozenset(PurePosixPath(file) for file, _, _ in PAGES)


def pages(edition: Edition) -> dict[PurePosixPath, bytes]:
    """Write the site."""
    written = {
        PurePosixPath(file): import_module(f"pipeline.render.site.{module}").page(edition)
        for file, _, module in PAGES
    }
    own = index.pages(edition)
    return written | {PurePosixPath(FOLDER, f"{name}.html"): page for name, page in own.items()}
