"""The page of a comparison: what differs, by how much, and what the noise is; one self-contained file."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.report.display import Figure, Link
from jarvis_bench.report.pages import page_environment, page_style


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the page.

    Cells of the columns in `words` are shown as badges, those in `texts` as text; all other columns but the first hold
    figures and stand to the right.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | Link, ...], ...]
    words: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    intro: str = ""


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """Everything the page says.

    `verdict`: one word or two; `warnings`: what the reader must know first; `note`: a quiet line at the end.
    """

    kicker: str
    title: str
    verdict: str
    headline: str
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    picture: Figure | None = None
    note: str = ""


def comparison_html(page: ComparisonPage) -> str:
    """The page as HTML; all of the record's text is escaped."""
    template = page_environment().get_template("comparison.html.j2")
    picture = page.picture._repr_html_() if page.picture else ""
    return template.render(page=page, picture=picture, style=page_style())
