"""The site as files: every link leads somewhere, nothing is let in, nothing is too heavy."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from lxml import html

from support.browser import pages_in
from support.contribution import ROOT

STATES = ("empty", "one", "three", "nine", "unsure", "narrow", "examples")
ELSEWHERE = ("creativecommons.org", "github.com")  # where a link may lead besides the site
HEAVIEST = 200_000  # bytes of the front page
pytestmark = pytest.mark.slow


def tree_of(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("state", STATES)
def test_every_link_of_the_site_leads_somewhere(state, site_of):
    folder = site_of(state)
    trees = {path: tree_of(path) for path in pages_in(folder)}
    ids = {path: set(tree.xpath("//@id")) for path, tree in trees.items()}
    missed = []
    for path, tree in trees.items():
        for link in tree.xpath("//@href | //@src | //@action | //@for | //@aria-describedby"):
            missed += [(path.name, str(link))] if _is_missed(path, link, folder, ids) else []
    assert missed == []


def _is_missed(path: Path, link, folder: Path, ids: dict[Path, set[str]]) -> bool:
    if link.attrname in ("for", "aria-describedby"):
        return not set(link.split()) <= ids[path]
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file() or folder.resolve() not in target.resolve().parents:
        return True
    return bool(parts.fragment) and parts.fragment not in ids.get(target, set())


@pytest.mark.parametrize("state", STATES)
def test_links_to_elsewhere_are_https_and_listed(state, site_of, edition_of):
    hosts = {*ELSEWHERE, urlsplit(edition_of(state).repository).netloc}
    for path in pages_in(site_of(state)):
        for link in tree_of(path).xpath("//@href | //@src | //@action"):
            parts = urlsplit(link)
            if link != "data:," and (parts.scheme or parts.netloc):
                assert (parts.scheme, parts.netloc in hosts) == ("https", True), (path.name, link)


@pytest.mark.parametrize("state", STATES)
def test_every_page_has_a_policy_that_lets_nothing_in(state, site_of):
    for path in pages_in(site_of(state)):
        tree = tree_of(path)
        first = next(each for each in tree.find("head") if each.get("charset") is None)
        assert first.get("http-equiv") == "Content-Security-Policy", path.name
        rules = dict(rule.strip().split(" ", 1) for rule in first.get("content").split(";"))
        assert rules.pop("default-src") == rules.pop("base-uri") == "'none'", path.name
        assert rules.pop("form-action") == "'none'", path.name
        assert rules.pop("img-src", "'none'") in ("'none'", "data:"), path.name
        for name, allowed in rules.items():
            assert name in ("style-src", "script-src"), (path.name, name)
            assert re.fullmatch(r"('sha256-[A-Za-z0-9+/]+=*' ?)+", allowed), (path.name, allowed)
        assert not tree.xpath("//@style | //@*[starts-with(name(), 'on')]"), path.name
        runs = [s for s in tree.iter("script") if s.get("type") != "application/json"]
        assert len(runs) <= 1, path.name
        assert ("script-src" in rules) == bool(runs), path.name


@pytest.mark.parametrize("state", STATES)
def test_the_front_page_is_light_and_runs_nothing(state, site_of):
    front = site_of(state) / "index.html"
    assert front.stat().st_size <= HEAVIEST
    assert list(tree_of(front).iter("script")) == []


@pytest.mark.parametrize("state", STATES)
def test_headings_are_in_order_and_controls_and_tables_have_names(state, site_of):
    for path in pages_in(site_of(state)):
        tree = tree_of(path)
        levels = [int(each.tag[1]) for each in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels.count(1) == 1, path.name
        assert levels[0] == 1, path.name
        steps = pairwise(levels)
        assert all(after <= before + 1 for before, after in steps), (path.name, levels)
        for table in tree.iter("table"):
            regions = table.xpath("ancestor-or-self::*[@aria-label]")
            assert table.find("caption") is not None or regions, path.name
            assert not [cell for cell in table.iter("th") if not cell.get("scope")], path.name
        assert len(tree.xpath("//@id")) == len(set(tree.xpath("//@id"))), path.name


@pytest.mark.parametrize("state", STATES)
def test_no_page_shows_what_only_a_program_says(state, site_of):
    for path in pages_in(site_of(state)):
        tree = tree_of(path)
        for each in tree.xpath("//script | //style | //pre"):
            each.drop_tree()
        match = re.search(
            r"\bnan\b|\bNaN\b|\bNone\b(?! of )|\bundefined\b|\binf\b|\{\{|\}\}|\{%|<bound",
            tree.text_content(),
        )
        assert match is None, (path.name, match and tree.text_content()[match.start() - 60 :][:120])


@pytest.mark.parametrize("state", STATES)
def test_simulated_data_is_labelled_on_every_page_and_real_data_is_not(state, site_of, edition_of):
    label = "These numbers are simulated."
    for path in pages_in(site_of(state)):
        labelled = label in tree_of(path).find(".//main").text_content()
        assert labelled == edition_of(state).simulated, path.name


def test_only_those_who_asked_for_a_page_have_one(site_of, edition_of):
    for state in STATES:
        asked = {n for n, each in edition_of(state).findings.profiles.items() if each.page}
        own = {path.stem for path in (site_of(state) / "creators").glob("*.html")}
        assert own == asked, state


@pytest.mark.parametrize("state", STATES)
def test_the_same_edition_gives_the_same_bytes(state, site_of, edition_of):
    from pipeline.render.site.pages import pages

    folder = site_of(state)
    again = pages(edition_of(state))
    assert {folder / path for path in again} == set(pages_in(folder))
    assert [path for path, raw in again.items() if (folder / path).read_bytes() != raw] == []


def _figures() -> list[Path]:
    return sorted((ROOT / "reports" / "figures").glob("*.svg"))


@pytest.mark.parametrize("figure", _figures(), ids=lambda path: path.stem)
def test_a_committed_figure_is_well_formed_and_only_drawn(figure):
    tree = ElementTree.fromstring(figure.read_bytes())  # noqa: S314  # written by ourselves
    names = {each.tag.rpartition("}")[2].lower() for each in tree.iter()}
    assert not names & {"script", "foreignobject", "a", "image", "iframe", "use", "style"}
    attributes = {name.rpartition("}")[2].lower() for each in tree.iter() for name in each.attrib}
    assert not {name for name in attributes if name == "href" or name.startswith("on")}


class _Balance(HTMLParser):
    """Notes tags that are closed where they were not opened."""

    VOID = ("meta", "link", "br", "hr", "img", "input", "col", "wbr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open += [tag] if tag not in self.VOID else []

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{self.getpos()}: </{tag}>")


@pytest.mark.parametrize("state", STATES)
def test_every_tag_is_closed_where_it_was_opened(state, site_of):
    for path in pages_in(site_of(state)):
        reader = _Balance()
        reader.feed(path.read_text(encoding="utf-8"))
        assert (reader.wrong[:3], reader.open) == ([], []), path.name
