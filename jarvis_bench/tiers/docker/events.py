"""What happens to our container, as the engine tells it: at once, and again after the engine was away."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_bench.tiers.docker import running
from jarvis_bench.tiers.docker.engine import ENGINE_TIMEOUT_S, open_client

RECONNECT_S = 0.5
HEALTH = "health_status"


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """One event.

    Args:
        kind: the engine's word (`start`, `die`, `oom`, `pause`, `unpause`, `kill`, `stop`, `destroy`, …), `health`, or
            ours: `inspected` (looked at after each connection, since events may have been missed), `engine-lost`.
        detail: the health of a `health`; the state of an `inspected`, `absent` where there is no container.
        exit_code: of a `die`.
        at_s: when, in Unix seconds by the engine's clock; by ours for our own kinds.
    """

    kind: str
    detail: str
    exit_code: int | None
    at_s: float


def read_event(event: Mapping[str, Any]) -> ContainerEvent:
    """Read one event of the engine.

    Docker has the health in the action (`health_status: healthy`), Podman beside it in an attribute.
    """
    action = str(event.get("Action") or event.get("status") or "")
    attributes = (event.get("Actor") or {}).get("Attributes") or {}
    kind, _, detail = (part.strip() for part in action.partition(":"))
    if kind == HEALTH:
        kind, detail = "health", detail or str(attributes.get(HEALTH, ""))
    code = str(attributes.get("exitCode", ""))
    at_s = event["timeNano"] / 1e9 if event.get("timeNano") else float(event.get("time", 0))
    return ContainerEvent(kind, detail, int(code) if code.isdigit() else None, at_s)


async def watch(
    host: str, name: str, *, timeout_s: float = ENGINE_TIMEOUT_S, reconnect_s: float = RECONNECT_S
) -> AsyncGenerator[ContainerEvent, None]:
    """The events of the container of that name, for as long as the caller wants them; close the generator then.

    The first is `inspected`, and so is the first after the engine was away; `engine-lost` comes once each time.

    Args:
        host: the setting, as for `Engine`.
        name: of the container.
        timeout_s: for reaching the engine.
        reconnect_s: between two attempts to reach an engine that is away.
    """
    known_lost = False
    while True:
        stream = _Stream(host, name, timeout_s)
        stream.open()
        try:
            while (event := await stream.queue.get()) is not None:
                known_lost = False
                yield event
        finally:
            await asyncio.to_thread(stream.close)
        if not known_lost:
            known_lost = True
            yield ContainerEvent("engine-lost", stream.reason, None, time.time())
        await asyncio.sleep(reconnect_s)


class _Stream:
    """One connection to the engine's events, read by a thread; None in the queue is its end."""

    def __init__(self, host: str, name: str, timeout_s: float) -> None:
        self.queue: asyncio.Queue[ContainerEvent | None] = asyncio.Queue()
        self.reason = ""
        self._host, self._name, self._timeout_s = host, name, timeout_s
        self._loop = asyncio.get_running_loop()
        self._closing = threading.Lock()
        self._closed = False
        self._end: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="docker-events", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the connection, and with it the thread."""
        with self._closing:
            self._closed = True
            if self._end is not None:
                with contextlib.suppress(Exception):  # it ended on its own
                    self._end()
        self._thread.join(2 * self._timeout_s)

    def _run(self) -> None:
        try:
            with open_client(self._host, self._timeout_s) as (client, address):
                stream = client.events(decode=True, filters={"type": "container", "container": self._name})
                with self._closing:
                    if self._closed:
                        stream.close()
                        return
                    self._end = stream.close
                container = running.inspect(client, self._name, address)
                state = "absent" if container is None else container.state
                self._tell(ContainerEvent("inspected", state, None, time.time()))
                for event in stream:
                    self._tell(read_event(event))
        except Exception as exc:  # whatever it was: the caller hears that the engine is away, and why
            self.reason = str(exc)
        finally:
            self._tell(None)

    def _tell(self, event: ContainerEvent | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
            self._loop.call_soon_threadsafe(self.queue.put_nowait, event)
