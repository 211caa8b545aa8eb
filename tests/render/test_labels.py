"""What pages call columns, levels and questions: all are named, and what is not has a fallback."""

from dataclasses import fields

import pytest

from pipeline.model.questions import FOLLOWERS, LEVERS, QUESTIONS, Form, Part
from pipeline.model.variables import Variable
from pipeline.render.labels import levers, table
from pipeline.render.labels.table import QuestionLabels
from schema.columns import COLUMNS
from schema.vocabulary import vocabulary

WANTED = {
    Form.SPLINE: ("label", "unit", "asked", "compare"),
    Form.FLAG: ("label", "yes", "no", "many", "turns"),
    Form.LEVELS: ("label",),
    Form.HOURS: ("label", "line"),
}
QUESTION = {
    True: {each.name for each in fields(QuestionLabels)},
    False: {"asks", "counts", "about"},
}


def test_nothing_that_pages_name_is_without_its_words():
    known = table.entries()
    gaps = [
        f"columns.{term.column}.{key}"
        for term in LEVERS
        for key in WANTED[term.form]
        if key not in known.columns.get(term.column, {})
    ]
    gaps += [
        f"levels.{term.column}.{word}"
        for term in LEVERS
        if term.form is not Form.FLAG
        for word in term.levels
        if word not in known.levels.get(term.column, {})
    ]
    gaps += [
        f"questions.{asked.name}.{key}"
        for asked in QUESTIONS
        for key in QUESTION[asked.advice]
        if key not in known.questions.get(asked.name, {})
    ]
    assert not gaps, "pipeline/render/labels/labels.toml has no words for these"


def test_no_words_are_of_what_is_not_there():
    known = table.entries()
    levels = {term.column: set(term.levels) for term in LEVERS}
    assert known.columns.keys() <= {column.name for column in COLUMNS}
    assert known.questions.keys() == {question.name for question in QUESTIONS}
    assert {name: set(words) for name, words in known.levels.items()} == {
        name: levels[name] for name in known.levels
    }
    for name in known.columns:
        table.column(name)  # a key that no label has is an error
    for name, words in known.levels.items():
        for word, forms in words.items():
            table.level(name, word)
            assert {"one", "many"} <= forms.keys(), (name, word)


def test_what_has_no_words_is_called_by_its_name():
    column, level = table.column("has_subtitles"), table.level("category", "podcast")
    assert (column.label, column.allows) == ("Subtitles", "")
    assert (level.one, level.bare, level.many) == ("podcast", "podcast", "podcast videos")
    number = table.level("jump_cuts", "6")
    assert (number.one, number.bare, number.many) == (
        "jump cuts 6", "jump cuts 6", "videos with jump cuts 6",
    )  # fmt: skip
    asked = table.question.__wrapped__(FOLLOWERS.name)
    assert asked == table.question(FOLLOWERS.name)


def variable(term: str, level: str = "", reference: str = "") -> Variable:
    """A line as the model makes it, of which nothing but its words is asked."""
    return Variable(term, level, "", Part.LEVER, f"{term} itself", not level, reference)


@pytest.mark.parametrize(
    ("line", "contrast", "versus", "turns"),
    [
        (
            variable("category", "tutorial", "info"),
            "A tutorial instead of an info video",
            "tutorial, not info",
            "Make tutorials and info videos, and take turns.",
        ),
        (
            variable("category", "podcast", "info"),
            "Podcast instead of an info video",
            "podcast, not info",
            "Make podcast videos and info videos, and take turns.",
        ),
        (
            variable("category", "promo", "info"),
            "An ad instead of an info video",
            "ad, not info",
            "",
        ),
        (
            variable("posted_hour", "18-23", "12-17"),
            "Posting in the evening (18 to 23) instead of in the afternoon (12 to 17)",
            "evening, not afternoon",
            "Post in the evening (18 to 23) and in the afternoon (12 to 17), and take turns.",
        ),
        (
            variable("has_cover", "yes"),
            "A cover you chose",
            "cover",
            "Make videos with a cover and videos without one, and take turns.",
        ),
        (
            variable("duration_s", "60", "25"),
            "A 60-second video instead of a 25-second one",
            "60 seconds, not 25 seconds",
            "Make videos of about a minute and videos of about 25 seconds, and take turns.",
        ),
        (
            variable("hashtags", "0", "3"),
            "No hashtags instead of 3",
            "no hashtags, not 3 hashtags",
            "Make videos without hashtags and videos with about 3 hashtags, and take turns.",
        ),
        (variable("subject", "cats", "dogs"), "Subject itself", "subject itself", ""),
        (variable("likes"), "Likes itself", "likes itself", ""),
    ],
)
def test_a_line_in_words(line, contrast, versus, turns):
    in_words = (levers.contrast(line), levers.versus(line), levers.turns(line))
    assert in_words == (contrast, versus, turns)


def test_every_category_has_an_article_or_needs_none():
    for word in vocabulary()["category"]:
        assert levers.level("category", word).split()[0] in ("a", "an", "any")
