"""Events as engines write them."""

from __future__ import annotations

import pytest

from jarvis_bench.tiers.docker.events import ContainerEvent, read_event


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"Action": "oom", "time": 7}, ContainerEvent("oom", "", None, 7.0)),
        (
            {"Action": "die", "timeNano": 1_500_000_000, "Actor": {"Attributes": {"exitCode": "137"}}},
            ContainerEvent("die", "", 137, 1.5),
        ),
        ({"Action": "health_status: unhealthy"}, ContainerEvent("health", "unhealthy", None, 0.0)),
        (
            {"status": "health_status", "Actor": {"Attributes": {"health_status": "healthy"}}},
            ContainerEvent("health", "healthy", None, 0.0),
        ),
        ({"Action": "exec_start: python3 x"}, ContainerEvent("exec_start", "python3 x", None, 0.0)),
    ],
    ids=["oom", "die", "health-of-docker", "health-of-podman", "exec"],
)
def test_each_event_is_read(event: dict[str, object], expected: ContainerEvent) -> None:
    """Docker has the health in the action, Podman beside it."""
    assert read_event(event) == expected
