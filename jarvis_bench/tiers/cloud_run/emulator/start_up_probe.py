"""One try of a start-up probe, over a connection of its own."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

PASSED = range(HTTPStatus.OK, HTTPStatus.BAD_REQUEST)


async def passes(address: tuple[str, int], path: str) -> bool:
    """Whether a GET of `path` is answered by 200 to 399; without a path, whether a connection is accepted."""
    try:
        reader, writer = await asyncio.open_connection(*address)
    except OSError:
        return False
    try:
        return not path or await _status(reader, writer, path) in PASSED
    except OSError:
        return False
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> int:
    """The status of the answer; 0 where it is none."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n".encode())
    words = (await reader.readline()).split()
    await reader.read()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
