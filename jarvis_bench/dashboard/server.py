"""Serve the page until told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from jarvis_bench.dashboard.app import build_app
from jarvis_bench.dashboard.feed import Feed
from jarvis_bench.selection.router import Router
from jarvis_bench.service.server import Server

MEMORY_EVERY_S = 2.0
GRACE_S = 2


async def serve_dashboard(
    router: Router, listener: socket.socket, *, stop: asyncio.Event, started: Callable[[], None] | None = None
) -> None:
    """Serve until `stop` is set; open pages are told, and connect again once it is back.

    Args:
        router: what the page shows.
        listener: a listening socket; closed afterwards.
        stop: set by a signal handler or a test.
        started: called once requests are answered.
    """
    feed = Feed(router.state)
    config = uvicorn.Config(
        build_app(router.state, feed),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config, started)
    async with asyncio.TaskGroup() as tasks:
        working = [
            tasks.create_task(feed.run()),
            tasks.create_task(_read_memory(router)),
            tasks.create_task(_end(server, feed, stop)),
        ]
        await server.serve(sockets=[listener])
        for task in working:
            task.cancel()


async def _read_memory(router: Router) -> None:
    while True:
        await router.read_memory()
        await asyncio.sleep(MEMORY_EVERY_S)


async def _end(server: uvicorn.Server, feed: Feed, stop: asyncio.Event) -> None:
    await stop.wait()
    feed.close()
    server.should_exit = True
