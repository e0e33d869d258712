"""The twelve worlds, by name."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.reproduction.worlds import WORLDS, find_world


def test_the_dozen_worlds() -> None:
    """The worlds that the documentation promises, each with its story, and just one that is this machine."""
    assert [world.name for world in WORLDS] == [
        "here",
        "docker-not-installed",
        "docker-stopped",
        "docker-permission-denied",
        "docker-no-container",
        "docker-ready",
        "docker-unhealthy",
        "docker-hangs",
        "cloud-ready",
        "cloud-cold",
        "all-down",
        "low-ram",
    ]
    assert len({world.story for world in WORLDS}) == len(WORLDS)
    assert [world.name for world in WORLDS if world.is_here] == ["here"]


def test_world_is_found_by_name() -> None:
    """Every world can be asked for."""
    assert [find_world(world.name) for world in WORLDS] == list(WORLDS)


def test_unknown_world_names_the_nearest() -> None:
    """A mistyped name gets the one that was meant."""
    with pytest.raises(UsageError, match="did you mean 'docker-hangs'"):
        find_world("docker-hang")
