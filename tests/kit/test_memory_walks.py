"""One table out of several walks."""

from __future__ import annotations

from jarvis_bench.kit.memory_table import MemoryTable
from jarvis_bench.kit.memory_walks import left_of, mean_table
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import MemoryRow


def table(first_clip: int | None, *, notes: tuple[str, ...] = ()) -> MemoryTable:
    """A walk with one cell that differs and one that does not."""
    rows = [
        MemoryRow("local", "onnx", "loaded", "pss", 100, t_s=1.0),
        MemoryRow(
            "local", "onnx", "first clip", "pss", first_clip, t_s=2.0, note="" if first_clip else "too slow"
        ),
    ]
    return MemoryTable(rows, [rows[0]], list(notes), [SamplerCost(0.1, 10.0, 90, 10)])


def test_a_cell_is_the_mean_of_the_walks() -> None:
    """Costs are summed, notes are said once, the timeline is the first walk's."""
    found = mean_table([table(120, notes=("a",)), table(150, notes=("a", "b")), table(180)])
    assert [(row.phase, row.bytes) for row in found.phases] == [("loaded", 100), ("first clip", 150)]
    assert len(found.timeline) == 1
    assert found.cost.dense == 270
    assert found.notes[0].startswith("each figure is the mean of 3 walks")
    assert found.notes[1:] == ["a", "b"]


def test_a_cell_that_some_walk_has_not_says_so() -> None:
    """And one that none has stays null, with its reason."""
    some = mean_table([table(None), table(150)]).phases[1]
    assert (some.bytes, some.note) == (150, "in 1 of 2 walks; too slow")
    none = mean_table([table(None), table(None)]).phases[1]
    assert (none.bytes, none.note) == (None, "too slow")


def test_one_walk_is_the_table() -> None:
    """Nothing is said of a mean."""
    one = table(120, notes=("a",))
    assert mean_table([one]) is one
    assert one.notes == ["a"]


def test_an_interruption_leaves_whole_walks_and_a_half_one_only_where_there_is_nothing_else() -> None:
    """Of two tables with as many walks both; else the first alone."""
    one, other, half = table(1), table(2), table(3)
    assert left_of([[]], half) == [[half]]
    assert left_of([[], []], MemoryTable()) == []
    assert left_of([[]], None) == []
    assert left_of([[one]], half) == [[one]]
    assert left_of([[one], []], half) == [[one]]
    assert left_of([[one], [other]], half) == [[one], [other]]
    assert left_of([[one, half], [other]], None) == [[one, half]]
    assert left_of([[one], [other]], None) == [[one], [other]]
