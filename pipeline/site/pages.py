"""Every page of the site, by its path below `reports/`."""

from pathlib import PurePosixPath

from pipeline.site import answer, compare, creators, data, history, how_sure, method, normal
from pipeline.site.edition import Edition
from pipeline.site.shell import PAGES

FOLDER = "creators"  # of the creators' own pages
NAMES = frozenset(PurePosixPath(file) for file, _ in PAGES)


def pages(edition: Edition) -> dict[PurePosixPath, bytes]:
    """Write the site."""
    written = {
        PurePosixPath("index.html"): answer.page(edition),
        PurePosixPath("compare.html"): compare.page(edition),
        PurePosixPath("normal.html"): normal.page(edition),
        PurePosixPath("creators.html"): creators.page(edition),
        PurePosixPath("how-sure.html"): how_sure.page(edition),
        PurePosixPath("data.html"): data.page(edition),
        PurePosixPath("history.html"): history.page(edition),
        PurePosixPath("method.html"): method.page(edition),
    }
    own = creators.pages(edition)
    return written | {PurePosixPath(FOLDER, f"{name}.html"): page for name, page in own.items()}
