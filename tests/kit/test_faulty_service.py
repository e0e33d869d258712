"""The proxy that makes answers late."""

from __future__ import annotations

import asyncio
import time

import pytest

from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.kit.faulty_service import FaultyService, SlowProxy
from jarvis_bench.kit.switching import measure_switching
from jarvis_bench.kit.switching_records import SwitchingPlan


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(100):
        writer.write(content)
        await writer.drain()
    writer.close()


async def test_answers_are_late_and_whole_and_connections_end_together() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with SlowProxy(server.sockets[0].getsockname()[1]) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for delay_s in (0.0, 0.2):
            proxy.delay_s = delay_s
            began_s = time.perf_counter()
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            assert time.perf_counter() - began_s >= delay_s
        writer.close()
        await writer.wait_closed()
    server.close()


async def test_a_service_that_was_never_started_is_stopped() -> None:
    with pytest.raises(TierFailed, match="not started"):
        await FaultyService().embed([])  # type: ignore[arg-type]  # it does not come to that


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (SwitchingPlan(faults=("kiled",)), "did you mean 'killed'"),
        (SwitchingPlan(calm_s=0.0), "at least 2 s"),
        (SwitchingPlan(share_most=0.0), "share"),
    ],
)
async def test_an_impossible_plan_is_refused_before_anything_starts(
    plan: SwitchingPlan, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        await measure_switching(plan)
