"""A chart for a page: the SVG of its specification, inlined, with the finding in words."""

import re

from markupsafe import Markup

TAG = re.compile(r"<[^>]*>")
IDLE = re.compile(  # what a drawing says of its parts, where the whole has one text alternative
    r' (?:class|role|aria-roledescription|aria-hidden|font-family)="[^"]*"|(?<= )opacity="1" ?'
)
HEAD = re.compile(r"\A<svg [^>]*?width=\"([0-9.]+)\" height=\"([0-9.]+)\" viewBox=\"([0-9. -]+)\">")


def inline(svg: bytes, says: str) -> Markup:
    """Put an SVG into a page, as wide as it was drawn or as the page, whichever is less.

    `says` is what it shows, for those who cannot see it. Its colours are the page's variables.
    """
    text = svg.decode().strip()
    opening = HEAD.match(text)
    if opening is None:
        raise ValueError("this is not the SVG that a chart is drawn as")
    width, height, box = opening.groups()
    head = Markup(
        '<svg class="chart" role="img" aria-label="{}" width="{}" height="{}" viewBox="{}">'
    ).format(says, width, height, box)
    drawn = TAG.sub(lambda tag: IDLE.sub("", tag[0]), text[opening.end() :])
    return head + Markup(drawn)  # noqa: S704  # drawn by vl-convert, which escapes
