"""Engine events as the router hears them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jarvis_bench.records import Status, TierStatus
from jarvis_bench.selection.engine_events import follow_engine, read_status
from jarvis_bench.tiers.docker.events import ContainerEvent


def event(kind: str, detail: str = "", exit_code: int | None = None) -> ContainerEvent:
    return ContainerEvent(kind, detail, exit_code, 0.0)


@pytest.mark.parametrize(
    ("happened", "status", "cause"),
    [
        (event("die", exit_code=137), Status.STOPPED, "container-died"),
        (event("oom"), Status.BROKEN, "out-of-memory"),
        (event("pause"), Status.STOPPED, "paused"),
        (event("destroy"), Status.STOPPED, "no-container"),
        (event("inspected", "exited"), Status.STOPPED, "container-stopped"),
        (event("inspected", "running"), Status.READY, "inspected"),
        (event("start"), Status.READY, "start"),
        (event("health", "healthy"), Status.READY, "health"),
    ],
)
def test_what_an_event_says(happened: ContainerEvent, status: Status, cause: str) -> None:
    said = read_status(happened)
    assert said is not None
    assert (said.tier, said.status, said.cause) == ("docker", status, cause)


@pytest.mark.parametrize("kind", ["engine-lost", "exec_create", "kill", "stop", "attach"])
def test_what_says_nothing(kind: str) -> None:
    """An engine that is away may have left a container that serves; a signal is not yet a death."""
    assert read_status(event(kind)) is None


async def test_the_listener_hears_them_in_order() -> None:
    heard: list[TierStatus] = []
    asked: list[tuple[str, str]] = []

    class Listener:
        def note_event(self, status: TierStatus) -> None:
            heard.append(status)

    async def events(host: str, container: str) -> AsyncIterator[ContainerEvent]:
        asked.append((host, container))
        for one in (event("inspected", "running"), event("engine-lost"), event("die", exit_code=137)):
            yield one

    await follow_engine(Listener(), "unix:///x", "ours", events=events)
    assert asked == [("unix:///x", "ours")]
    assert [status.cause for status in heard] == ["inspected", "container-died"]
    assert heard[-1].reason == "Docker: the container died (exit code 137)"
