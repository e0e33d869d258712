"""Run the service on a socket until it is told to stop, and let it finish what it has accepted."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from typing import cast

import uvicorn

from jarvis_bench.errors import UsageError
from jarvis_bench.service.app import build_app
from jarvis_bench.service.connection import patient_connections
from jarvis_bench.service.service import Service

GRACE_S = 1
IDLE_CONNECTION_S = 65
BACKLOG = 512


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers, which would end the process by the signal, not by 0.

    Args:
        config: of uvicorn.
        started: called once requests are answered.
    """

    def __init__(self, config: uvicorn.Config, started: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._announce is not None:
            self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        UsageError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket says that it is TCP; create_server's does
    # not, and every second answer on a connection would then wait 40 ms for a delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as exc:
        listener.close()
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise UsageError(f"cannot listen on {host}:{port}: {reason} (--port 0 takes a free one)") from exc
    return listener


async def serve(
    service: Service,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    started: Callable[[], None] | None = None,
) -> None:
    """Serve until `stop` is set, then drain.

    From then on new requests get 503; those accepted before have `limits.drain_s` to finish.

    Args:
        service: what to serve.
        listener: a listening socket; closed afterwards.
        stop: set by a signal handler or a test.
        started: called once requests are answered; the model is then not yet loaded.
    """
    config = uvicorn.Config(
        build_app(service),
        # Typed as a class, used as a callable.
        http=cast("type[asyncio.Protocol]", patient_connections(service.limits.head_s)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config, started)
    async with asyncio.TaskGroup() as tasks:
        ending = tasks.create_task(_end(server, service, stop))
        await server.serve(sockets=[listener])
        ending.cancel()


async def _end(server: uvicorn.Server, service: Service, stop: asyncio.Event) -> None:
    await stop.wait()
    service.draining = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(service.limits.drain_s):
            await service.idle()
    server.should_exit = True
