"""Cloud Run on this machine: `async with emulator(settings) as cloud_run:`, then ask `cloud_run.url`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from jarvis_bench.service.server import listen
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator.events import Event, Tell
from jarvis_bench.tiers.cloud_run.emulator.front_door import Authenticate, FrontDoor
from jarvis_bench.tiers.cloud_run.emulator.housing import housing
from jarvis_bench.tiers.cloud_run.emulator.instance import Instance
from jarvis_bench.tiers.cloud_run.emulator.meter import Bill
from jarvis_bench.tiers.cloud_run.emulator.revision import Revision
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED, EmulatorSettings
from jarvis_bench.tiers.cloud_run.emulator.tokens import INVOKER, TestKeys, metadata_routes

HOST = "127.0.0.1"
# The instance gets what the client sent, and nothing that aiohttp would add of its own.
OWN_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True)
class Emulated:
    """A running emulator.

    Args:
        url: the service's address, and the audience of its tokens.
        metadata_host: what GCE_METADATA_HOST and GCE_METADATA_IP have to be for google-auth to get tokens here; empty
            where the service is public.
        keys: issues tokens; None where the service is public.
        revision: instances, start-up times and bill.
        instances: `container` or `process`.
        why: why that, in words.
    """

    url: str
    metadata_host: str
    keys: TestKeys | None
    revision: Revision
    instances: str
    why: str

    def bill(self) -> Bill:
        """What the billing meter shows now."""
        return self.revision.bill()


@contextlib.asynccontextmanager
async def emulator(
    emulated: EmulatorSettings = DEPLOYED,
    *,
    settings: Settings | None = None,
    port: int = 0,
    make: Callable[[str], Instance] | None = None,
    tell: Tell | None = None,
) -> AsyncIterator[Emulated]:
    """Emulate one service until the end of the block; afterwards no process, container or port is left.

    Args:
        emulated: the service; default as our `service.yaml` deploys it. Tokens are wanted where it says so.
        settings: weights and cache of the instances; default as they are by themselves.
        port: of the front door on 127.0.0.1; 0 takes a free one.
        make: makes an instance from its name, in place of what the settings say.
        tell: told every event.

    Raises:
        UsageError: the port cannot be had, or containers were asked for and cannot.
        NothingMeasured: there are no weights.
    """
    settings = settings or Settings()
    keys = await asyncio.to_thread(TestKeys) if emulated.require_token else None
    async with contextlib.AsyncExitStack() as stack:
        listener = listen(HOST, port)
        stack.callback(listener.close)
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        kind, why = "given", "given"
        if make is None:
            house = await stack.enter_async_context(housing(emulated, settings))
            kind, why, make = house.kind, house.why, house.make
        revision = await stack.enter_async_context(Revision(emulated, make, tell or _ignore))
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        instances = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False, skip_auto_headers=OWN_HEADERS
            )
        )
        door = FrontDoor(revision, instances, _authenticate(keys, url, emulated))
        metadata = ""
        if keys is not None:
            handed_out = listen(HOST, 0)
            metadata = f"{HOST}:{handed_out.getsockname()[1]}"
            tokens = web.Application()
            tokens.add_routes(metadata_routes(keys))
            await stack.enter_async_context(_serving(tokens, handed_out))
        await stack.enter_async_context(_serving(door.app(), listener))
        yield Emulated(url, metadata, keys, revision, kind, why)


def _ignore(_: Event) -> None:
    pass


def _authenticate(keys: TestKeys | None, url: str, emulated: EmulatorSettings) -> Authenticate | None:
    if keys is None:
        return None
    return partial(keys.check, audiences=(url, *emulated.audiences), invokers=(INVOKER,))


@contextlib.asynccontextmanager
async def _serving(app: web.Application, listener: socket.socket) -> AsyncIterator[None]:
    """Serve until the end of the block. A client that goes away takes its request with it."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()
        listener.close()
