"""A server whose behaviour is known, in a process of its own: what the prober is calibrated and tested against.

With no behaviour it does no work at all: the null server, whose latency is the prober's own floor. It speaks just
enough of our API: `GET /health`, `POST` of a clip, and `GET /log`, where it tells what it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from jarvis_bench.child_process import child_process, end_with_parent
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.prober.known_behaviour import Behaviour, Faults
from jarvis_bench.records import Json

HEALTH = json.dumps({"status": "healthy", "ecapa_ready": True, "startup_state": "ready"}).encode()
EMBEDDING = json.dumps([round(0.001 * (number + 1), 3) for number in range(192)]).encode()
WRONG = json.dumps([1.0 if number % 2 else -1.0 for number in range(192)]).encode()
HEAD_END = b"\r\n\r\n"


@contextlib.asynccontextmanager
async def known_server(behaviour: Behaviour | None = None, *, core: int | None = None) -> AsyncIterator[str]:
    """Run the server until the block ends; gives its URL.

    Args:
        behaviour: what it does beyond nothing.
        core: the one core it runs on; None for any.
    """
    config = json.dumps({"core": core, "behaviour": dataclasses.asdict(behaviour or Behaviour())})
    async with child_process("jarvis_bench.prober.known_server", [config], grace_s=0.5) as process:
        line = b"" if process.stdout is None else await process.stdout.readline()
        if not line:
            raise NothingMeasured("the null server did not start")
        yield f"http://127.0.0.1:{int(line)}"


@dataclass(slots=True)
class Told:
    """What the server did, by its own count; `served` are answers with an embedding, `bodies` checksums of clips."""

    received: int = 0
    served: int = 0
    errors: int = 0
    resets: int = 0
    wrong: int = 0
    bodies: set[int] = field(default_factory=set)


class Connection(asyncio.Protocol):
    """One connection: counts a body's bytes without keeping them, and answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._head = bytearray()
        self._path = b""
        self._missing = 0
        self.checksum = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport = transport if isinstance(transport, asyncio.Transport) else None

    def data_received(self, data: bytes) -> None:
        """Wait for the end of the head, then for as many bytes as it announced; no client of ours pipelines."""
        if self._missing:
            self._missing -= len(data)
            self._server.remember(self, data)
        else:
            self._head += data
            end = self._head.find(HEAD_END)
            if end < 0:
                return
            head = bytes(self._head[:end])
            self._path = head.split(b" ", 2)[1]
            self._missing = _content_length(head) - (len(self._head) - end - len(HEAD_END))
            self.checksum = 0
            self._server.remember(self, self._head[end + len(HEAD_END) :])
            self._head.clear()
        if self._missing <= 0:
            self._missing = 0
            self._server.requested(self, self._path)

    def answer(self, code: bytes, content: bytes, extra: bytes = b"") -> None:
        """Write one answer; nothing where the other side has gone."""
        if self._transport is None or self._transport.is_closing():
            return
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % (
            code,
            len(content),
        )
        self._transport.write(head + extra + b"\r\n" + content)

    def reset(self) -> None:
        """Break off without an answer."""
        if self._transport is not None:
            self._transport.abort()


class Server:
    """Decides what becomes of each request."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.told = Told()
        self._remembers = behaviour.remembers
        self._faults = Faults(behaviour)

    def requested(self, connection: Connection, path: bytes) -> None:
        """Answer at once or after the delay, or as the faults want it."""
        if path == b"/health":
            connection.answer(b"200 OK", HEALTH)
        elif path == b"/log":
            connection.answer(b"200 OK", json.dumps(self.log()).encode())
        elif self._faults.delay_s:
            asyncio.get_running_loop().call_later(self._faults.delay_s, self._serve, connection)
        else:
            self._serve(connection)

    def remember(self, connection: Connection, data: bytes | bytearray) -> None:
        """Take a part of a body into its checksum, where the bodies are to be told apart."""
        if self._remembers:
            connection.checksum = zlib.crc32(data, connection.checksum)

    def log(self) -> dict[str, Json]:
        """What it did so far; `bodies` as the number of different ones."""
        return {
            **dataclasses.asdict(self.told),
            "bodies": len(self.told.bodies),
            "freezes": self._faults.freezes,
            "stalls": self._faults.stalls,
        }

    def _serve(self, connection: Connection) -> None:
        told = self.told
        told.received += 1
        if self._remembers:
            told.bodies.add(connection.checksum)
        self._faults.hold_still()
        fate = self._faults.fate()
        if fate == "reset":
            told.resets += 1
            connection.reset()
        elif fate == "error":
            told.errors += 1
            connection.answer(b"500 Internal Server Error", b'{"error": "scripted"}')
        else:
            told.served += 1
            told.wrong += fate == "wrong"
            vector = WRONG if fate == "wrong" else EMBEDDING
            content = b'{"embedding": %s, "request_index": %d, "instance_id": "known"}' % (
                vector,
                told.received - 1,
            )
            timing = b"Server-Timing: model;dur=%d\r\n" % round(self._faults.delay_s * 1000)
            connection.answer(b"200 OK", content, timing)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def _serve(behaviour: Behaviour) -> None:
    server = Server(behaviour)
    listener = await asyncio.get_running_loop().create_server(
        lambda: Connection(server), "127.0.0.1", 0, backlog=1024
    )
    sys.stdout.write(f"{listener.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await listener.serve_forever()


def main() -> None:
    """Serve until standard input closes."""
    end_with_parent()
    config = json.loads(sys.argv[1])
    if config["core"] is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {config["core"]})
    asyncio.run(_serve(Behaviour(**config["behaviour"])))


if __name__ == "__main__":
    main()
