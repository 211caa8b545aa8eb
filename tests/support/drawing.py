"""What stands where in a chart: every text and mark of an SVG at its place on the sheet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

SHIFT = re.compile(r"translate\(([-\d.]+),([-\d.]+)\)")
ROLE = re.compile(r"role-([\w-]+)")


@dataclass(frozen=True)
class Drawn:
    """An element: of the data ("mark"), or of a legend, an axis or a title."""

    role: str
    tag: str
    x: float
    y: float
    look: dict[str, str]
    text: str

    @property
    def end(self) -> tuple[float, float]:
        """Where a line ends."""
        return self.x + float(self.look.get("x2", 0)), self.y + float(self.look.get("y2", 0))


def drawing(svg: bytes) -> list[Drawn]:
    """List what a chart draws."""
    return list(_of(ElementTree.fromstring(svg), 0.0, 0.0, ""))  # noqa: S314  # our own picture


def _of(element: ElementTree.Element, x: float, y: float, role: str) -> Iterator[Drawn]:
    if match := SHIFT.search(element.get("transform", "")):
        x, y = x + float(match[1]), y + float(match[2])
    names = [n for n in ROLE.findall(element.get("class", "")) if n not in ("frame", "scope")]
    role = names[0] if names else role
    tag = element.tag.rpartition("}")[2]
    if tag in ("text", "line") or (tag == "path" and not element.get("class")):
        yield Drawn(role, tag, x, y, dict(element.attrib), "".join(element.itertext()))
    for child in element:
        if tag != "text":
            yield from _of(child, x, y, role)


def texts(svg: bytes) -> list[str]:
    """List what a chart says, in the order of the file."""
    return [each.text for each in drawing(svg) if each.tag == "text"]


def points(svg: bytes, colour: str = "") -> list[Drawn]:
    """List the symbols of the data, or those of one colour."""
    return [
        each
        for each in drawing(svg)
        if each.role == "mark" and each.tag == "path" and "transform" in each.look
        if colour in (each.look.get("fill"), each.look.get("stroke"), "")
    ]


def rules(svg: bytes, width: float) -> list[Drawn]:
    """List the straight lines of the data that are so thick."""
    return [
        each
        for each in drawing(svg)
        if each.role == "mark" and each.tag == "line"
        if float(each.look.get("stroke-width", 1)) == width
    ]
