"""Figures, tables and readings are shown as they are meant, whatever text they hold."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from jarvis_bench.report.display import DARK, LIGHT, Figure, Link, Palette, Reading, Table, draw

from .soup import one, parse

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

HOSTILE = "\"'><script>alert(1)</script>&"


def paint(canvas: Canvas, palette: Palette) -> None:
    """One line in the colour of the text."""
    axes = canvas.add_subplot()
    axes.plot([0, 1], [0, 1], color=palette.text, label="a line")
    axes.legend()


def drawn(alt: str = "a line", caption: str = "The line.") -> Figure:
    """A small picture."""
    return draw(paint, size_inches=(2.0, 1.0), alt=alt, caption=caption)


def html_of(shown: Figure | Table | Reading) -> str:
    """What a notebook shows."""
    return shown._repr_html_()


def test_the_same_picture_gives_the_same_bytes() -> None:
    """No date, no random names inside."""
    assert drawn() == drawn()


def test_each_scheme_has_its_own_colours() -> None:
    """Light on light or dark on dark could not be read."""
    picture = drawn()
    assert LIGHT.text.encode() in picture.light
    assert DARK.text.encode() in picture.dark
    assert DARK.text.encode() not in picture.light


def test_the_readers_system_chooses_the_scheme() -> None:
    """One picture for dark, one for everything else, both inside the page."""
    soup = parse(html_of(drawn()))
    dark, light = str(one(soup, "source")["srcset"]), str(one(soup, "img")["src"])
    assert one(soup, "source")["media"] == "(prefers-color-scheme: dark)"
    for uri, svg in ((light, drawn().light), (dark, drawn().dark)):
        head, _, body = uri.partition(",")
        assert head == "data:image/svg+xml;base64"
        assert base64.b64decode(body) == svg


def test_words_around_a_picture_are_text() -> None:
    """Alternative text and caption may hold any sign."""
    soup = parse(html_of(drawn(alt=HOSTILE, caption=HOSTILE)))
    assert one(soup, "img")["alt"] == HOSTILE
    assert one(soup, "figcaption").get_text() == HOSTILE
    assert not soup.find("script")


def test_words_in_a_table_are_text() -> None:
    """Column names, cells and links may hold any sign."""
    frame = pd.DataFrame({HOSTILE: [HOSTILE, Link(HOSTILE, f"page.html?{HOSTILE}")]})
    soup = parse(html_of(Table(frame)))
    assert not soup.find("script")
    assert [cell.get_text() for cell in soup.find_all(["th", "td"])] == [HOSTILE] * 3
    assert one(soup, "a")["href"] == f"page.html?{HOSTILE}"


def test_a_reading_is_a_paragraph_a_line_of_text() -> None:
    """Sentences may hold any sign."""
    soup = parse(html_of(Reading(f"First.\n{HOSTILE}")))
    assert [paragraph.get_text() for paragraph in soup.find_all("p")] == ["First.", HOSTILE]
    assert str(Reading("First.\nSecond.")) == "First.\nSecond."


@pytest.mark.parametrize(
    ("values", "side"),
    [
        (["1.5", "1,234", "n/a (needs 662)"], "right"),
        ([3, 4], "right"),
        (["1.5", "–"], "right"),
        (["v10.5", "current"], "left"),
        (["n/a (needs 11)", "–"], "left"),
        (["1.5 of them", "2"], "left"),
    ],
)
def test_columns_of_figures_stand_to_the_right(values: list[object], side: str) -> None:
    """Figures are compared by their last digit, words are read from their first letter."""
    soup = parse(html_of(Table(pd.DataFrame({"column": values}))))
    sides = {re.sub(r"[ ;]", "", str(cell["style"])) for cell in soup.find_all(["th", "td"])}
    assert sides == {f"text-align:{side}"}


def test_a_table_shows_no_row_numbers() -> None:
    """Every cell of it is data."""
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["z", "w"]}, index=[7, 9])
    assert [cell.get_text() for cell in parse(html_of(Table(frame))).find_all("td")] == ["x", "z", "y", "w"]
    assert "7" not in str(Table(frame))


def test_a_table_without_rows_can_be_shown() -> None:
    """Nothing measured is no reason for an error."""
    assert "<table" in html_of(Table(pd.DataFrame()))
