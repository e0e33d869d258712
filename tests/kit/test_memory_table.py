"""What is walked, and what is skipped with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.memory_table import TableAmount, Tabling
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.tier import MemoryReading
from tests.memory.test_sources import TellingTier

NO_WEIGHTS = Weights(Path("nowhere"), "seeded", "0" * 64)


def tabling(amount: TableAmount, told: list[str], **others: TellingTier) -> Tabling:
    """A table to be made."""
    return Tabling(Settings(), NO_WEIGHTS, amount, told.append, dict(others))


async def test_another_tier_is_asked_and_labelled() -> None:
    """A container's figures stand under its own name."""
    told: list[str] = []
    amount = TableAmount(("docker",), (), repeats=1, idle_s=0.0)
    table = await tabling(amount, told, docker=TellingTier(MemoryReading("docker-stats", 5))).run()
    assert {(row.tier, row.metric) for row in table.phases} == {
        ("docker", "docker-stats"),
        ("docker", "vm-hwm"),
    }
    assert table.cost.full >= 1
    assert any("docker server" in text for text in told)


async def test_a_tier_that_says_nothing_is_a_note_not_a_zero() -> None:
    """And where nothing at all was measured, that is an error with the notes."""
    amount = TableAmount(("docker",), (), repeats=1, idle_s=0.0)
    with pytest.raises(NothingMeasured, match="docker: not measured, because"):
        await tabling(amount, [], docker=TellingTier()).run()


async def test_a_runtime_that_is_not_installed_is_skipped_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody takes its absence for a figure."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NothingMeasured, match=r"onnx: skipped.*jarvis-bench\[serve\]"):
        await tabling(TableAmount(("local",), ("onnx",)), []).run()
