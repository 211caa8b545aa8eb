"""The charts of the answer, coloured by the page, with what they find in words."""

from collections.abc import Sequence

from markupsafe import Markup

from pipeline.inference.results import Answer, Results
from pipeline.inference.verdicts import CLEAR, LEANING
from pipeline.render.charts.forest_plot import forest
from pipeline.render.charts.reach_map import Place, reach_map
from pipeline.render.charts.theme import PAGE, simulated_title
from pipeline.render.labels import levers
from pipeline.render.site.answer import cards
from pipeline.render.site.answer.cards import Card
from pipeline.render.site.layout.chart import inline
from pipeline.render.text.numbers import ratio

FIRST = 3  # places that the text of the map names where nothing is told


def whole_picture(findings: Results, answer: Answer, of: Sequence[Card]) -> Markup | None:
    """Draw every line of a question, with its finding in words."""
    names = {card.variable: levers.versus(card.variable) for card in of}
    drawn = forest(findings, answer, PAGE, names)
    return inline(drawn, _says(of)) if drawn else None


def _says(of: Sequence[Card]) -> str:
    """Say what the chart of all lines shows."""
    counts = ", ".join(f"{len(held)} {verdict}" for verdict, held in cards.by_verdict(of))
    said = [
        f"{levers.contrast(card.variable)}: {levers.times(card.question, card.line)},"
        f" {levers.between(card.line)}."
        for card in cards.named(of)
    ]
    return " ".join([f"{levers.count(len(of), 'comparison')}, by ratio: {counts}.", *said])


def reach_picture(findings: Results, of: Sequence[Card]) -> Markup | None:
    """Draw reach against conversion, with its finding in words."""
    drawn = drawn_map(findings, of, PAGE)
    return inline(drawn, map_says(of)) if drawn else None


def drawn_map(findings: Results, of: Sequence[Card], theme: str) -> bytes | None:
    """Draw reach against conversion as SVG bytes; None where no line has both."""
    places = [place for card in of if (place := _place(card))]
    return reach_map(places, theme, simulated_title(findings, has_truth=False))


def map_says(of: Sequence[Card]) -> str:
    """Say what the map shows."""
    places = [place for card in of if (place := _place(card))]
    told = [place for place in places if place.verdict in (CLEAR, LEANING)] or places[:FIRST]
    said = [
        f"{each.name}: {ratio(each.reach)} × the views, {ratio(each.conversion)} × the followers"
        " per 1,000 views."
        for each in told
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
