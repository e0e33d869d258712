"""`jarvis-bench compare`: text, JSON and HTML, and exit codes that a pipeline can rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.finished_runs import finished_run

from .conftest import Command

pytestmark = pytest.mark.usefixtures("checkout")


@pytest.mark.parametrize(("times", "code"), [(1.0, 0), (0.7, 0), (1.4, 1)])
def test_slower_is_exit_1(command: Command, tmp_path: Path, times: float, code: int) -> None:
    """Text for people."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b", times=times)
    finished = command("compare", a.path, b.path)
    assert finished.code == code
    assert "local, onnx, 3 s clip" in finished.out


def test_json_and_html_hold_the_same_verdicts(command: Command, tmp_path: Path) -> None:
    """One object on standard output; the page where it was wanted."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b", times=1.4)
    page = tmp_path / "pages" / "compare.html"
    finished = command("compare", a.path, b.path, "--json", "--html", page)
    verdicts = {figure["name"]: figure["verdict"] for figure in finished.record["figures"]}
    assert verdicts["local, onnx, 3 s clip"] == "slower"
    assert page.read_text(encoding="utf-8").count(">slower<") >= 2


def test_apples_and_oranges_are_refused_by_name(command: Command, tmp_path: Path) -> None:
    """Exit 2 with the key; --variable allows it, --force says so."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b", environment={"cpu": "Other 1"})
    refused = command("compare", a.path, b.path)
    assert (refused.code, refused.out) == (2, "")
    assert "cpu (Imaginary 9000 | Other 1)" in refused.err
    assert command("compare", a.path, b.path, "--variable", "cpu").code == 0
    forced = command("compare", a.path, b.path, "--force", "--json")
    assert (forced.code, forced.record["forced"]) == (0, True)


def test_a_folder_without_a_run_is_exit_2(command: Command, tmp_path: Path) -> None:
    """It is named."""
    a = finished_run(tmp_path / "a")
    finished = command("compare", a.path, tmp_path / "none")
    assert finished.code == 2
    assert "none" in finished.err
