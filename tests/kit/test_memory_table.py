"""What is walked, and what is skipped with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.memory_table import TableAmount, Tabling
from jarvis_bench.memory.phases import PHASES
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.records import MemoryRow
from jarvis_bench.settings import Settings
from tests.tiers.servers import honest_service, http

NO_WEIGHTS = Weights(Path("nowhere"), "seeded", "0" * 64)


METRICS = {"/metrics": http("process_resident_memory_bytes 5000000\n")}
LARGEST_BYTES = 500_000  # a body of 3 s has 128 kB, one of 30 s 1,280 kB


def tabling(amount: TableAmount, told: list[str]) -> Tabling:
    """A table to be made."""
    return Tabling(Settings(), NO_WEIGHTS, amount, told.append)


async def walk_url(url: str) -> tuple[list[MemoryRow], list[MemoryRow]]:
    """The rows of the service, and of its client."""
    table = await tabling(TableAmount((url,), (), repeats=1, idle_s=0.0), []).run()
    assert {row.tier for row in table.phases} == {url}
    server = [row for row in table.phases if row.of == "server"]
    return server, [row for row in table.phases if row.of == "client"]


@pytest.mark.skipif(not HAS_PROC, reason="pss is Linux's (/proc)")
async def test_a_service_by_its_address_is_asked_and_its_client_measured() -> None:
    """What it says of itself is self-reported and has no peak; what asking costs here is measured."""
    async with honest_service(METRICS) as url:
        server, client = await walk_url(url)
    told = {row.phase: row.bytes for row in server if row.metric == "rss"}
    assert told == {phase: None if phase in {"before", "imported"} else 5_000_000 for phase in PHASES[:-1]}
    assert {row.how for row in server if row.bytes} == {"self-reported"}
    assert [row.bytes for row in server if row.phase == "peak"] == [None]
    assert {row.how for row in client} == {"measured"}
    assert min(row.bytes for row in client if row.metric == "pss" and row.bytes) > 1_000_000


async def test_a_service_that_says_nothing_of_its_memory_is_null_and_never_0() -> None:
    """With the reason; its client is measured all the same."""
    async with honest_service({"/metrics": http({}, 404)}) as url:
        server, client = await walk_url(url)
    assert {(row.phase, row.metric, row.bytes) for row in server} == {
        (phase, "rss", None) for phase in PHASES
    }
    assert all("says nothing" in row.note for row in server)
    assert client


async def test_a_clip_that_a_service_refuses_leaves_that_phase_null() -> None:
    """The others have their figures."""
    async with honest_service(METRICS, largest_bytes=LARGEST_BYTES) as url:
        server, _ = await walk_url(url)
    found = {row.phase: row for row in server if row.metric == "rss"}
    assert found["longest clip"].bytes is None
    assert "longer than 10 s" in found["longest clip"].note
    assert found["after idle"].bytes == 5_000_000


async def test_a_service_that_is_not_there_is_a_note_not_a_zero() -> None:
    """And where nothing at all was measured, that is an error with the notes."""
    amount = TableAmount(("http://127.0.0.1:9",), (), repeats=1, idle_s=0.0)
    with pytest.raises(NothingMeasured, match=r"127.0.0.1:9: not measured, because"):
        await tabling(amount, []).run()


async def test_a_runtime_that_is_not_installed_is_skipped_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody takes its absence for a figure."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NothingMeasured, match=r"onnx: skipped.*jarvis-bench\[serve\]"):
        await tabling(TableAmount(("local",), ("onnx",)), []).run()
