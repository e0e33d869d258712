"""A share on a worker ends with its plug-in, or when nobody asks for it any more."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, cast

import pytest

from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.plan import CLOSED, Part, Plan

pytest.importorskip("distributed", reason="needs the extra 'dask'")

from jarvis_bench.prober.worker_share import Share, place

WORKER = cast("Any", None)


def share(url: str, lease_s: float) -> Share:
    """One half of a load that would take a minute."""
    load = LoadOrder(Plan(CLOSED, 60.0, concurrency=2))
    order = MeasurementOrder((url,), (load,), clip_seconds=(1.0,), part=Part(0, 2), together=True)
    return Share(dataclasses.asdict(order), {}, lease_s)


async def told(found: Share, word: str) -> list[str]:
    """All lines until one has the word, or the process has ended."""
    lines: list[str] = []
    async with asyncio.timeout(30):
        while not any(word in line for line in lines):
            news = found.news()
            lines += news.lines
            if news.code is not None:
                return [*lines, f"code {news.code}"]
            await asyncio.sleep(0.05)
    return lines


async def test_a_share_for_which_nobody_asks_ends() -> None:
    """A client that was killed cannot say goodbye."""
    async with known_server(Behaviour()) as url:
        found = share(url, 1.5)
        found.setup(WORKER)
        await told(found, "ready")
        await asyncio.sleep(2.5)
        assert (await told(found, "nothing has this word"))[-1] == "code -9"
        await found.teardown(WORKER)


async def test_a_share_ends_with_its_plug_in() -> None:
    """As when the worker is closed; a load that waits for its start is ended, too."""
    async with known_server(Behaviour()) as url:
        found = share(url, 30.0)
        found.setup(WORKER)
        assert '"ready"' in (await told(found, "ready"))[-1]
        async with asyncio.timeout(5):
            await found.teardown(WORKER)
        assert found.news().code is None


def test_equal_code_has_an_equal_hash() -> None:
    """And this machine is told from others by more than its name."""
    assert place() == place()
    assert len(place().code) == 64
