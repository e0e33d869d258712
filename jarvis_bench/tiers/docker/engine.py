"""A Docker engine, asked through docker-py in threads that end by their deadline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from jarvis_bench.errors import MissingExtra, TierFailed
from jarvis_bench.tiers.docker.addresses import (
    LOCAL_HOST,
    Address,
    NoEngine,
    find_address,
    knock,
    load_docker_client,
)
from jarvis_bench.tiers.docker.bounded_thread import in_thread
from jarvis_bench.tiers.docker.findings import OLDEST_API, EngineTooOld, read_failure

Result = TypeVar("Result")
ENGINE_TIMEOUT_S = 1.5
# Making and removing containers takes longer than a question; a stop waits for the service to drain.
CHANGE_TIMEOUT_S = 30.0


class Engine:
    """The engine that the settings and the environment mean at the time of each question.

    Args:
        host: the setting; empty means DOCKER_HOST, then the context, then the known sockets.
        timeout_s: for a question, in seconds.
    """

    def __init__(self, host: str = "", *, timeout_s: float = ENGINE_TIMEOUT_S) -> None:
        self._host = host
        self.timeout_s = timeout_s
        self._versions: dict[str, str] = {}

    async def ask(
        self, question: Callable[[Any, Address], Result], *, timeout_s: float | None = None
    ) -> Result:
        """Put a question to the engine: a function of docker-py's low-level client and the engine's address.

        Args:
            question: runs in a thread; docker-py's `NotFound` and `APIError` in it are the caller's to read.
            timeout_s: for all of it, in seconds, if not the engine's own.

        Raises:
            TierFailed: the engine cannot be asked; the status in it says why.
            docker.errors.APIError: the engine's own refusal.
        """
        limit_s = timeout_s or self.timeout_s
        found: list[Address] = []

        def ask() -> Result:
            with open_client(self._host, limit_s, found, self._versions) as (client, address):
                return question(client, address)

        def work() -> Result:
            try:
                return ask()
            except Exception as exc:
                # Another engine has taken the place of the one whose version was known.
                if not (_is_refusal(exc) and "client version" in str(exc)):
                    raise
            return ask()

        try:
            return await in_thread(work, deadline_s=limit_s)
        except (MissingExtra, TierFailed):
            raise
        except Exception as exc:  # whatever the libraries underneath raise; none of it is ours
            if _is_refusal(exc):
                raise
            remote = found[0].url if found and found[0].host != LOCAL_HOST else ""
            if found and not remote and found[0].socket_path is None:
                remote = found[0].url
            raise read_failure(exc, timeout_s=limit_s, remote=remote).as_error() from exc

    async def change(
        self,
        work: Callable[[Any, Address], Result],
        *,
        timeout_s: float = CHANGE_TIMEOUT_S,
        undo: Callable[[Result], Awaitable[None]] | None = None,
    ) -> Result:
        """As `ask`, for what changes a container: finished even where the caller is cancelled, so nothing is half done.

        Args:
            work: the change.
            timeout_s: for all of it, in seconds.
            undo: called with the outcome where the caller was cancelled.
        """
        asking = asyncio.ensure_future(self.ask(work, timeout_s=timeout_s))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                outcome = await asking
                if undo is not None:
                    await undo(outcome)
            raise


@contextlib.contextmanager
def open_client(
    host: str,
    timeout_s: float,
    found: list[Address] | None = None,
    versions: dict[str, str] | None = None,
) -> Iterator[tuple[Any, Address]]:
    """docker-py's low-level client; blocks, so only in a thread.

    Args:
        host: the setting.
        timeout_s: between two parts of an answer.
        found: gets the address, for a caller who wants to know it when this fails.
        versions: of the API by address, as found before; asking an engine for it takes longer than the question. After
            a failure it is forgotten: another engine may have taken the place of that one.

    Raises:
        EngineTooOld: its newest API is older than `OLDEST_API`.
    """
    address = find_address(host, timeout_s=timeout_s)
    if found is not None:
        found.append(address)
    if (path := address.socket_path) is not None and address.product is None:
        knock(path, timeout_s)
    docker = load_docker_client()
    known = {} if versions is None else versions
    client = docker.APIClient(
        base_url=address.url,
        tls=address.tls or False,
        timeout=timeout_s,
        version=known.get(address.url, "auto"),
    )
    try:
        _check_version(client.api_version)
        yield client, address
        known[address.url] = client.api_version
    except BaseException:
        known.pop(address.url, None)
        raise
    finally:
        client.close()


def _check_version(version: str) -> None:
    parts = tuple(int(part) for part in version.split(".")[:2])
    if parts < OLDEST_API:
        oldest = ".".join(map(str, OLDEST_API))
        raise EngineTooOld(f"its API is {version}, {oldest} is needed: Docker 20.10 or newer")


def _is_refusal(exc: Exception) -> bool:
    """Whether the engine itself answered, with an error that is not about being asked at all."""
    errors = load_docker_client().errors
    return isinstance(exc, errors.APIError) and exc.response is not None and not isinstance(exc, NoEngine)
