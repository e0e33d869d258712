"""Set a world up: its commands, sockets, servers and environment, for as long as one start-up runs."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.reproduction.shims import write_shims
from jarvis_bench.reproduction.worlds import Cloud, Engine, World

SERVED = frozenset({Engine.DENIED, Engine.NO_CONTAINER, Engine.READY, Engine.UNHEALTHY, Engine.STUCK})
SHIMS = "bin"
HIDDEN = ("DOCKER_", "JARVIS_", "CLOUD_ECAPA_")
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


@dataclass(frozen=True, slots=True)
class Stage:
    """A world that is up.

    Args:
        folder: its files; the start-up's result goes here, too.
        env: the environment of the start-up's process.
        socket: where the engine's socket is, or would be; None in `here`.
    """

    world: World
    folder: Path
    env: Mapping[str, str]
    socket: Path | None


@contextlib.asynccontextmanager
async def staged(world: World, *, cloud_url: str = "") -> AsyncIterator[Stage]:
    """Set `world` up, and take it down again with everything in it.

    Args:
        world: which; `here` is left as it is.
        cloud_url: a Cloud Run service that exists, in place of the world's own.
    """
    async with contextlib.AsyncExitStack() as stack:
        # The engine's socket path has to fit into 107 bytes, so not below a long TMPDIR.
        base = "/tmp" if Path("/tmp").is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jb-", dir=base)))
        if world.engine is None:
            yield Stage(world, folder, dict(os.environ), None)
            return
        socket = folder / "docker.sock"
        await _serve_engine(stack, socket, world.engine)
        url = cloud_url or await _serve_cloud(stack, world.cloud or Cloud.NONE)
        yield Stage(world, folder, _environment(folder, world.engine, socket, url), socket)


async def _serve_engine(stack: contextlib.AsyncExitStack, socket: Path, engine: Engine) -> None:
    if engine in SERVED:
        from jarvis_bench.reproduction.stubs import engine_stub, service_stub

        port = await stack.enter_async_context(service_stub(loaded=engine is not Engine.UNHEALTHY))
        await stack.enter_async_context(engine_stub(socket, engine, port))


async def _serve_cloud(stack: contextlib.AsyncExitStack, cloud: Cloud) -> str:
    if cloud is Cloud.NONE:
        return ""
    from jarvis_bench.reproduction.stubs import cloud_stub

    return await stack.enter_async_context(cloud_stub(cloud))


def _environment(folder: Path, engine: Engine, socket: Path, cloud_url: str) -> dict[str, str]:
    """The environment in which only the world's own commands, sockets and services exist."""
    shims = folder / SHIMS
    shims.mkdir()
    write_shims(shims, engine)
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(HIDDEN) and key.lower() not in PROXIES
    }
    mark = {key: os.environ[key] for key in ("JARVIS_BENCH_RUN_MARK",) if key in os.environ}
    return (
        kept
        | mark
        | {
            "PATH": str(shims),
            "HOME": str(folder),
            "DOCKER_HOST": f"unix://{socket}",
            "JARVIS_CLOUD_ML_ENDPOINT": cloud_url,
            "JARVIS_BENCH_CLOUD_RUN_URL": cloud_url,
        }
    )
