"""One reading of the router for all open pages: rendered once, sent to each as far as it has changed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from jarvis_bench.dashboard.fragments import fragments
from jarvis_bench.selection.router_state import RouterState

TICK_S = 0.5
HEARTBEAT_S = 10.0
RETRY_MS = 1000


class Feed:
    """Parts of the page, each with the number of the reading in which it last changed.

    A slow reader never makes a queue: it gets what is newest when it is ready for more.

    Args:
        read: gives the router's record.
        tick_s: seconds between two readings.
    """

    def __init__(self, read: Callable[[], RouterState], *, tick_s: float = TICK_S) -> None:
        self._read, self._tick_s = read, tick_s
        self._parts: dict[str, tuple[int, str]] = {}
        self._number = 0
        self._newer = asyncio.Event()
        self._readers = 0
        self._wanted = asyncio.Event()
        self.closed = False

    async def run(self) -> None:
        """Read and render for as long as somebody looks."""
        while True:
            await self._wanted.wait()
            self._render()
            await asyncio.sleep(self._tick_s)

    def close(self) -> None:
        """End all readers, so that the server can."""
        self.closed = True
        self._tell()

    async def events(self) -> AsyncIterator[bytes]:
        """Server-sent events (WHATWG HTML, "Server-sent events"): `parts`, and comments to keep the line open."""
        seen = 0
        self._readers += 1
        self._wanted.set()
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            while not self.closed:
                newer = self._newer
                if seen < self._number:
                    seen, changed = self._number, self._since(seen)
                    yield changed
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_S):
                        await newer.wait()
                        continue
                yield b": still here\n\n"
        finally:
            self._readers -= 1
            if not self._readers:
                self._wanted.clear()

    def _since(self, seen: int) -> bytes:
        changed = {name: html for name, (number, html) in self._parts.items() if number > seen}
        return f"event: parts\ndata: {json.dumps(changed, ensure_ascii=False)}\n\n".encode()

    def _render(self) -> None:
        number = self._number + 1
        for name, html in fragments(self._read()).items():
            if name not in self._parts or self._parts[name][1] != html:
                self._parts[name] = (number, html)
                self._number = number
        if self._number == number:
            self._tell()

    def _tell(self) -> None:
        self._newer.set()
        self._newer = asyncio.Event()
