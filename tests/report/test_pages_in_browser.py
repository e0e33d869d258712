"""The report's pages in a real browser, opened from disk: nothing is fetched, nothing overflows."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page, sync_playwright

from jarvis_bench.report.pages import IndexPage, NotebookRow, index_html, notebook_html

from .nodes import shown

pytestmark = pytest.mark.browser
PAGES = ("index.html", "20_measure_memory.html", "hostile.html")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAYLOAD = "document.title = 'owned'"
ATTACK = f'<script>{PAYLOAD}</script><img src=https://example.org/x onerror="{PAYLOAD}">'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        if "chromium" in os.environ.get("JARVIS_BENCH_REQUIRE", ""):
            pytest.fail("JARVIS_BENCH_REQUIRE names chromium, and there is none")
        pytest.skip("no chromium on PATH; CHROMIUM can name one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path, index_page: IndexPage, dead_notebook: NotebookNode, dead_row: NotebookRow) -> Path:
    """A run folder with an index, a page of a notebook, and one that tries to break out."""
    (tmp_path / "index.html").write_text(index_html(_stretched(index_page)), encoding="utf-8")
    (tmp_path / "20_measure_memory.html").write_text(
        notebook_html(dead_notebook, dead_row, "run"), encoding="utf-8"
    )
    dead_notebook.cells[5].outputs.append(shown("text/html", ATTACK))
    dead_notebook.cells[4].source += ATTACK
    row = dataclasses.replace(dead_row, title="x" * 200, question="y" * 300, reason=ATTACK + "z" * 300)
    (tmp_path / "hostile.html").write_text(notebook_html(dead_notebook, row, "r" * 200), encoding="utf-8")
    return tmp_path


def _stretched(page: IndexPage) -> IndexPage:
    """The page with words in it that no line can hold."""
    verdict = dataclasses.replace(page.verdicts[0], title="t" * 120, finding="f" * 200)
    number = dataclasses.replace(page.numbers[0], label="l" * 60, value="1" * 40, metric="m" * 80)
    row = dataclasses.replace(page.notebooks[1], question="q" * 150, reason="r" * 150)
    return dataclasses.replace(
        page,
        facts=(*page.facts, "h" * 100),
        verdicts=(verdict, *page.verdicts),
        numbers=(number, *page.numbers),
        notebooks=(*page.notebooks, row),
        environment=(*page.environment, ("k" * 60, "v" * 200)),
    )


def _open(
    browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int
) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    noise: list[str] = []
    page.on("request", lambda request: noise.append(request.url))
    page.on("console", lambda message: noise.append(message.text))
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    return page, noise


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_page_fetches_nothing_and_fits(
    browser: Browser, site: Path, name: str, scheme: Literal["light", "dark"], width: int
) -> None:
    page, noise = _open(browser, site / name, scheme, width)
    strangers = [line for line in noise if not line.startswith(("file:", "data:"))]
    assert not strangers
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title() != "owned"
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_background_follows_the_readers_scheme(browser: Browser, site: Path, name: str) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        page, _ = _open(browser, site / name, scheme, 1280)
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert len(seen) == 2


def test_link_from_the_index_arrives_at_the_failing_cell(browser: Browser, site: Path) -> None:
    page, _ = _open(browser, site / "index.html", "light", 1280)
    page.get_by_text("go to the failing cell").first.click()
    page.wait_for_url("**/20_measure_memory.html#cell-measure")
    assert page.locator("#cell-measure .error").is_visible()
    page.close()
