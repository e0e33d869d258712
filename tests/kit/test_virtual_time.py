"""The loop whose clock jumps."""

from __future__ import annotations

import asyncio
import time

import pytest

from jarvis_bench.kit.virtual_time import NothingWillHappen, now_s, run_virtually


def test_an_hour_passes_at_once_and_in_order() -> None:
    order: list[str] = []

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async def main() -> float:
        began_s = now_s()
        await asyncio.gather(wait("late", 3600.0), wait("early", 1.0))
        return now_s() - began_s

    began_s = time.perf_counter()
    assert run_virtually(main()) == pytest.approx(3600.0)
    assert time.perf_counter() - began_s < 5.0
    assert order == ["early", "late"]


def test_deadlines_hold() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60.0):
                await asyncio.Event().wait()

    run_virtually(main())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
def test_what_would_hang_for_ever_is_told() -> None:
    async def main() -> None:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen, match="nothing is due"):
        run_virtually(main())
