"""The templates of pages, and what Markdown text goes through in them."""

from collections.abc import Callable, Mapping
from typing import Any

import jinja2

from pipeline.dataset.pool import Pool
from pipeline.render.text.escape import markdown
from pipeline.render.text.numbers import ratio, short, whole


def no_video(pool: Pool) -> str:
    """Say, without the full stop, why no video is in an empty pool."""
    if pool.has_real:
        return "Real creators are here, but none of their videos can be counted now"
    return "No video is in the pool yet"


def markdown_page(name: str, filters: Mapping[str, Callable[..., str]], **values: Any) -> bytes:
    """Fill a Markdown template; contributors' text goes through its filter `md`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline.render.markdown", ""),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # Markdown: contributors' text goes through `md`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"md": markdown, "n": whole, "ratio": ratio, "number": short, **filters}
    environment.globals["no_video"] = no_video
    return environment.get_template(name).render(**values).encode()
