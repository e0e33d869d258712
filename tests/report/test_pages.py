"""The report's pages say everything, run nothing, fetch nothing and survive whatever the records hold."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, TypeVar

import pytest
from nbformat import NotebookNode

from jarvis_bench.report import wording
from jarvis_bench.report.pages import IndexPage, NotebookRow, index_html, notebook_html

from .nodes import code, error, shown, stream
from .soup import assert_inert, one, parse

ATTACK = "\"'><script>alert(1)</script><img src=https://example.org/x onerror=alert(2)>{{ 7 * 7 }}"
RUN = "run-1"
Record = TypeVar("Record")


def _attacked(value: Any, name: str) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        parts = {part: _attacked(getattr(value, part), part) for part in names}
        return type(value)(**parts)
    if isinstance(value, tuple):
        return tuple(_attacked(part, name) for part in value)
    return f"{name}:{ATTACK}" if isinstance(value, str) and name != "picture" else value


def _hostile(record: Record) -> Record:
    attacked = _attacked(record, "")
    assert isinstance(attacked, type(record))
    return attacked


def test_index_shows_hostile_text_as_text(index_page: IndexPage) -> None:
    soup = parse(index_html(_hostile(index_page)))
    assert_inert(soup)
    text = soup.get_text()
    for field in ("run_id", "started", "profile", "headline", "facts", "environment", "name"):
        assert f"{field}:{ATTACK}" in text, field
    for field in ("title", "finding", "verdict", "label", "value", "unit", "metric", "how", "reason"):
        assert f"{field}:{ATTACK}" in text, field


def test_notebook_shows_hostile_text_as_text(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    dead_notebook.cells[5] = code(
        f"# {ATTACK}",
        stream(f"stdout:{ATTACK}"),
        stream(f"stderr:{ATTACK}", name="stderr"),
        shown("text/plain", f"plain:{ATTACK}"),
        shown("image/png", "AAAA", alt=ATTACK),
        error(f"ename:{ATTACK}", f"evalue:{ATTACK}", f"trace:{ATTACK}"),
        name="figure",
    )
    soup = parse(notebook_html(dead_notebook, _hostile(dead_row), f"run:{ATTACK}"))
    assert_inert(soup)
    text = soup.get_text()
    for field in ("title", "question", "name", "reason", "parameters", "artefacts", "run"):
        assert f"{field}:{ATTACK}" in text, field
    for field in ("stdout", "stderr", "plain", "ename", "evalue", "trace"):
        assert f"{field}:{ATTACK}" in text, field
    assert one(soup, ".output.image img")["alt"] == ATTACK


@pytest.mark.parametrize("kind", ["index", "notebook"])
def test_pages_are_self_contained(
    kind: str, index_page: IndexPage, dead_notebook: NotebookNode, dead_row: NotebookRow
) -> None:
    html = index_html(index_page) if kind == "index" else notebook_html(dead_notebook, dead_row, RUN)
    soup = parse(html)
    assert_inert(soup)
    assert not re.search(r"url\(|@import", str(one(soup, "head style").string))
    policy = one(soup, "meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_same_run_gives_the_same_bytes(
    index_page: IndexPage, dead_notebook: NotebookNode, dead_row: NotebookRow
) -> None:
    for cell in dead_notebook.cells:
        del cell["id"]
    dead_notebook.nbformat_minor = 4
    assert index_html(index_page) == index_html(index_page)
    assert notebook_html(dead_notebook, dead_row, RUN) == notebook_html(dead_notebook, dead_row, RUN)


def test_failing_notebook_leads_to_its_failing_cell(
    index_page: IndexPage, dead_notebook: NotebookNode, dead_row: NotebookRow
) -> None:
    soup = parse(notebook_html(dead_notebook, dead_row, RUN))
    banner = one(soup, ".banner")
    assert str(dead_row.reason) in banner.get_text()
    failing = one(soup, str(banner.find_all("a")[0]["href"]))
    assert one(soup, f"#{failing['id']} details").has_attr("open")
    assert "NothingMeasured" in one(soup, f"#{failing['id']} .error").get_text()
    index = parse(index_html(index_page))
    assert one(index, "tr.troubled .reason a")["href"] == f"{dead_row.html}#{failing['id']}"


def test_index_counts_verdicts_and_names_the_lines(index_page: IndexPage) -> None:
    soup = parse(index_html(index_page))
    counts = [" ".join(item.get_text().split()) for item in soup.select(".counts li")]
    assert counts == ["1 reproduced", "1 partly", "1 refuted", "1 not tested"]
    rows = soup.select("[data-verdict]")
    assert [row["data-verdict"] for row in rows] == [row.verdict for row in index_page.verdicts]
    assert "8, 38–40" in rows[0].get_text()
    assert not rows[3].find("a")


def test_every_number_says_its_metric_and_how_it_was_obtained(index_page: IndexPage) -> None:
    cards = parse(index_html(index_page)).select(".cards li")
    assert len(cards) == len(index_page.numbers)
    for card, number in zip(cards, index_page.numbers, strict=True):
        said = card.get_text()
        for part in (number.label, number.value, number.unit, number.metric, number.how):
            assert part in said


@pytest.mark.parametrize(
    ("status", "said"), [("failed", "This run failed"), ("interrupted", "This run was interrupted")]
)
def test_index_says_when_the_run_did_not_end_well(index_page: IndexPage, status: str, said: str) -> None:
    soup = parse(index_html(dataclasses.replace(index_page, status=status)))
    assert said in one(soup, ".banner").get_text()


def test_an_empty_run_still_has_a_page(index_page: IndexPage) -> None:
    page = dataclasses.replace(
        index_page, status="ok", verdicts=(), numbers=(), picture="", notebooks=(), data=(), environment=()
    )
    soup = parse(index_html(page))
    assert page.headline in soup.get_text()
    assert not soup.select(".banner, .cards, .picture, .verdicts")


@pytest.mark.parametrize("status", [word for word, _ in wording.STATUSES])
def test_every_status_has_a_badge_and_a_row(
    index_page: IndexPage, dead_notebook: NotebookNode, dead_row: NotebookRow, status: str
) -> None:
    row = dataclasses.replace(dead_row, status=status, seconds=None, html=None, reason=None)
    page = dataclasses.replace(index_page, notebooks=(row,))
    for html in (index_html(page), notebook_html(dead_notebook, row, RUN)):
        badge = one(parse(html), ".masthead .badge, .notebooks .badge")
        assert badge.get_text() == status.replace("-", " ")
        assert f".{'.'.join(badge['class'])}" in html, "the badge has no style"
    assert bool(parse(index_html(page)).select("tr.troubled")) == (status != "ok")


def test_every_verdict_has_a_badge_of_its_own(index_page: IndexPage) -> None:
    html = index_html(index_page)
    badges = parse(html).select("[data-verdict] .badge")
    classes = {".".join(badge["class"]) for badge in badges}
    assert len(classes) == len(wording.VERDICTS) == len(badges)
    assert all(f".{name}" in html for name in classes)
