"""The tiers that a notebook measures are up for as long as it runs, as far as the machine has them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.kit.tiers_up import tiers_up
from jarvis_bench.settings import Settings


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


async def test_without_an_engine_cloud_run_is_emulated_all_the_same(weights: Weights, tmp_path: Path) -> None:
    """What is missing is told with the reason; afterwards nobody answers."""
    pytest.importorskip("google.auth")
    told: list[str] = []
    nowhere = Settings(weights="seeded", docker_host=f"unix://{tmp_path}/no.sock")
    async with tiers_up(nowhere, told.append) as settings:
        url = settings.cloud_run_url
        assert (settings.container_name, settings.cloud_run_auth) == (nowhere.container_name, "none")
        assert answers(url)
    assert told[0].startswith("not measured: Docker: ")
    assert told[1:] == [f"Cloud Run: emulated on {url}, with processes as instances"]
    assert not answers(url)


async def test_a_service_that_was_named_is_left_as_it_is(tmp_path: Path) -> None:
    told: list[str] = []
    named = Settings(docker_host=f"unix://{tmp_path}/no.sock", cloud_run_url="https://mine.run.app")
    async with tiers_up(named, told.append) as settings:
        assert settings == named
    assert len(told) == 1
