"""Two tables agree cell by cell, and what does not is named with a cause."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.kit.memory_report import (
    ChecksSummary,
    MemoryReport,
    agree,
    compare_tables,
    problems,
    summarise_checks,
)
from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.memory.phases import WITNESS
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import MemoryRow

MB = 1_000_000
REPORT = MemoryReport(
    rows=(),
    weights="seeded",
    cores="one",
    metrics="PSS",
    sampler=SamplerCost(0.01, 1.0, 9, 1),
    checks=ChecksSummary(2, 2, 0.0, 0.0),
    notes=(),
)


def cells(phase: str = "loaded", **figures: int | None) -> list[MemoryRow]:
    """One phase of one tier, its metrics by name."""
    return [
        MemoryRow(
            "local", "onnx", phase, metric.replace("_", "-"), None if value is None else value * MB, 1.0
        )
        for metric, value in figures.items()
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (100, 104, True),
        (100, 106, False),
        (10, 14, True),
        (10, 15, False),
        (1000, 1050, True),
        (1000, 1060, False),
    ],
)
def test_cells_agree_within_five_per_cent_or_four_megabytes(one: int, other: int, expected: bool) -> None:
    """Whichever is larger."""
    assert agree(one * MB, other * MB) is expected
    assert not agree(None, 1)
    assert agree(None, None)


def test_what_neither_has_is_no_cell() -> None:
    """A dash in both tables agrees with nothing and is not counted; memory-profiler's reading is not of record."""
    first = [*cells(pss=100, uss=None), MemoryRow("local", "onnx", "loaded", WITNESS, 5 * MB, 1.0)]
    found = compare_tables(first, cells(pss=101, uss=None))
    assert (found.cells, found.within, found.share, found.outside) == (1, 1, 1.0, ())


@pytest.mark.parametrize(
    ("first", "second", "metric", "cause"),
    [
        (
            cells(pss=100, pss_anon=50, rss=110),
            cells(pss=130, pss_anon=80, rss=140),
            "pss",
            "freed working memory",
        ),
        (cells(pss=100, pss_file=60, rss=110), cells(pss=60, pss_file=20, rss=110), "pss", "another process"),
        (cells(pss=100, pss_file=60, rss=110), cells(pss=60, pss_file=20, rss=70), "pss", "were touched"),
        (cells(pss=100, rss=110), cells(pss=60, rss=110), "pss", "no other figure"),
        (cells(vm_hwm=300, rss=110), cells(vm_hwm=340, rss=110), "vm-hwm", "a passing peak"),
        (cells(vm_hwm=300, rss=110), cells(vm_hwm=340, rss=150), "vm-hwm", "at the end of the phase differs"),
        (cells("peak", vm_hwm=300), cells("peak", vm_hwm=340), "vm-hwm", "reason given there"),
        (cells(pss=100), cells(pss=None), "pss", "once only"),
    ],
)
def test_a_cell_outside_has_a_cause(
    first: list[MemoryRow], second: list[MemoryRow], metric: str, cause: str
) -> None:
    """What the other figures of the same phase say."""
    found = compare_tables(first, second)
    (outside,) = [cell for cell in found.outside if cell.metric == metric]
    assert cause in outside.cause
    assert found.within == found.cells - len(found.outside)


def test_conditions_and_clients_are_cells_of_their_own() -> None:
    """Two walks of the same runtime are never compared with each other."""
    rows = cells(pss=100)
    plain = [dataclasses.replace(row, condition="malloc plain", bytes=500 * MB) for row in rows]
    client = [dataclasses.replace(row, of="client", bytes=50 * MB) for row in rows]
    found = compare_tables([*rows, *plain, *client], [*client, *plain, *rows])
    assert (found.cells, found.within) == (3, 3)


def test_problems_are_told_and_none_where_there_are_none() -> None:
    """A failed check, a costly sampler, tables that do not agree."""
    assert problems(REPORT) == []
    bad = dataclasses.replace(
        REPORT,
        checks=ChecksSummary(2, 1, 0.5, 0.0),
        sampler=SamplerCost(0.01, 1.0, 9, 1, alone_cpu_s=0.03, alone_wall_s=1.0),
        repeatability=compare_tables(cells(pss=100), cells(pss=200)),
    )
    assert [text.split()[0] for text in problems(bad)] == ["1", "the", "only"]


def test_checks_are_summed_up_by_their_worst() -> None:
    """Nothing checked is None, not 0 %."""
    checks = [
        SizeCheck("touch", "pss", 100, 99, 100, 10**7, 104 * 10**5),
        SizeCheck("touch", "rss", 100, 90, 100, 100, None),
    ]
    found = summarise_checks(checks)
    assert (found.judged, found.good) == (2, 1)
    assert (found.worst_error, found.worst_disagreement) == (0.1, 0.04)
    assert summarise_checks((), "macOS").worst_error is None


def test_a_cell_of_one_table_only_says_why_the_other_has_none() -> None:
    """By the note of the row without a number."""
    first = cells(pss=100)
    second = [dataclasses.replace(row, bytes=None, note="it was too slow") for row in first]
    (outside,) = compare_tables(first, second).outside
    assert outside.cause == "measured once only: it was too slow"
