"""The page in a real browser: it follows, it comes back, it runs nothing that a tier says, everybody can use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jarvis_bench.records import Status
from jarvis_bench.tiers.fake import DEAD, Behaviour
from tests.dashboard.serving import Serving, serving, well

pytestmark = pytest.mark.browser
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
FOLLOWS_MS = 2000
ATTACK = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"


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
def here() -> Iterator[Serving]:
    with serving() as found:
        yield found


def opened(
    browser: Browser, url: str, *, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(url)
    expect(page.locator("#connection")).to_have_text("live")
    return page


def test_the_page_follows_a_tier_that_dies_and_returns(browser: Browser, here: Serving) -> None:
    """Tile, switch log, sparkline and the line above, each within two seconds of the router's own knowledge."""
    page = opened(browser, here.url)
    docker, log = page.locator("[data-part=tile-0]"), page.locator("[data-part=switches]")
    expect(docker.locator(".badge")).to_have_text("ready")
    expect(docker.locator(".now")).to_be_visible()
    line = docker.locator("polyline")
    before = line.get_attribute("points")
    expect(line).not_to_have_attribute("points", before or "", timeout=FOLLOWS_MS)
    here.act("docker", DEAD)
    expect(docker.locator(".badge")).to_have_text("broken", timeout=FOLLOWS_MS)
    expect(log).to_contain_text("docker → cloud-run", timeout=FOLLOWS_MS)
    expect(log).to_contain_text("unreachable", timeout=FOLLOWS_MS)
    expect(page.locator("#active")).to_contain_text("cloud-run", timeout=FOLLOWS_MS)
    here.act("docker", well(0.02))
    expect(log).to_contain_text("cloud-run → docker", timeout=4 * FOLLOWS_MS)
    expect(docker.locator(".now")).to_be_visible(timeout=FOLLOWS_MS)
    expect(docker).to_contain_text("300 MB scripted")
    page.close()


def test_a_restart_of_the_server_reconnects(browser: Browser) -> None:
    with serving() as first:
        page = opened(browser, first.url)
        port = first.port
    expect(page.locator("#connection")).to_have_text("no connection, trying again", timeout=10_000)
    with serving(port=port) as second:
        expect(page.locator("#connection")).to_have_text("live", timeout=10_000)
        second.act("docker", DEAD)
        expect(page.locator("[data-part=tile-0] .badge")).to_have_text("broken", timeout=FOLLOWS_MS)
        page.close()


def test_html_in_names_and_errors_stays_text(browser: Browser) -> None:
    with serving(titles={"docker": ATTACK}) as here:
        page = opened(browser, here.url)
        here.act("docker", Behaviour(status=Status.BROKEN, cause=ATTACK))
        expect(page.locator("[data-part=switches]")).to_contain_text(ATTACK, timeout=10_000)
        expect(page.locator("[data-part=tile-0] h3")).to_contain_text(ATTACK)
        assert page.locator("img, article b").count() == 0
        assert page.title() == "Tiers · jarvis-bench"
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_request_leaves_the_page_and_it_fits(
    browser: Browser, here: Serving, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(here.url)
    page.wait_for_timeout(1500)
    assert {url for url in asked if not url.startswith("data:")} == {f"{here.url}/", f"{here.url}/events"}
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_keyboard_reaches_everything_and_updates_can_be_held(browser: Browser, here: Serving) -> None:
    page = opened(browser, here.url)
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.id"))
    assert reached == ["skip", "pause", "box scroll", "box scroll log"]
    page.locator("#pause").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_have_text("paused")
    here.act("docker", DEAD)
    page.wait_for_timeout(1500)
    expect(page.locator("[data-part=tile-0] .badge")).to_have_text("ready")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=tile-0] .badge")).to_have_text("broken")
    page.close()


def test_a_screen_reader_finds_names_for_everything(browser: Browser, here: Serving) -> None:
    """Landmarks, headings in order, pictures with words, and a region that tells of the active tier."""
    page = opened(browser, here.url)
    assert page.get_by_role("main").count() == 1
    assert [page.get_by_role("heading", level=level).count() for level in (1, 2, 3)] == [1, 3, 3]
    for picture in page.get_by_role("img").all():
        assert len(picture.get_attribute("aria-label") or "") > 20
    expect(page.get_by_role("region", name="Switches")).to_be_visible()
    assert page.locator("#active").get_attribute("aria-live") == "polite"
    page.close()
