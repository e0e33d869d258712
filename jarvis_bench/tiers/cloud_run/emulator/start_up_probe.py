"""One try of a start-up probe, over a connection of its own."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

PASSED = range(HTTPStatus.OK, HTTPStatus.BAD_REQUEST)
KEPT_S = 0.05


async def passes(address: tuple[str, int], path: str) -> bool:
    """Whether a GET of `path` is answered by 200 to 399; without a path, whether a connection is accepted and kept.

    An engine's proxy accepts for a container that does not listen yet, and then hangs up.
    """
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError:
        return False
    try:
        if not path:
            return await _is_kept(reader)
        return await _status(reader, writer, path) in PASSED
    except OSError:
        return False
    finally:
        writer.close()


async def _is_kept(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(KEPT_S):
            return bool(await reader.read(1))
    except TimeoutError:
        return True


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    """The status of the answer; 0 where it is none."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n".encode())
    words = (await reader.readline()).split()
    await reader.read()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
