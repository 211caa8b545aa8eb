"""The charts of the answer, coloured by the page, with what they find in words."""

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.inference.published_line import Verdict
from pipeline.inference.results import Answer, Results
from pipeline.render.charts.findings_plot import SentenceMark, findings_plot
from pipeline.render.charts.forest_plot import forest
from pipeline.render.charts.reach_map import Place, reach_map
from pipeline.render.charts.theme import simulated_title
from pipeline.render.labels import levers
from pipeline.render.site.answer import headline
from pipeline.render.site.answer.cards import Card, by_verdict, named
from pipeline.render.site.layout.chart import inline
from pipeline.render.text.numbers import ratio

FIRST = 3  # places that the text of the map names where nothing is told


def whole_picture(findings: Results, answer: Answer, cards: Sequence[Card]) -> Markup | None:
    """Draw every line of a question, with its finding in words."""
    names = {card.variable: levers.versus(card.variable) for card in cards}
    drawn = forest(findings, answer, names)
    return inline(drawn, _says(cards)) if drawn else None


def _says(cards: Sequence[Card]) -> str:
    """Say what the chart of all lines shows."""
    counts = ", ".join(f"{len(held)} {verdict}" for verdict, held in by_verdict(cards))
    said = [
        f"{levers.contrast(card.variable)}: {levers.times(card.question, card.line)},"
        f" {levers.between(card.line)}."
        for card in named(cards)
    ]
    return " ".join([f"{levers.count(len(cards), 'comparison')}, by ratio: {counts}.", *said])


def drawn_findings(findings: Results) -> bytes | None:
    """Draw what is clear or likely as SVG bytes; None where nothing is."""
    said = headline.sure(headline.all_statements(findings))[: headline.SHOWN]
    marks = [
        SentenceMark(f"{each.sentence}.", each.verdict, each.ratio, each.ends) for each in said
    ]
    return findings_plot(marks, simulated_title(findings, has_truth=False))


def reach_picture(findings: Results, cards: Sequence[Card]) -> Markup | None:
    """Draw reach against conversion, with its finding in words."""
    drawn = drawn_map(findings, cards)
    return inline(drawn, map_says(cards)) if drawn else None


def drawn_map(findings: Results, cards: Sequence[Card]) -> bytes | None:
    """Draw reach against conversion as SVG bytes; None where no line has both."""
    places = [place for card in cards if (place := _place(card))]
    return reach_map(places, simulated_title(findings, has_truth=False))


def map_says(cards: Sequence[Card]) -> str:
    """Say what the map shows; "" where no line has both."""
    places = [place for card in cards if (place := _place(card))]
    if not places:
        return ""
    named_places = [
        place for place in places if place.verdict in (Verdict.CLEAR, Verdict.LIKELY)
    ] or places[:FIRST]
    said = [
        f"{each.name}: {ratio(each.reach)} × the views, {ratio(each.conversion)} × the followers"
        " per 1,000 views."
        for each in named_places
    ]
    count = levers.count(len(places), "comparison")
    return " ".join([f"{count}, by views and by followers per 1,000 views.", *said])


def _place(card: Card) -> Place | None:
    """Find where a card lies on the map; None where it has only one half."""
    reach, conversion = card.reach, card.conversion
    if not reach or not conversion:
        return None
    name, ends = levers.short(card.variable), (reach.ends, conversion.ends)
    return Place(name, card.surer, reach.ratio, conversion.ratio, *ends)
