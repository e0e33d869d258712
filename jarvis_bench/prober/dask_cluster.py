"""A Dask cluster as a load test uses it: its workers, asked one by one, each with a deadline (extra `dask`)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, cast

from jarvis_bench.errors import MissingExtra, NothingMeasured, UsageError, WorkerLost
from jarvis_bench.prober.clock_offset import ClockOffset, RoundTrip, clock_offset

if TYPE_CHECKING:
    from distributed import Client

    from jarvis_bench.prober.worker_share import WorkerPlace

CONNECT_S = 10.0
ANSWER_S = 10.0
TRIPS = 9


class DaskCluster:
    """Questions to the workers of a cluster; none is a task, so none is ever repeated on another worker."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def places(self) -> dict[str, WorkerPlace]:
        """Where each worker is, by its address.

        Raises:
            NothingMeasured: there is none.
            UsageError: a worker has no jarvis-bench, or another one than this machine.
        """
        from jarvis_bench.prober import worker_share

        async with asyncio.timeout(ANSWER_S + CONNECT_S):
            found = await self._client.run(worker_share.place, on_error="return")
        if not found:
            raise NothingMeasured("the Dask cluster has no worker")
        mine = worker_share.place()
        for worker, told in found.items():
            if isinstance(told, Exception):
                raise UsageError(f"worker {worker} cannot run jarvis-bench: {told}") from told
            if told.code != mine.code:
                raise UsageError(
                    f"worker {worker} has another jarvis-bench ({told.code[:8]}) than this machine "
                    f"({mine.code[:8]}): install the same version, with the same data/clips"
                )
        return dict(found)

    async def clock(self, worker: str) -> ClockOffset:
        """How far the worker's wall clock is from this machine's."""
        from jarvis_bench.prober.worker_share import wall_ns

        trips = []
        for _ in range(TRIPS):
            asked_ns = time.time_ns()
            read_ns = await self.ask(worker, wall_ns)
            trips.append(RoundTrip(asked_ns, read_ns, time.time_ns()))
        return clock_offset(trips)

    async def ask(self, worker: str, function: Callable[..., Any], *arguments: object) -> Any:
        """What the function gives there.

        Raises:
            WorkerLost: the worker is gone, does not answer, or the function failed.
        """
        try:
            async with asyncio.timeout(ANSWER_S):
                found = await self._client.run(function, *arguments, workers=[worker], on_error="return")
        except TimeoutError as exc:
            raise WorkerLost(f"it did not answer for {ANSWER_S:g} s") from exc
        except OSError as exc:
            raise WorkerLost(f"the scheduler is gone: {exc}") from exc
        answer = found.get(worker)
        if isinstance(answer, KeyError):
            raise WorkerLost("it was started anew and knows nothing of its share") from answer
        if isinstance(answer, Exception):
            raise WorkerLost(f"it is gone ({type(answer).__name__})") from answer
        return answer


@contextlib.asynccontextmanager
async def dask_cluster(address: str) -> AsyncIterator[DaskCluster]:
    """A connection to the scheduler.

    Args:
        address: such as `tcp://10.0.0.5:8786`.

    Raises:
        MissingExtra: Dask is not installed.
        UsageError: that is no address.
        NothingMeasured: nobody answers there.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as exc:
        raise MissingExtra("distributed", "dask") from exc
    make = cast("Callable[..., Any]", Client)
    try:
        client = make(address, asynchronous=True, set_as_default=False, timeout=CONNECT_S)
        try:
            await client
        except BaseException:
            # One that could not connect would else be closed by its collection, without anybody to await it.
            await client.close()
            raise
    except (ValueError, TypeError) as exc:
        raise UsageError(
            f"{address!r} is no address of a Dask scheduler, such as tcp://10.0.0.5:8786"
        ) from exc
    except OSError as exc:
        raise NothingMeasured(f"no Dask scheduler answers at {address}") from exc
    try:
        yield DaskCluster(client)
    finally:
        await client.close(timeout=CONNECT_S)
