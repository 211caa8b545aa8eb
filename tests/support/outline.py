"""A page as text: every word of it, tables and the data of scripts by their size."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from lxml import html
from lxml.html import HtmlElement

MARKS = {
    "h1": "# ",
    "h2": "## ",
    "h3": "### ",
    "h4": "#### ",
    "summary": "+ ",
    "li": "- ",
    "dt": "- ",
    "dd": "  ",
    "figcaption": "figure: ",
    "legend": "group: ",
    "label": "field: ",
    "button": "button: ",
    "output": "output: ",
}
BLOCKS = {
    *MARKS,
    *("p", "div", "section", "article", "aside", "blockquote", "pre", "ul", "ol", "dl", "figure"),
    *("details", "fieldset", "form", "main", "table", "noscript"),
}


def outlines(pages: Mapping[PurePath, bytes]) -> dict[str, str]:
    """Outline every page, by the name of a file: `creators/ana.html` is creators-ana.txt."""
    return {"-".join(path.with_suffix(".txt").parts): outline(raw) for path, raw in pages.items()}


def outline(page: bytes) -> str:
    """Write down a page: its title and what it says, without the menu and the footer."""
    tree = html.document_fromstring(page.decode())
    title = f"title: {tree.findtext('head/title')}"
    return "".join(f"{line}\n" for line in [title, *_block(tree.find(".//main"))])


def _block(element: HtmlElement) -> Iterator[str]:
    """Write down a block and those in it, in the order of the page."""
    text: list[str] = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and _stands_alone(child):
            yield from _line(element, text)
            yield from _inner(child)
            text = []
        elif isinstance(child.tag, str):
            text.append(_inline(child))
        text.append(child.tail or "")
    yield from _line(element, text)


def _stands_alone(element: HtmlElement) -> bool:
    has_blocks = any(True for _ in element.iter(*BLOCKS))
    return has_blocks or element.tag == "script" or element.get("role") == "img"


def _inner(element: HtmlElement) -> Iterator[str]:
    if element.tag == "table":
        yield _table(element)
    elif element.tag == "script":
        yield from _data(element)
    elif element.get("role") == "img":
        yield "chart: " + " ".join(element.get("aria-label", "").split())
    else:
        yield from _block(element)


def _inline(element: HtmlElement) -> str:
    """Say what stands within a line; a control by its kind and its value."""
    if element.tag == "select":
        return f"[one of {len(element.findall('.//option'))}]"
    if element.tag == "input":
        return f"[{element.get('type', 'text')} {element.get('value', '')}]"
    inside = [element.text or ""] if element.tag not in ("svg", "style") else []
    for child in element:
        inside += [_inline(child), child.tail or ""] if isinstance(child.tag, str) else []
    words = "".join(inside) if element.tag not in ("svg", "style") else ""
    return f"[{words.strip()}]" if "verdict" in element.get("class", "").split() else words


def _line(element: HtmlElement, text: list[str]) -> Iterator[str]:
    words = " ".join("".join(text).split())
    if words:
        yield _mark(element) + words


def _mark(element: HtmlElement) -> str:
    if any("note" in each.get("class", "").split() for each in (element, *element.iterancestors())):
        return "! "
    return MARKS.get(element.tag, "")


def _table(element: HtmlElement) -> str:
    caption = element.find("caption")
    labels = (each.get("aria-label", "") for each in (element, *element.iterancestors()))
    name = _text(caption) if caption is not None else next(filter(None, labels), "")
    rows = element.findall(".//tr")
    columns = max((sum(int(c.get("colspan", 1)) for c in row) for row in rows), default=0)
    return f"table: {name}, {len(rows)} rows x {columns} columns"


def _data(element: HtmlElement) -> Iterator[str]:
    """Name what a script of the page is given, by key and size."""
    if element.get("type") == "application/json":
        data = json.loads(element.text or "{}")
        sizes = (
            f"{key}={len(value) if isinstance(value, list | dict) else value}"
            for key, value in data.items()
        )
        yield f"data: {element.get('id')} {', '.join(sizes)}"


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
