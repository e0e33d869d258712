"""The document's waterfall with real instances of our service behind an emulated Cloud Run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit import cloud_run_scenarios
from jarvis_bench.kit.cloud_run_scenarios import STATES, run_cloud_run_scenarios
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator.process_instance import MODULE
from tests.processes import descendants

SEEDED = Settings(weights="seeded")


def instances() -> list[int]:
    """Processes of instances below this one."""
    return descendants(MODULE)


async def test_each_version_meets_a_real_service_in_each_state(weights: Weights) -> None:
    """Healthy is taken and starts nothing; one that is killed at its limit is not taken; a cold one is woken."""
    said: list[str] = []
    found = await run_cloud_run_scenarios(SEEDED, progress=said.append)
    by_key = {(one.scenario, one.version): one for one in found}
    assert {key: one.chosen for key, one in by_key.items()} == {
        ("healthy", "v10.6"): "cloud-run",
        ("healthy", "current"): "cloud-run",
        ("unhealthy", "v10.6"): "local",
        ("unhealthy", "current"): "local",
        ("cold", "v10.6"): "cloud-run",
        ("cold", "current"): "local",
    }
    assert all(one.was_run and one.how == "emulated" for one in found)
    assert [one.starts for one in found if one.scenario == "healthy"] == [0, 0]
    assert all((one.starts or 0) >= 1 for one in found if one.scenario != "healthy")
    assert (by_key["cold", "v10.6"].seconds or 0) >= cloud_run_scenarios.DELAY_S
    assert (by_key["cold", "current"].seconds or 99) < cloud_run_scenarios.DELAY_S
    assert all((one.billed_s or 0) > 0 for one in found)
    assert instances() == []
    assert len(said) == len(found) + 1


async def test_what_cannot_be_run_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise NothingMeasured("scripted")

    monkeypatch.setattr(cloud_run_scenarios, "_run", fails)
    monkeypatch.setattr(cloud_run_scenarios, "compute_known_vector", fails)
    found = await run_cloud_run_scenarios(dataclasses.replace(SEEDED, cache_dir=tmp_path), ["v10.6"])
    assert [one.reason for one in found] == ["not run: scripted"] * len(STATES)
    assert {(one.seconds, one.starts, one.billed_s) for one in found} == {(None, None, None)}
    assert not any(one.was_run or one.as_expected for one in found)
