"""Cold starts are proven cold, warm samples are marked, failures are rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.prober.cold_start import Start, cold_starts, is_cold


class Scripted:
    """Starts as told."""

    tier, runtime, way, how = "local", "onnx", "scripted", "emulated"

    def __init__(self, *starts: tuple[Start, Start | None] | Exception) -> None:
        self._starts: Iterator[tuple[Start, Start | None] | Exception] = iter(starts)

    async def start(self) -> tuple[Start, Start | None]:
        """The next one."""
        found = next(self._starts)
        if isinstance(found, Exception):
            raise found
        return found


def start(instance: str | None, index: int | None) -> Start:
    """One that took a second."""
    return Start(1.0, instance_id=instance, request_index=index)


@pytest.mark.parametrize(
    ("instance", "index", "seen", "expected"),
    [
        ("a", 0, set(), True),
        ("a", 0, {"a"}, False),
        ("a", 1, set(), False),
        (None, 0, set(), None),
        ("a", None, set(), None),
    ],
)
def test_cold_is_a_new_name_with_index_0(
    instance: str | None, index: int | None, seen: set[str], expected: bool | None
) -> None:
    """Neither alone is enough, and who does not say is not known."""
    assert is_cold(start(instance, index), seen) is expected


async def test_each_start_is_a_cold_row_and_a_warm_one() -> None:
    """In order, with how they were got and what the page cache was."""
    told: list[str] = []
    starter = Scripted((start("a", 0), start("a", 1)), (start("b", 0), start("b", 1)))
    rows = [row async for row in cold_starts(starter, 2, cache="cold", progress=told.append)]
    assert [(row.index, row.cold) for row in rows] == [(0, True), (0, False), (1, True), (1, False)]
    assert {(row.way, row.how, row.cache) for row in rows} == {("scripted", "emulated", "cold")}
    assert "1 of 2" in told[0]


async def test_a_process_that_answers_twice_is_warm_the_second_time() -> None:
    """A tier that was not let go cannot pass for a cold one."""
    starter = Scripted((start("a", 0), None), (start("a", 0), None))
    rows = [row async for row in cold_starts(starter, 2, progress=print)]
    assert [row.cold for row in rows] == [True, False]


async def test_a_failed_start_is_a_row_with_its_reason() -> None:
    """And the next one is tried."""
    starter = Scripted(NothingMeasured("no model"), TimeoutError(), (start("a", 0), None))
    rows = [row async for row in cold_starts(starter, 3, progress=print)]
    assert [row.error for row in rows] == ["no model", "no answer in time", None]
    assert [row.total_s for row in rows] == [None, None, 1.0]


async def test_what_is_not_explained_is_the_rest() -> None:
    """Never below zero, and None where no phase is known."""
    known = Start(1.0, import_s=0.25, load_s=0.25, instance_id="a", request_index=0)
    starter = Scripted((known, start("a", 1)))
    rows = [row async for row in cold_starts(starter, 1, progress=print)]
    assert [row.rest_s for row in rows] == [0.5, None]
