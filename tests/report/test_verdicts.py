"""Verdicts follow the files of a run: none is typed in, and none is given without its evidence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.kit.claims import Check, load_checks
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import ClaimVerdict
from jarvis_bench.report.judgements import JUDGEMENTS
from jarvis_bench.report.verdicts import Judged, claim_rows, judge
from jarvis_bench.settings import CHECKOUT

from .finished_run import write_results

CHECKS = load_checks(CHECKOUT / "data")
FILES = {
    "reproductions.parquet": {"v10_5-error", "methods-exist", "waterfall-order", "quick-check"},
    "cloud_run_scenarios.parquet": {"cloud-run-below-docker"},
    "missing_await.json": {"coroutine-without-await", "vbia-fix", "enum-import"},
    "fix.json": {"one-word-change", "syntax-check"},
    "memory.parquet": {"local-2gb", "docker-500mb", "ram-saved", "cloud-run-no-local-ram"},
}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with all results of a usual run."""
    made = RunFolder(tmp_path)
    write_results(made)
    return made


def judged_by_key(folder: RunFolder) -> dict[str, Judged]:
    """The verdicts by the key of their check."""
    return {item.check.key: item for item in judge(folder, CHECKS)}


def test_a_check_with_a_notebook_has_a_judgement_and_the_others_have_none() -> None:
    """No claim is judged without evidence, and none that could be judged is left out."""
    assert {check.key for check in CHECKS if check.notebook} == set(JUDGEMENTS)


def test_every_check_is_judged_in_the_order_of_the_file(folder: RunFolder) -> None:
    """Also those that nothing tests yet: they say why."""
    judged = judge(folder, CHECKS)
    assert [item.check for item in judged] == list(CHECKS)
    assert all(item.finding for item in judged)
    untested = {item.check.key for item in judged if item.verdict is ClaimVerdict.NOT_TESTED}
    not_given = {"sync-factories", "line-numbers"}  # they want an upstream tree
    assert untested == not_given | {check.key for check in CHECKS if check.notebook is None}


@pytest.mark.parametrize("name", FILES)
def test_without_its_file_a_claim_is_not_tested(folder: RunFolder, name: str) -> None:
    """The finding names the file that is missing; other claims keep their verdicts."""
    before = judged_by_key(folder)
    (folder.path / name).unlink()
    after = judged_by_key(folder)
    changed = {key for key in before if before[key].verdict is not after[key].verdict}
    assert changed >= FILES[name]
    others = set().union(*(keys for other, keys in FILES.items() if other != name))
    assert not changed & (others - FILES[name])
    for key in changed:
        assert after[key].verdict is ClaimVerdict.NOT_TESTED
        assert name in after[key].finding


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_no_evidence(folder: RunFolder, name: str) -> None:
    """A torn file costs its verdicts, not the whole report."""
    (folder.path / name).write_bytes(b"{ PAR1")
    after = judged_by_key(folder)
    for key in FILES[name]:
        assert after[key].verdict is ClaimVerdict.NOT_TESTED
        assert name in after[key].finding


def test_a_world_that_was_not_run_is_no_evidence(folder: RunFolder) -> None:
    """A run of some worlds judges what rests on them, and says what is missing for the rest."""
    table = folder.read_table("reproductions.parquet")
    folder.write_table("reproductions.parquet", table[table.world == "docker-ready"])
    after = judged_by_key(folder)
    assert after["docker-probe-succeeds"].verdict is ClaimVerdict.REFUTED
    assert after["quick-check"].verdict is ClaimVerdict.NOT_TESTED
    assert "docker-hangs" in after["quick-check"].finding


def test_an_unknown_check_is_not_tested(folder: RunFolder) -> None:
    """A claim that somebody adds shows up at once, with how it would be tested."""
    new = Check("brand-new", "A new claim", "Not tested yet: nobody knows how.", None, ())
    (item,) = judge(folder, [new])
    assert (item.verdict, item.finding) == (ClaimVerdict.NOT_TESTED, new.how)


def test_every_claim_is_a_row_in_the_order_of_the_document(folder: RunFolder) -> None:
    """Two claims with one check always carry the same verdict."""
    rows = claim_rows(judge(folder, CHECKS))
    assert len(rows) == sum(len(check.claims) for check in CHECKS)
    assert [row.line for row in rows] == sorted(row.line for row in rows)
    verdicts = {(row.check, row.verdict, row.finding) for row in rows}
    assert len(verdicts) == len({row.check for row in rows})
    assert all(dataclasses.asdict(row)["quote"] for row in rows)
