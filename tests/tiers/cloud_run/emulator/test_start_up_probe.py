"""One try of a start-up probe, against real listeners."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from jarvis_bench.tiers.cloud_run.emulator.start_up_probe import passes


@contextlib.asynccontextmanager
async def answering(reply: bytes | None) -> AsyncIterator[tuple[str, int]]:
    """A listener that sends `reply` and hangs up; None keeps the connection, and b"" hangs up at once."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reply is None:
            await reader.read()
        elif reply:
            await reader.readline()
            writer.write(reply)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield host, port


async def test_a_connection_has_to_be_kept() -> None:
    """An engine's proxy accepts, and hangs up where the container does not listen."""
    async with answering(None) as address:
        assert await passes(address, "")
    assert not await passes(address, "")
    async with answering(b"") as address:
        assert not await passes(address, "")


async def test_a_path_has_to_be_answered_by_200_to_399() -> None:
    for status, passed in (
        ("200 OK", True),
        ("302 Found", True),
        ("404 Not Found", False),
        ("503 No", False),
    ):
        async with answering(f"HTTP/1.1 {status}\r\n\r\n".encode()) as address:
            assert await passes(address, "/health") is passed
    async with answering(b"") as address:
        assert not await passes(address, "/health")
