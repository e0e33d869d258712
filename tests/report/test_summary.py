"""The index page says what this run found, and what it did not look at."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.kit.claims import load_checks
from jarvis_bench.kit.outcome import Artefact
from jarvis_bench.kit.run_folder import RunFolder, digest
from jarvis_bench.kit.tables import reproductions_table, rows_table
from jarvis_bench.records import Decision
from jarvis_bench.report.evidence import Evidence
from jarvis_bench.report.pages import IndexPage
from jarvis_bench.report.summary import headline, index_page, notebook_row
from jarvis_bench.report.verdicts import judge
from jarvis_bench.settings import CHECKOUT

from .finished_run import FAILED, RUN, START_UPS, requests, write_results

PAGES = {"02_verify_fix": "02_verify_fix.html"}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with all results of a usual run."""
    made = RunFolder(tmp_path)
    write_results(made)
    return made


def page_of(folder: RunFolder) -> IndexPage:
    """The index page of the folder as it is now."""
    judged = judge(folder, load_checks(CHECKOUT / "data"))
    return index_page(RUN, judged, Evidence(folder), PAGES)


def test_the_headline_names_the_versions_that_use_docker(folder: RunFolder) -> None:
    """And it follows the rows: had v10.6 worked, it would say so."""
    said = headline(Evidence(folder))
    assert "v10.7 and this package’s own start-up" in said
    worked = [
        dataclasses.replace(result, error=None, decision=Decision("docker", ""))
        if (result.version, result.world) == ("v10.6", "docker-ready")
        else result
        for result in START_UPS
    ]
    folder.write_table("reproductions.parquet", reproductions_table(worked))
    assert "v10.6 and v10.7 and this package" in headline(Evidence(folder))
    assert headline(Evidence(folder)) != said


def test_a_run_without_start_ups_says_so(folder: RunFolder) -> None:
    """A run of the memory notebook alone has an index, too."""
    (folder.path / "reproductions.parquet").unlink()
    page = page_of(folder)
    assert "reproductions.parquet" in page.headline
    assert "data:image" not in page.picture
    assert all("Start-up" not in number.label for number in page.numbers)


def test_an_empty_run_has_an_index(tmp_path: Path) -> None:
    """Interrupted before anything was measured: no numbers, no verdict but not-tested."""
    page = page_of(RunFolder(tmp_path))
    assert page.numbers == ()
    assert {row.verdict for row in page.verdicts} == {"not-tested"}


def test_every_key_number_says_its_metric_and_how_it_was_obtained(folder: RunFolder) -> None:
    """Values are those of the files, and the links lead to pages or data of this run."""
    numbers = {number.label: number for number in page_of(folder).numbers}
    assert any(number.value == "952" and number.unit == "MB" for number in numbers.values())
    assert any(number.value == "114" and number.unit == "ms" for number in numbers.values())
    assert any(number.value == "5,000" and number.unit == "ms" for number in numbers.values())
    for number in numbers.values():
        assert number.metric
        assert number.how == "measured"
        assert number.link in PAGES.values() or (folder.path / number.link).is_file()


def test_a_number_that_the_sample_cannot_support_is_not_shown(folder: RunFolder) -> None:
    """It reads `n/a` with the requests that it would need, and has no unit."""
    folder.write_table("latency.parquet", rows_table(requests(3.0, 5, first_ms=100)))
    (number,) = (number for number in page_of(folder).numbers if "3 s" in number.label)
    assert (number.value, number.unit) == ("n/a (needs 11)", "")


def test_evidence_is_linked_where_it_has_a_page(folder: RunFolder) -> None:
    """A verdict without a page of this run has no link that leads nowhere, nor has what was not tested."""
    checks = {check.title: check for check in load_checks(CHECKOUT / "data")}
    rows = page_of(folder).verdicts
    assert len(rows) == len(checks)
    for row in rows:
        tested = row.verdict != "not-tested"
        assert row.evidence_href == (PAGES.get(checks[row.title].notebook or "") if tested else None)
        assert row.lines == checks[row.title].lines


def test_what_is_refuted_comes_first(folder: RunFolder) -> None:
    """A reader asks what does not hold; within a verdict the document's order stays."""
    rows, titles = page_of(folder).verdicts, [check.title for check in load_checks(CHECKOUT / "data")]
    words = ["refuted", "partly", "reproduced", "not-tested"]
    places = [(words.index(row.verdict), titles.index(row.title)) for row in rows]
    assert places == sorted(places)
    assert rows[0].verdict == "refuted"


def test_the_facts_name_the_machine_and_the_weights(folder: RunFolder) -> None:
    """Seeded weights are said on the first page."""
    facts = " ".join(page_of(folder).facts)
    assert "Imaginary 9000" in facts
    assert "weights: seeded" in facts


def test_the_environment_lists_missing_packages(folder: RunFolder) -> None:
    """What was not installed explains what was not measured."""
    rows = dict(page_of(folder).environment)
    assert rows["torch"] == "2.13.0"
    assert rows["docker"] == "not installed"


def test_data_files_are_listed_once_with_their_digest(folder: RunFolder) -> None:
    """Anyone can check that a file is the one that the run left."""
    (file,) = page_of(folder).data
    assert (file.name, file.bytes, file.sha256) == ("reproductions.parquet", 4_096, "ab" * 32)


def test_a_data_file_that_is_not_what_was_measured_is_marked(folder: RunFolder) -> None:
    """The hash of then decides; a file that is gone says so."""
    assert page_of(folder).data[0].since == "changed"
    same = Artefact("reproductions.parquet", 1, digest(folder, "reproductions.parquet"))
    gone = Artefact("gone.parquet", 1, same.sha256)
    items = (dataclasses.replace(FAILED, artefacts=(same, gone)),)
    page = index_page(dataclasses.replace(RUN, notebooks=items), (), Evidence(folder), PAGES)
    assert {file.name: file.since for file in page.data} == {
        "gone.parquet": "missing",
        "reproductions.parquet": "",
    }


def test_a_failed_notebook_keeps_its_reason_and_cell() -> None:
    """The row leads to where it happened."""
    row = notebook_row(FAILED)
    assert (row.status, row.reason, row.failing_cell) == ("failed", FAILED.reason, "measure")
    assert row.parameters == (("worlds", "[]"),)
