"""What the engine says about our container, told to the router: it hears of a death before any request fails."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.docker.events import ContainerEvent, watch
from jarvis_bench.tiers.docker.findings import NAME, TITLE

RUNS = frozenset({"running"})


class Listener(Protocol):
    """Who wants to know."""

    def note_event(self, status: TierStatus) -> None:
        """What the engine said, in the words of a probe; ready means "have a look"."""


async def follow_engine(
    listener: Listener,
    host: str,
    container: str,
    *,
    events: Callable[[str, str], AsyncIterator[ContainerEvent]] = watch,
) -> None:
    """Tell the listener every event that says something about the tier, until cancelled.

    Args:
        listener: a router.
        host: address of the engine, as in the settings.
        container: exact name of the container.
        events: where they come from.
    """
    stream = events(host, container)
    try:
        async for event in stream:
            status = read_status(event)
            if status is not None:
                listener.note_event(status)
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            with contextlib.suppress(RuntimeError):
                await close()


def read_status(event: ContainerEvent) -> TierStatus | None:
    """What an event says about the tier; None where it says nothing.

    An engine that is away says nothing: the container may well serve on.
    """
    match event.kind:
        case "oom":
            return _status(Status.BROKEN, "out-of-memory", "the container ran out of memory")
        case "die":
            code = "" if event.exit_code is None else f" (exit code {event.exit_code})"
            return _status(Status.STOPPED, "container-died", f"the container died{code}")
        case "pause":
            return _status(Status.STOPPED, "paused", "the container was paused")
        case "destroy":
            return _status(Status.STOPPED, "no-container", "the container was removed")
        case "inspected" if event.detail not in RUNS:
            return _status(Status.STOPPED, "container-stopped", f"the container is {event.detail}")
        case "start" | "unpause" | "health" | "inspected":
            return _status(Status.READY, event.kind, "something has changed")
        case _:
            return None


def _status(status: Status, cause: str, detail: str) -> TierStatus:
    return TierStatus(NAME, status, cause, f"{TITLE}: {detail}")
