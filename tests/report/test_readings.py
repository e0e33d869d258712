"""Sentences and tables are made from the numbers: other numbers, other sentences."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.kit.claims import load_checks
from jarvis_bench.records import ClaimVerdict, Decision
from jarvis_bench.report import readings
from jarvis_bench.report.verdicts import Judged
from jarvis_bench.reproduction.related import FixSize
from jarvis_bench.settings import CHECKOUT

from .finished_run import CLOUD_RUN_SCENARIOS, ENVIRONMENT, FIX, RELATED, START_UPS, start_up
from .soup import parse

CHECKS = load_checks(CHECKOUT / "data")


def test_the_environment_is_told_in_units_of_people() -> None:
    """Bytes become gigabytes, what is not known is said to be unknown."""
    text = str(readings.environment_table(ENVIRONMENT))
    assert "16.0 GB" in text
    assert "Imaginary 9000" in text
    assert "unknown" in text
    assert "torch" not in text


def test_a_package_that_is_missing_is_said_to_be() -> None:
    """The versions that the numbers depend on, complete."""
    text = str(readings.packages_table(ENVIRONMENT))
    assert "2.13.0" in text
    assert "not installed" in text


def test_the_preflight_says_what_was_found_or_that_nothing_was() -> None:
    """A quiet machine and a busy one read differently."""
    quiet = {"load_1min": 0.0, "cores": 2, "swap_used_bytes": 0, "dirty": False}
    busy = quiet | {"load_1min": 1.9}
    assert "1.9" in str(readings.preflight_reading(busy))
    assert "1.9" not in str(readings.preflight_reading(quiet))


def test_a_start_up_is_told_with_its_choice() -> None:
    """The reason that was printed, the tier, the time."""
    text = str(readings.reproduction_reading(start_up("v10.5", "docker-ready")))
    assert "'coroutine' object has no attribute 'check_docker_installed'" in text
    assert "local" in text
    assert "0.020 s" in text
    assert "no tier" in str(readings.reproduction_reading(start_up("v10.5", "all-down")))


def test_the_fix_is_told_by_its_words() -> None:
    """Words that were added and removed, and what compiles."""
    assert "await" in str(readings.fix_reading(FIX))
    other = FixSize(("yield",), ("await",), ())
    assert str(readings.fix_reading(other)).index("yield") < str(readings.fix_reading(other)).index("await")


def test_start_ups_are_summed_up_by_version() -> None:
    """Who takes Docker, who blocks, who publishes too early: computed from the rows."""
    text = str(readings.startup_reading(START_UPS))
    assert "v10.7, current" in text
    quick = [dataclasses.replace(result, longest_block_s=0.0) for result in START_UPS]
    assert str(readings.startup_reading(quick)) != text
    nobody = [dataclasses.replace(result, decision=Decision("local", "")) for result in START_UPS]
    assert "v10.7, current" not in str(readings.startup_reading(nobody))


def test_the_table_of_start_ups_has_a_row_for_each() -> None:
    """Version, world, tier, error, both times."""
    cells = [
        cell.get_text() for cell in parse(readings.startup_table(START_UPS)._repr_html_()).find_all("td")
    ]
    assert cells.count("v10.7") == len(START_UPS) / 4
    assert "5.010" in cells
    assert "5.000" in cells


def test_scenarios_that_were_not_run_are_said_to_be_missing() -> None:
    """A run of other worlds tells nothing of them."""
    assert "docker-ready, v10.6" in str(readings.scenario_reading(START_UPS))
    assert "not run" in str(readings.scenario_reading([start_up("v10.6", "low-ram")]))


def test_the_small_exhibits_are_told_as_they_were_seen() -> None:
    """Types, warnings and errors are those that were recorded."""
    text = str(readings.related_table(RELATED))
    assert all(part in text for part in ("coroutine", "DockerDaemonManager", "never awaited", "'Enum'"))
    loud = dataclasses.replace(RELATED, adapter=dataclasses.replace(RELATED.adapter, error="TypeError: no"))
    assert "TypeError: no" in str(readings.related_table(loud))


@pytest.mark.parametrize("verdict", list(ClaimVerdict))
def test_claims_are_counted_and_listed_by_line(verdict: ClaimVerdict) -> None:
    """The count is that of the claims, and each is a row with its evidence."""
    judged = [Judged(check, verdict, "As measured.") for check in CHECKS]
    claims = sum(len(check.claims) for check in CHECKS)
    assert str(readings.claims_reading(judged)).count(str(claims)) == 2
    assert verdict.value in str(readings.claims_reading(judged))
    rows = parse(readings.claims_table(judged)._repr_html_()).select("tbody tr")
    lines = [int(row.find_all("td")[0].get_text()) for row in rows]
    assert len(rows) == claims
    assert lines == sorted(lines)
    links = [str(link["href"]) for row in rows for link in row.find_all("a")]
    evidence = [f"{check.notebook}.html" for check in CHECKS for _ in check.claims if check.notebook]
    # What was not tested has no page of evidence in this run: its link would lead nowhere.
    assert sorted(links) == ([] if verdict is ClaimVerdict.NOT_TESTED else sorted(evidence))


def test_times_to_decide_stand_side_by_side() -> None:
    """World by world, where both were run."""
    text = str(readings.decision_times_reading(START_UPS))
    worlds = {result.world for result in START_UPS if result.version == "current"}
    assert len(text.splitlines()) == len(worlds)
    assert all(line.split(":")[0] in worlds for line in text.splitlines())
    assert "this package after" in text
    assert "not both run" in str(readings.decision_times_reading([]))


def test_start_ups_with_an_emulated_cloud_run_are_told_with_how_they_were_got() -> None:
    """What the document expects beside what was chosen; a cold one with its wait; what was not run is no zero."""
    table = str(readings.cloud_run_scenarios_table(CLOUD_RUN_SCENARIOS))
    assert "emulated" in table
    assert "not run: no aiohttp" in table
    assert "does not say" in table
    text = str(readings.cloud_run_scenarios_reading(CLOUD_RUN_SCENARIOS))
    assert text.splitlines() == [
        "As the document expects: 2 of 2 start-ups (Cloud Run emulated).",
        "With a cold one, v10.6 chose cloud-run after 3.75 s; instances started meanwhile: 1.",
    ]
    wrong = [dataclasses.replace(found, chosen="local") for found in CLOUD_RUN_SCENARIOS]
    assert "1 of 2 start-ups" in str(readings.cloud_run_scenarios_reading(wrong))
    assert "No start-up was run" in str(readings.cloud_run_scenarios_reading(CLOUD_RUN_SCENARIOS[-1:]))
