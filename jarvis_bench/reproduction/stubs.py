"""Small servers that answer as an engine, a container's service or Cloud Run do in a given world."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.errors import MissingExtra
from jarvis_bench.reproduction.worlds import Cloud, Engine
from jarvis_bench.tiers.service_client import EMBED_PATH

try:
    from aiohttp import web
except ModuleNotFoundError as exc:
    raise MissingExtra("aiohttp (worlds are served by it; `here` needs none)", "kit") from exc

COLD_START_S = 3.0
NEVER_S = 3600.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def engine_stub(path: Path, engine: Engine, service_port: int) -> AsyncIterator[None]:
    """Serve the part of the Engine API that a probe asks for, on a unix socket at `path`."""

    async def version(request: web.Request) -> web.Response:
        return web.json_response({"Version": "29.1.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"})

    async def container(request: web.Request) -> web.Response:
        if engine is Engine.STUCK:
            await asyncio.sleep(NEVER_S)
        if engine is Engine.NO_CONTAINER:
            message = f"No such container: {request.match_info['name']}"
            return web.json_response({"message": message}, status=404)
        return web.json_response(_container(engine, service_port))

    async def image(request: web.Request) -> web.Response:
        return web.json_response({"Id": "sha256:" + "0" * 64})

    routes = [
        web.get("/version", version),
        web.get("/v{api}/containers/{name}/json", container),
        web.get("/v{api}/images/{name:.*}/json", image),
    ]
    async with _serving(routes, lambda runner: web.UnixSite(runner, str(path))):
        if engine is Engine.DENIED:
            path.chmod(0)
        yield


def _container(engine: Engine, service_port: int) -> dict[str, object]:
    health = "unhealthy" if engine is Engine.UNHEALTHY else "healthy"
    return {
        "Id": "0" * 64,
        "Name": "/jarvis-ecapa-cloud",
        "State": {"Status": "running", "Running": True, "Paused": False, "Health": {"Status": health}},
        "NetworkSettings": {"Ports": {"8010/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(service_port)}]}},
    }


@contextlib.asynccontextmanager
async def service_stub(*, cold: bool = False, loaded: bool = True) -> AsyncIterator[int]:
    """Serve a ready embedding service on a free port of 127.0.0.1, and yield the port.

    Its embeddings are no speaker's: 192 numbers that depend on the request, the same for the same one.
    A cold one holds every request until `COLD_START_S` after the first; one whose model is not `loaded` answers
    200 and says so.
    """
    first_s: list[float] = []

    async def health(request: web.Request) -> web.Response:
        first_s.append(time.monotonic())
        if cold:
            await asyncio.sleep(max(0.0, first_s[0] + COLD_START_S - time.monotonic()))
        state = "ready" if loaded else "failed"
        return web.json_response({"status": "healthy", "ecapa_ready": loaded, "startup_state": state})

    async def embedding(request: web.Request) -> web.Response:
        digest = hashlib.shake_128(await request.read()).digest(EMBEDDING_SIZE)
        return web.json_response({"success": True, "embedding": [byte / 128 - 1 for byte in digest]})

    listener = _free_listener()
    routes = [web.get("/health", health), web.post(EMBED_PATH, embedding)]
    with contextlib.closing(listener):
        async with _serving(routes, lambda runner: web.SockSite(runner, listener)):
            yield listener.getsockname()[1]


@contextlib.asynccontextmanager
async def cloud_stub(cloud: Cloud) -> AsyncIterator[str]:
    """The URL of Cloud Run in that state; empty where there is none, a refusing port where it is down."""
    if cloud is Cloud.NONE:
        yield ""
    elif cloud is Cloud.DOWN:
        with contextlib.closing(_free_listener(listen=False)) as bound:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    else:
        async with service_stub(cold=cloud is Cloud.COLD) as port:
            yield f"http://127.0.0.1:{port}"


def _free_listener(*, listen: bool = True) -> socket.socket:
    """A socket on a free port; bound without listening, it keeps the port and refuses connections."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    if listen:
        listener.listen(64)
    return listener


@contextlib.asynccontextmanager
async def _serving(
    routes: list[web.RouteDef], make_site: Callable[[web.AppRunner], web.BaseSite]
) -> AsyncIterator[None]:
    app = web.Application()
    app.add_routes(routes)
    # A handler that never answers must not hold up the end of its world.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        await make_site(runner).start()
        yield
    finally:
        await runner.cleanup()
