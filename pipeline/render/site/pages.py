"""Every page of the site, by its path below `reports/`."""

from pathlib import PurePosixPath

from pipeline.render.site.answer import page as answer
from pipeline.render.site.compare import page as compare
from pipeline.render.site.creators import index
from pipeline.render.site.data import page as data
from pipeline.render.site.history import page as history
from pipeline.render.site.how_sure import page as how_sure
from pipeline.render.site.layout.context import Edition
from pipeline.render.site.layout.page import PAGES
from pipeline.render.site.method import page as method
from pipeline.render.site.normal import page as normal

FOLDER = "creators"  # of the creators' own pages
NAMES = frozenset(PurePosixPath(file) for file, _ in PAGES)


def pages(edition: Edition) -> dict[PurePosixPath, bytes]:
    """Write the site."""
    written = {
        PurePosixPath("index.html"): answer.page(edition),
        PurePosixPath("compare.html"): compare.page(edition),
        PurePosixPath("normal.html"): normal.page(edition),
        PurePosixPath("creators.html"): index.page(edition),
        PurePosixPath("how-sure.html"): how_sure.page(edition),
        PurePosixPath("data.html"): data.page(edition),
        PurePosixPath("history.html"): history.page(edition),
        PurePosixPath("method.html"): method.page(edition),
    }
    own = index.pages(edition)
    return written | {PurePosixPath(FOLDER, f"{name}.html"): page for name, page in own.items()}
