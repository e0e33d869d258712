"""The notebooks by hand: JupyterLab opens one in a real browser and runs it from top to bottom."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from jarvis_bench.settings import CHECKOUT
from tests.kit.throwaway import end_processes_of, processes_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.notebooks]
NAME = "00_environment.ipynb"
TOKEN = "a-token-of-this-test"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
ERROR = "[data-mime-type='application/vnd.jupyter.stderr']"  # tracebacks, too
PATIENCE_MS = 60_000


@pytest.fixture
def chromium() -> str:
    """Debian's chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        if "chromium" in os.environ.get("JARVIS_BENCH_REQUIRE", ""):
            pytest.fail("JARVIS_BENCH_REQUIRE names chromium, and there is none")
        pytest.skip("no chromium: install it, or set CHROMIUM to its path")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the notebooks, for JupyterLab may save what it has open."""
    home = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    (home / "data").symlink_to(CHECKOUT / "data")
    return home


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether the server is up."""
    try:
        with urllib.request.urlopen(url, timeout=1) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@contextmanager
def jupyterlab(home: Path, private: Path) -> Iterator[str]:
    """JupyterLab on this checkout, with nothing of the user's own; its address."""
    port = free_port()
    private.mkdir()
    jupyter = {f"JUPYTER_{part}_DIR": str(private / part.lower()) for part in ("RUNTIME", "CONFIG", "DATA")}
    own = {"IPYTHONDIR": str(private / "ipython"), "JARVIS_BENCH_HOME": str(home), **jupyter}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={home}"),
        f"--IdentityProvider.token={TOKEN}",
    ]
    with (private / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | own, cwd=home, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until(lambda: answers(f"{address}/api/status?token={TOKEN}"), "answer from JupyterLab")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def run_all_cells(page: Page, address: str) -> None:
    """Open the notebook as a person would, and run it by the menu."""
    page.goto(f"{address}/lab/tree/notebooks/{NAME}?token={TOKEN}")
    # Cells that are run before the kernel is there are forgotten.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=PATIENCE_MS)
    page.locator(".lm-MenuBar").get_by_text("Run", exact=True).click()
    page.locator(".lm-Menu").get_by_text("Run All Cells", exact=True).click()


def test_a_notebook_runs_in_jupyterlab(chromium: str, checkout: Path, tmp_path: Path) -> None:
    """Its tables appear, its results lie in reports/by-hand, and nothing runs on when the server stops."""
    committed = (CHECKOUT / "notebooks" / NAME).read_bytes()
    try:
        with jupyterlab(checkout, tmp_path / "jupyter") as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=list(QUIET))
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            run_all_cells(page, address)
            table = page.locator(".jp-OutputArea-output table", has_text="python")
            table.first.wait_for(timeout=PATIENCE_MS)
            assert page.locator(ERROR).count() == 0
            browser.close()
        assert (checkout / "reports" / "by-hand" / "environment.json").is_file()
        assert processes_of(checkout) == []
    finally:
        end_processes_of(checkout)
    assert (CHECKOUT / "notebooks" / NAME).read_bytes() == committed
