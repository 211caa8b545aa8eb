"""Every page of the site, by its path below `reports/`."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import PurePosixPath

from pipeline.render.site.creators import index
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import PAGES

FOLDER = "creators"  # of the creators' own pages
AT_ONCE = 3  # one is drawn, one is written
NAMES = frozenset(PurePosixPath(file) for file, _, _ in PAGES)


def pages(edition: Edition) -> dict[PurePosixPath, bytes]:
    """Write the site: while one page waits for a drawing, another is written."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        own = threads.submit(index.pages, edition)
        modules = [import_module(f"pipeline.render.site.{module}") for _, _, module in PAGES]
        written = threads.map(lambda module: module.page(edition), modules)
    return {
        **{PurePosixPath(file): page for (file, *_), page in zip(PAGES, written, strict=True)},
        **{PurePosixPath(FOLDER, f"{name}.html"): page for name, page in own.result().items()},
    }
