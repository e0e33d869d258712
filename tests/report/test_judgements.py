"""Each verdict rests on a value of the run: change the value, and the verdict turns."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import Decision
from jarvis_bench.report.audit_judgements import AUDIT_JUDGEMENTS
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.report.judgements import JUDGEMENTS, missed_ready_tier
from jarvis_bench.report.memory_judgements import MEMORY_JUDGEMENTS

from .finished_run import start_up, write_results

READY = "✅ Docker: Ready (daemon running, container healthy)"
# check, verdict as found: version, world ("" for all), column, new value, verdict then
START_UPS = [
    ("v10_5-error", "reproduced", "v10.5", "docker-ready", {"error": "something else"}, "refuted"),
    ("v10_5-falls-to-local", "partly", "v10.5", "cloud-ready", {"tier": "local"}, "reproduced"),
    ("v10_5-falls-to-local", "partly", "v10.5", "docker-ready", {"tier": "docker"}, "refuted"),
    ("v10_5-skips-cloud-run", "refuted", "v10.5", "cloud-ready", {"tier": "local"}, "reproduced"),
    ("factory-initialises-first", "refuted", "v10.6", "", {"second_caller_ready": True}, "reproduced"),
    ("methods-exist", "refuted", "v10.6", "", {"error": None}, "reproduced"),
    ("docker-probe-succeeds", "refuted", "v10.6", "docker-ready", {"docker_status": "ready"}, "reproduced"),
    ("waterfall-order", "partly", "v10.6", "docker-ready", {"tier": "docker"}, "reproduced"),
    ("waterfall-order", "partly", "v10.6", "", {"tier": None}, "refuted"),
    ("scenario-running", "refuted", "v10.6", "docker-ready", {"docker_reason": READY}, "partly"),
    (
        *("scenario-running", "refuted", "v10.6", "docker-ready"),
        {"docker_reason": READY, "tier": "docker"},
        "reproduced",
    ),
    (
        *("scenario-stopped", "partly", "v10.6", "docker-stopped"),
        {"docker_reason": "⚠️ Docker: Daemon not running (can start if needed)"},
        "reproduced",
    ),
    ("scenario-stopped", "partly", "v10.6", "docker-stopped", {"tier": None}, "refuted"),
    (
        *("scenario-not-installed", "partly", "v10.6", "docker-not-installed"),
        {"docker_reason": "❌ Docker: Docker not installed"},
        "reproduced",
    ),
    ("clear-messages", "refuted", "v10.6", "docker-ready", {"error": None}, "partly"),
    ("clear-messages", "refuted", "v10.6", "", {"error": None}, "reproduced"),
    ("quick-check", "refuted", "v10.7", "docker-hangs", {"longest_block_s": 0.01}, "reproduced"),
    ("subprocess-async", "refuted", "v10.7", "docker-hangs", {"longest_block_s": 0.01}, "reproduced"),
    (
        *("auto-start-phase-2", "partly", "v10.6", "docker-stopped"),
        {"docker_starts": "systemctl start docker"},
        "reproduced",
    ),
    ("auto-start-phase-2", "partly", "v10.6", "cloud-ready", {"docker_starts": "open -a Docker"}, "refuted"),
    ("local-always-works", "refuted", "v10.6", "low-ram", {"tier": "local"}, "partly"),
    ("local-always-works", "refuted", "v10.6", "", {"tier": "local"}, "reproduced"),
]
# check, verdict as found: file, path to the value, new value, verdict then
FACTS = [
    (
        "coroutine-without-await",
        "reproduced",
        "missing_await.json",
        "related.call.without_await",
        "Manager",
        "refuted",
    ),
    (
        "factory-returns-manager",
        "reproduced",
        "missing_await.json",
        "related.call.with_await",
        "NoneType",
        "refuted",
    ),
    ("vbia-fix", "reproduced", "missing_await.json", "related.adapter.verified", True, "refuted"),
    ("vbia-fix", "reproduced", "missing_await.json", "related.adapter.kept_type", "Adapter", "refuted"),
    ("enum-import", "reproduced", "missing_await.json", "related.missing_import_error", None, "refuted"),
    ("one-word-change", "reproduced", "fix.json", "added", ["await", "self"], "refuted"),
    ("one-word-change", "reproduced", "fix.json", "removed", ["return"], "refuted"),
    ("syntax-check", "reproduced", "fix.json", "compiles", ["v10.5"], "refuted"),
]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with all results of a usual run."""
    made = RunFolder(tmp_path)
    write_results(made)
    return made


def verdict(folder: RunFolder, check: str) -> str:
    """The verdict of one check, from the folder as it is now."""
    found, finding = JUDGEMENTS[check](Evidence(folder))
    assert finding.endswith(".")
    return found.value


@pytest.mark.parametrize(("check", "found", "version", "world", "change", "then"), START_UPS)
def test_a_verdict_on_a_start_up_turns_with_its_row(
    folder: RunFolder, check: str, found: str, version: str, world: str, change: dict[str, Any], then: str
) -> None:
    """The values of one start-up in reproductions.parquet decide."""
    assert verdict(folder, check) == found
    table = folder.read_table("reproductions.parquet")
    rows = (table.version == version) & ((table.world == world) | (world == ""))
    assert rows.any()
    for column, value in change.items():
        table.loc[rows, column] = value
    folder.write_table("reproductions.parquet", table)
    assert verdict(folder, check) == then


@pytest.mark.parametrize(("check", "found", "name", "path", "value", "then"), FACTS)
def test_a_verdict_on_a_small_exhibit_turns_with_its_fact(
    folder: RunFolder, check: str, found: str, name: str, path: str, value: Any, then: str
) -> None:
    """The facts that notebooks 01 and 02 wrote down decide."""
    assert verdict(folder, check) == found
    content: Any = folder.read_json(name)
    *parents, last = path.split(".")
    place = content
    for parent in parents:
        place = place[parent]
    assert last in place
    place[last] = value
    folder.write_json(name, content)
    assert verdict(folder, check) == then


@pytest.mark.parametrize(("wrong", "then"), [(("healthy",), "partly"), (("healthy", "unhealthy"), "refuted")])
def test_the_verdict_on_cloud_run_turns_with_what_was_chosen(
    folder: RunFolder, wrong: tuple[str, ...], then: str
) -> None:
    """The start-ups of v10.6 decide for which the document says something; others do not."""
    assert verdict(folder, "cloud-run-below-docker") == "reproduced"
    table = folder.read_table("cloud_run_scenarios.parquet")
    table.loc[table.scenario == "cold", "chosen"] = "docker"
    folder.write_table("cloud_run_scenarios.parquet", table)
    assert verdict(folder, "cloud-run-below-docker") == "reproduced"
    table.loc[table.scenario.isin(wrong), "chosen"] = "docker"
    folder.write_table("cloud_run_scenarios.parquet", table)
    assert verdict(folder, "cloud-run-below-docker") == then


def test_a_cloud_run_that_could_not_be_emulated_is_not_judged(folder: RunFolder) -> None:
    table = folder.read_table("cloud_run_scenarios.parquet")
    table["reason"] = "not run: no aiohttp"
    folder.write_table("cloud_run_scenarios.parquet", table)
    with pytest.raises(NoEvidence, match="was not run with an emulated Cloud Run"):
        verdict(folder, "cloud-run-below-docker")


def test_no_judgement_is_left_untried() -> None:
    """Each has at least one value here that turns it."""
    turned = {row[0] for rows in (START_UPS, FACTS) for row in rows if row[1] != row[-1]}
    turned.add("cloud-run-below-docker")
    assert turned == set(JUDGEMENTS) - set(AUDIT_JUDGEMENTS) - set(MEMORY_JUDGEMENTS), (
        "those have a module of their own"
    )


def test_a_finding_shows_the_measured_value(folder: RunFolder) -> None:
    """A reader sees what the verdict rests on."""
    table = folder.read_table("memory.parquet")
    table.loc[table.phase == "peak", "bytes"] = 1_234_000_000
    folder.write_table("memory.parquet", table)
    assert "1234 MB" in JUDGEMENTS["local-2gb"](Evidence(folder))[1].replace(",", "")


@pytest.mark.parametrize(
    ("version", "world", "missed"),
    [("v10.6", "docker-ready", "Docker"), ("v10.7", "docker-ready", ""), ("v10.6", "docker-stopped", "")],
)
def test_a_start_up_that_does_not_take_a_ready_tier_misses_it(version: str, world: str, missed: str) -> None:
    """The fault that this package is about; another tier that is ready and better counts alike."""
    assert missed_ready_tier(start_up(version, world)) == missed
    away = dataclasses.replace(start_up(version, "cloud-ready"), decision=Decision("local", "as it does"))
    assert missed_ready_tier(away) == "Cloud Run"
