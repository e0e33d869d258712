"""Tiers for one measurement: gone afterwards, and told in words where they cannot be had."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator.process_instance import MODULE
from jarvis_bench.tiers.temporary import temporary_cloud_run, temporary_container
from tests.processes import descendants


async def test_without_an_engine_there_is_no_container(tmp_path: Path) -> None:
    """The engine is not started for it; the error is the tier's own."""
    nowhere = Settings(weights="seeded", docker_host=f"unix://{tmp_path}/no.sock")
    with pytest.raises(TierFailed):
        async with temporary_container(nowhere, "onnx", core=None, tell=list[str]().append):
            pass


async def test_a_service_that_was_named_is_asked_and_nothing_emulated() -> None:
    """Whoever pays for one wants that one measured."""
    told: list[str] = []
    named = dataclasses.replace(
        Settings(), cloud_run_url="http://127.0.0.1:9", cloud_run_auth="none", weights="seeded"
    )
    async with temporary_cloud_run(named, "onnx", tell=told.append) as tier:
        assert tier.url == "http://127.0.0.1:9"
    assert told == []


@pytest.mark.model
async def test_the_emulator_serves_for_as_long_as_the_block(weights: object) -> None:
    """A first request starts an instance; afterwards nobody answers there."""
    pytest.importorskip("google.auth")
    told: list[str] = []
    async with temporary_cloud_run(Settings(weights="seeded"), "onnx", tell=told.append) as tier:
        await tier.start()
        assert tier.how == "emulated"
        assert descendants(MODULE), "a process, also where an engine is"
        assert {reading.how for reading in await tier.memory()} == {"emulated"}
        url = tier.url
    assert told == [f"Cloud Run: emulated on {url}"]
    async with temporary_cloud_run(
        dataclasses.replace(Settings(), cloud_run_url=url, cloud_run_auth="none"), "onnx", tell=told.append
    ) as gone:
        assert await gone.memory() == ()
