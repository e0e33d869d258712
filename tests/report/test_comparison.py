"""The page of a comparison: one file, inert, whatever the record holds."""

from __future__ import annotations

from jarvis_bench.report.comparison import ComparisonPage, Sheet, comparison_html
from jarvis_bench.report.display import Figure, Link

from .soup import assert_inert, one, parse

HOSTILE = '<script>alert("x")</script>'


def page(**fields: object) -> ComparisonPage:
    """A page with a table of every kind of cell."""
    rows = (("runtime", "1.10", "slower"), (Link("a cell", "cells/a/index.html"), "–", "INCONCLUSIVE"))
    usual = {
        "kicker": "jarvis-bench versus",
        "title": "A against B",
        "verdict": "slower",
        "headline": "B is slower",
        "facts": ("measured",),
        "warnings": (),
        "sheets": (
            Sheet("Figures", ("Figure", "Ratio", "Verdict"), rows, frozenset({"Verdict"}), intro="intro"),
        ),
    }
    return ComparisonPage(**(usual | fields))  # type: ignore[arg-type]  # fields of the record


def test_verdicts_are_badges_and_links_stay_inside() -> None:
    """The tone of a word is that of the whole report."""
    soup = parse(comparison_html(page()))
    assert_inert(soup)
    assert [badge.get_text() for badge in soup.select(".badge")] == ["slower", "slower", "INCONCLUSIVE"]
    assert "bad" in one(soup, "td .badge.bad")["class"]
    assert one(soup, "th a")["href"] == "cells/a/index.html"


def test_warnings_come_before_everything_else() -> None:
    """And there is no banner without one."""
    assert not parse(comparison_html(page())).select(".banner")
    soup = parse(comparison_html(page(warnings=("forced: cpu",))))
    assert "forced: cpu" in one(soup, "main > .banner").get_text()


def test_a_hostile_text_stays_text() -> None:
    """In every field that comes from a run or a command line."""
    sheets = (Sheet(HOSTILE, (HOSTILE,), ((HOSTILE,),), intro=HOSTILE),)
    hostile = page(
        title=HOSTILE, verdict=HOSTILE, headline=HOSTILE, facts=(HOSTILE,), warnings=(HOSTILE,), sheets=sheets
    )
    soup = parse(comparison_html(hostile))
    assert_inert(soup)
    assert soup.get_text().count(HOSTILE) >= 8


def test_a_picture_has_its_alternative_text() -> None:
    """For those who do not see it."""
    soup = parse(comparison_html(page(picture=Figure(b"<svg/>", b"<svg/>", "dots", "caption"))))
    assert one(soup, "img")["alt"] == "dots"
