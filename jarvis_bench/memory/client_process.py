"""A client of the embedding service that does nothing else, so that its memory is what a remote tier costs at home.

`python -m jarvis_bench.memory.client_process URL BODY`; reads `hello`, `import` or `embed COUNT CONCURRENCY` as lines
on standard input, and answers each with `ok` or with what went wrong. Every request has the body of the file BODY.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jarvis_bench.tiers.service_client import ServiceClient


class RemoteClient:
    """Imports nothing of HTTP until it is told to."""

    def __init__(self, url: str, body: Path) -> None:
        self._url, self._body = url, body
        self._client: ServiceClient | None = None

    async def obey(self, words: list[str]) -> None:
        """Do one thing.

        Raises:
            ValueError: not one of the known words.
        """
        match words:
            case ["hello"]:
                pass
            case ["import"]:
                self._import()
            case ["embed", count, concurrency]:
                await self._embed(int(count), int(concurrency))
            case _:
                raise ValueError(f"unknown words {' '.join(words)!r}")

    async def aclose(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _import(self) -> ServiceClient:
        from jarvis_bench.tiers.http_health import load_http_client
        from jarvis_bench.tiers.service_client import ServiceClient

        load_http_client("cloud")
        if self._client is None:
            self._client = ServiceClient(self._url, tier="cloud-run", title="The service")
        return self._client

    async def _embed(self, count: int, concurrency: int) -> None:
        client, body = self._import(), self._body.read_bytes()
        waiting = iter(range(count))

        async def work() -> None:
            for _ in waiting:
                await client.embed_body(body)

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(concurrency):
                    tasks.create_task(work())
        except ExceptionGroup as group:  # they all fail alike
            raise group.exceptions[0] from group


async def serve(client: RemoteClient) -> None:
    """Obey until the input ends."""
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await client.obey(line.split())
                answer = "ok"
            except Exception as exc:  # the one who told it gets the text
                answer = f"{type(exc).__name__}: {exc}"
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    finally:
        await client.aclose()


def main() -> None:
    """Obey on the pipes that this process was given."""
    asyncio.run(serve(RemoteClient(sys.argv[1], Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
