"""The effect of a pull request: as Markdown, as lines of text, and as values for JSON."""

from collections.abc import Callable, Iterator, Sequence

from pipeline.render.check.problems import count
from pipeline.render.review import creator_summary
from pipeline.render.text.escape import code, inert, plain
from pipeline.render.text.links import Links
from pipeline.render.text.numbers import ratio, whole
from pipeline.render.text.words import capital
from pipeline.review.anomalies import Anomaly
from pipeline.review.estimate_changes import Consequence, EstimateChange, Shown
from pipeline.review.impact import Impact

MOST_SHIFTS = 40  # shown of one question
MOST_PLACES = 5  # rows named of one question
NO_CHANGE = "**No material change.** A reader of the report would see no difference."
READ = (
    "<sub>1.50 means half as many again, 0.80 a fifth fewer; the 95 % interval is in brackets."
    "{weight}</sub>"
)
WEIGHT = " “Weight” is how much of what is known about a comparison comes from this folder."
HOW = (
    "<sub>{made} A comparison changes materially if it moves by a quarter of its standard error, "
    "if that error changes by a tenth, if its direction changes, or if its interval starts or "
    "stops excluding no difference.</sub>"
)
STEP = "A quick preview; the next report computes everything again and may differ a little."
EXACT = "Exactly as the next report will compute it."


def sections(effect: Impact | None, *, tables: bool = True) -> list[str]:
    """Write the parts of the body that tell the effect; the tables only where there is room."""
    if effect is None:
        return []
    changes = ["### What it changes in the report", *_consequences(effect, tables=tables)]
    return [*(creator_summary.section(each) for _, each in effect.summaries), "\n\n".join(changes)]


def anomalies(effect: Impact | None, links: Links, head: str) -> list[str]:
    """Write what a maintainer may want to ask, an item each."""
    return [_anomaly(anomaly, links, head) for _, anomaly in effect.anomalies] if effect else []


def _consequences(effect: Impact, *, tables: bool) -> Iterator[str]:
    touched = [each for each in effect.consequences if each.is_touched]
    whys = {each.why for each in touched}
    if not any(each.is_material for each in touched):
        yield NO_CHANGE + (f" ({_counts(touched[0])}.)" if touched else "")
    elif len(whys) == 1 and (why := whys.pop()):
        yield f"{inert(capital(why))}."
    else:
        yield "\n".join(
            f"- **{inert(each.question.asks)}** {_counts(each)}: {_said(each)}." for each in touched
        )
        if tables and (shown := [_table(e, effect) for e in touched if _material(e)]):
            made = STEP if any(each.approximate for each in touched) else EXACT
            has_weight = any(_has_weight(each) for each in touched)
            yield "<details>\n<summary>The comparisons that change, before and after</summary>"
            yield READ.format(weight=WEIGHT if has_weight else "")
            yield from (*shown, HOW.format(made=made), "</details>")


def _said(consequence: Consequence) -> str:
    """Sum up one question in words."""
    aside = [_aside(consequence, code)] if consequence.set_aside else []
    if consequence.why:
        return "; ".join([f"no preview: {inert(consequence.why)}", *aside])
    material = _material(consequence)
    unseen = [_unseen(consequence)] if consequence.unseen else []
    if not material:
        return "; ".join([*(unseen or ["no material change"]), *aside])
    clauses = [_changing(consequence, len(consequence.lines))]
    begin = [line for line in material if _is_told(line.after) and not _is_told(line.before)]
    cease = [line for line in material if _is_told(line.before) and not _is_told(line.after)]
    turn = [line for line in material if line.turns]
    surely = [line for line in turn if _is_told(line.before)]
    clauses += [f"{_named(begin)} now stand{_s(begin)} out from no difference"] if begin else []
    clauses += [f"{_named(cease)} no longer stand{_s(cease)} out"] if cease else []
    if turn:
        which = "it was not clear before" if len(turn) == 1 else "none was clear before"
        which = f"among them {_named(surely)}" if surely else which
        clauses.append(f"{len(turn)} change{_s(turn)} direction ({which})")
    return "; ".join([*clauses, *unseen, *aside])


def _changing(consequence: Consequence, comparisons: int) -> str:
    """Say how many of so many comparisons change."""
    changed = len(_material(consequence))
    if comparisons == 1:
        seen = " that can be previewed" if consequence.unseen else ""
        return f"the one comparison{seen} {'changes' if changed else 'does not change'} materially"
    verb = "changes" if changed == 1 else "change"
    return f"{changed} of {whole(comparisons)} comparisons {verb} materially"


def _material(consequence: Consequence) -> list[EstimateChange]:
    return [line for line in consequence.lines if line.is_material]


def _unseen(consequence: Consequence) -> str:
    all_of_them = "" if len(consequence.unseen) < len(consequence.lines) else "all "
    number = count(len(consequence.unseen), "comparison")
    return f"{all_of_them}{number} cannot be previewed: the next report will tell"


def _aside(consequence: Consequence, name: Callable[[str], str] = str) -> str:
    """Name the rows that are left out, since each would decide the question alone."""
    shown = ", ".join(name(place) for place in consequence.set_aside[:MOST_PLACES])
    more = len(consequence.set_aside) - MOST_PLACES
    what = count(len(consequence.set_aside), "row")
    each = "it" if len(consequence.set_aside) == 1 else "each"
    return (
        f"{what} left out of this question, since {each} alone would decide too much of the "
        f"answer: {shown}{f' and {more} more' if more > 0 else ''}"
    )


def _is_told(shown: Shown | None) -> bool:
    return shown is not None and shown.is_different


def _s(lines: Sequence[EstimateChange]) -> str:
    return "s" if len(lines) == 1 else ""


def _named(lines: Sequence[EstimateChange]) -> str:
    first = "”, “".join(inert(line.variable.says) for line in lines[:3])
    return f"“{first}”" + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")


def _table(consequence: Consequence, effect: Impact) -> str:
    material = sorted(_material(consequence), key=_size, reverse=True)
    is_there = _has_weight(consequence)
    has_without = is_there and not effect.is_new
    head = ["", "before", "after", "change", *(["without this folder"] if has_without else [])]
    head += ["interval", "videos", *(["weight"] if is_there else [])]
    rows = [head, ["---"] * len(head)]
    for line in material[:MOST_SHIFTS]:
        without = [ratio(line.variable.ratio(line.without))] if has_without else []
        weight = [f"{line.weight:.0%}" if line.weight is not None else ""] if is_there else []
        videos = _change(line.videos_before, line.videos_after)
        rows.append([*_shift(line), *without, _notes(line), videos, *weight])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    left = len(material) - MOST_SHIFTS
    change, them = ("changes", "it") if left == 1 else ("change", "them all")
    more = f"\n\n{left} more {change}; the report will have {them}." if left > 0 else ""
    return f"**{inert(consequence.question.asks)}**\n\n{table}{more}"


def _counts(consequence: Consequence) -> str:
    videos = _counted(consequence.videos_before, consequence.videos_after, "video")
    creators = _counted(consequence.creators_before, consequence.creators_after, "creator")
    return f"{videos}, {creators}"


def _counted(before: int, after: int, name: str) -> str:
    return (f"{whole(before)} → " if before != after else "") + count(after, name)


def _change(before: int, after: int) -> str:
    return whole(after) if before == after else f"{whole(before)} → {whole(after)}"


def _size(line: EstimateChange) -> float:
    """How much a line changes, in its standard errors; what comes or goes is first."""
    if line.change is None or line.before is None or not line.before.std_error:
        return float("inf")
    return abs(line.change) / line.before.std_error


def _has_weight(consequence: Consequence) -> bool:
    """Return whether the folder is in the report after the change."""
    return any(line.weight for line in consequence.lines)


def _shift(line: EstimateChange) -> list[str]:
    cells = [_estimate_cell(line, line.before), _estimate_cell(line, line.after)]
    return [inert(line.variable.says), *cells, _by(line)]


def _by(line: EstimateChange) -> str:
    """How much the ratio changes, in percent."""
    times = line.variable.ratio(line.change)
    return "" if times is None else f"{100 * (times - 1):+,.0f} %".replace("-", "−")


def _notes(line: EstimateChange) -> str:
    notes = [_width(line), "changes direction" if line.turns else ""]
    return ", ".join(note for note in notes if note)


def _estimate_cell(line: EstimateChange, shown: Shown | None) -> str:
    if shown is None:
        return "no estimate" + (f": {inert(line.why)}" if line.why and shown is line.after else "")
    interval = (
        f" ({ratio(line.variable.ratio(shown.low))} to {ratio(line.variable.ratio(shown.high))})"
        if shown.low is not None
        else ""
    )
    return f"{ratio(line.variable.ratio(shown.estimate))}{interval}"


def _width(line: EstimateChange) -> str:
    if (times := line.error_ratio) is None:
        return ""
    change = round(100 * abs(times - 1))
    return f"{change} % {'narrower' if times < 1 else 'wider'}" if change else "as wide"


def _anomaly(anomaly: Anomaly, links: Links, head: str) -> str:
    places = ", ".join(
        links.line(file, line, head) if links.site else f"{code(file)} line {line}"
        for file, line in anomaly.files_and_lines
    )
    return f"- {inert(anomaly.said)}{f' ({places})' if places else ''} · {anomaly.slug}"


def lines(effect: Impact | None) -> list[str]:
    """Tell the effect in a terminal."""
    if effect is None:
        return []
    sentences = [
        f"{each.question.name} ({_counts(each)}): {plain(_in_short(each))}."
        for each in effect.consequences
        if each.is_touched
    ]
    sentences += [
        f"For the maintainer: {plain(anomaly.said)} [{anomaly.slug}]"
        for _, anomaly in effect.anomalies
    ]
    return sentences or ["Nothing in the report changes."]


def _in_short(consequence: Consequence) -> str:
    said = [consequence.why] if consequence.why else []
    if not consequence.why:
        known = len(consequence.lines) - len(consequence.unseen)
        if known or not consequence.lines:
            said.append(_changing(consequence, known))
        if consequence.unseen:
            said.append(_unseen(consequence))
    return "; ".join([*said, *([_aside(consequence)] if consequence.set_aside else [])])
