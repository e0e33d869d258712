"""Servers on loopback that answer as a tier's service or engine might."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

CONTAINER = "jarvis-ecapa-cloud"
IMAGE = "jarvis-bench-ecapa:onnx"
VERSION = {"Version": "29.1.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"}
READY = {"status": "healthy", "ecapa_ready": True, "startup_state": "ready"}


def http(body: object, code: int = 200) -> bytes:
    """An HTTP answer: `body` as it is where it is text, else as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    head = f"HTTP/1.1 {code} Any\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + content


class Answers:
    """Answers each request by its path, `otherwise` where none fits, and remembers the paths asked for.

    None as an answer means that none ever comes.
    """

    def __init__(self, otherwise: bytes | None, by_path: Mapping[str, bytes | None] | None = None) -> None:
        self.asked: list[str] = []
        self._otherwise = otherwise
        self._by_path = by_path or {}
        self._closed = asyncio.Event()
        self._connections: list[asyncio.Task[None]] = []

    def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._connections.append(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            self.asked.append(path)
            answer = self._by_path.get(path, self._otherwise)
            if answer is None:
                await self._closed.wait()
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def open(self, server: asyncio.Server) -> AsyncIterator[None]:
        """Serve until the block ends, and leave no connection open."""
        try:
            yield
        finally:
            self._closed.set()
            server.close()
            await server.wait_closed()
            await asyncio.gather(*self._connections)


@contextlib.asynccontextmanager
async def service(answer: bytes | None) -> AsyncIterator[str]:
    """The URL of a service on 127.0.0.1 that gives this one answer to everything."""
    answers = Answers(answer)
    server = await asyncio.start_server(answers.connect, "127.0.0.1", 0)
    async with answers.open(server):
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def honest_service(
    by_path: Mapping[str, bytes] | None = None, *, largest_bytes: int | None = None
) -> AsyncIterator[str]:
    """The URL of a service that is ready, and gives every clip 192 numbers of its own.

    Args:
        by_path: its other answers; the path that is not there gets its health.
        largest_bytes: bodies above that are refused.
    """
    others = by_path or {}

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        answer = others.get(head.split()[1].decode(), http(READY))
        if head.startswith(b"POST"):
            size = re.search(rb"(?i)content-length: (\d+)", head)
            assert size is not None
            digest = hashlib.shake_128(await reader.readexactly(int(size[1]))).digest(192)
            answer = http({"embedding": [byte - 127.5 for byte in digest]})
            if largest_bytes is not None and int(size[1]) > largest_bytes:
                answer = http({"code": "clip_too_long", "error": "longer than 10 s"}, 413)
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def engine(
    container: bytes | None, version: bytes | None = None, asked: list[str] | None = None
) -> AsyncIterator[str]:
    """The address of an engine whose one container is described so.

    Args:
        container: the answer about the container of the expected name.
        version: the answer to the first question; default a proper one.
        asked: gets the path of each question.
    """
    no_such = http({"message": "No such container"}, 404)
    paths = {
        "/version": version or http(VERSION),
        f"/v1.52/containers/{CONTAINER}/json": container,
        f"/v1.52/images/{IMAGE}/json": http({"Id": "sha256:0"}),
    }
    answers = Answers(no_such, paths)
    answers.asked = answers.asked if asked is None else asked
    with short_folder() as folder:
        server = await asyncio.start_unix_server(answers.connect, folder / "engine.sock")
        async with answers.open(server):
            yield f"unix://{folder / 'engine.sock'}"


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for a unix socket in it (107 bytes)."""
    with tempfile.TemporaryDirectory(prefix="jb-test-", dir="/tmp") as folder:
        yield Path(folder)


@contextlib.contextmanager
def refusing_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections: bound, so that nobody else gets it, but not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextlib.contextmanager
def full_port() -> Iterator[int]:
    """A port of 127.0.0.1 that accepts no further connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]
