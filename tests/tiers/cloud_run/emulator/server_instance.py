"""An instance inside the test's own loop: a real server on loopback that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from jarvis_bench.tiers.cloud_run.emulator.instance import Ending

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ServerInstance:
    """Answers every path with `handler`; `start_s` seconds pass before it listens."""

    def __init__(self, name: str, handler: Handler, start_s: float = 0.0) -> None:
        self.name = name
        self._handler, self._start_s = handler, start_s
        self._address = ("127.0.0.1", 9)
        self._runner: web.AppRunner | None = None
        self._gone = asyncio.Event()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._address

    async def start(self) -> None:
        """Listen."""
        await asyncio.sleep(self._start_s)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._address = self._runner.addresses[0][:2]

    async def answers(self, path: str) -> bool:
        """At once."""
        return True

    async def ended(self) -> Ending:
        """When stopped."""
        await self._gone.wait()
        return Ending()

    async def freeze(self) -> None:
        """Not here."""

    async def thaw(self) -> None:
        """Not here."""

    async def memory_bytes(self) -> int | None:
        """Unknown."""
        return None

    async def kill(self) -> None:
        """As stop."""
        await self.stop(0.0)

    async def stop(self, grace_s: float) -> None:
        """Close."""
        self._gone.set()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
