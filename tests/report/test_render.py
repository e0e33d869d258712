"""A run folder becomes pages, again and again the same, from its files alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import as_json
from jarvis_bench.report.render import load_outcome, render
from jarvis_bench.settings import Settings

from .finished_run import FAILED, GOOD, RUN, RUN_ID, write_run
from .soup import assert_inert, one, parse


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A finished run that has not been rendered yet."""
    made = RunFolder(tmp_path / RUN_ID)
    write_run(made)
    return made


def pages(folder: RunFolder) -> dict[str, bytes]:
    """All pages by name."""
    return {path.name: path.read_bytes() for path in folder.path.glob("*.html")}


def test_every_executed_notebook_gets_a_page_and_the_index_links_to_it(folder: RunFolder) -> None:
    """Also a failed one; the one that never ran has a row and no page."""
    index = render(folder, Settings())
    assert pages(folder).keys() == {"index.html", "02_verify_fix.html", "20_memory.html"}
    soup = parse(index.read_text(encoding="utf-8"))
    assert_inert(soup)
    for link in soup.find_all("a"):
        target, _, anchor = str(link["href"]).partition("#")
        text = (folder.path / target).read_text(encoding="utf-8", errors="replace") if target else str(soup)
        assert not anchor or f'id="{anchor}"' in text
    assert [row["data-status"] for row in soup.select("tr[data-status]")] == ["ok", "failed", "not-run"]


def test_a_failed_notebook_is_red_and_leads_to_its_cell(folder: RunFolder) -> None:
    """From the index to the failing cell on its page."""
    render(folder, Settings())
    soup = parse(pages(folder)["index.html"].decode())
    link = str(one(soup, "tr[data-status=failed] .reason a")["href"])
    assert link == "20_memory.html#cell-measure"
    cell = one(parse(pages(folder)["20_memory.html"].decode()), "#cell-measure")
    assert "the process died" in cell.get_text()


def test_pages_are_rebuilt_with_the_same_bytes(folder: RunFolder, tmp_path: Path) -> None:
    """Also in another place; nothing of the first rendering is needed for the second."""
    render(folder, Settings())
    first, run_file = pages(folder), (folder.path / "run.json").read_bytes()
    moved = RunFolder(folder.path.rename(tmp_path / "elsewhere"))
    for name in first:
        (moved.path / name).unlink()
    render(moved, Settings())
    assert pages(moved) == first
    assert (moved.path / "run.json").read_bytes() == run_file


def test_the_run_file_names_the_pages(folder: RunFolder) -> None:
    """Programs find a notebook's page there."""
    render(folder, Settings())
    written = json.loads((folder.path / "run.json").read_text(encoding="utf-8"))
    assert [item["html"] for item in written["notebooks"]] == ["02_verify_fix.html", "20_memory.html", None]
    assert load_outcome(folder).run_id == RUN_ID


@pytest.mark.parametrize("content", ["", '{"cells": ['])
def test_a_torn_notebook_costs_its_own_page_only(folder: RunFolder, content: str) -> None:
    """A disk that filled up, or a hand that slipped, leaves the rest of the report as it is."""
    (folder.path / str(GOOD.ipynb)).write_text(content, encoding="utf-8")
    render(folder, Settings())
    assert pages(folder).keys() == {"index.html", "20_memory.html"}
    soup = parse(pages(folder)["index.html"].decode())
    assert not [link for link in soup.find_all("a") if link["href"] == "02_verify_fix.html"]


def test_a_page_says_why_its_notebook_failed(folder: RunFolder) -> None:
    """Status and reason stand at the top."""
    render(folder, Settings())
    banner = one(parse(pages(folder)["20_memory.html"].decode()), ".banner")
    assert str(FAILED.reason) in banner.get_text()


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"schema_version": 1}'])
def test_a_folder_without_a_run_is_refused(tmp_path: Path, content: str | None) -> None:
    """The error names the folder, and no page is written."""
    if content is not None:
        (tmp_path / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"run\.json"):
        render(RunFolder(tmp_path), Settings())
    assert pages(RunFolder(tmp_path)) == {}


def test_a_run_file_with_a_status_of_another_time_is_refused(folder: RunFolder) -> None:
    """A word that this version does not know is an error in words, not a traceback."""
    fields = as_json(dataclasses.replace(RUN))
    folder.write_json("run.json", fields | {"status": "molten"})
    with pytest.raises(UsageError, match="molten"):
        render(folder, Settings())
