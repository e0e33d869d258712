"""Memory in tables and sentences: each figure with its metric, and what is not measured as a dash."""

from __future__ import annotations

import dataclasses

from jarvis_bench.kit.memory_report import ChecksSummary, compare_tables
from jarvis_bench.memory.interactive import LineRow
from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import MemoryRow
from jarvis_bench.report import memory

from .memory_rows import MB, PHASES, REPORT
from .soup import parse


def test_a_row_names_its_metric_and_what_is_not_measured_is_a_dash() -> None:
    """Never 0 for what could not be had."""
    frame = memory.table(PHASES).frame
    assert {"PSS", "USS", "RSS", "VmHWM"} <= set(frame["metric [MB]"])
    only = MemoryRow("docker", "onnx", "imported", "pss", None, 0.0, note="no")
    (row,) = memory.table([only]).frame.to_dict("records")
    assert row["imported"] == "–"
    assert row["loaded"] == "–"
    assert parse(memory.table(PHASES)._repr_html_()).select("tbody tr")


def test_a_container_s_figures_keep_their_names() -> None:
    """The engine's figure is not called PSS, and says how it was got."""
    rows = [MemoryRow("docker", "onnx", "loaded", "docker-stats", 5 * MB, 0.0, "self-reported")]
    (row,) = memory.table(rows).frame.to_dict("records")
    assert (row["metric [MB]"], row["how"], row["loaded"]) == ("docker-stats", "self-reported", "5")


def test_the_conditions_stand_beside_the_usual_walk() -> None:
    """Only of the runtimes that were walked under some."""
    frame = memory.conditions_table(PHASES).frame
    assert list(frame["condition"]) == ["usual", "malloc plain"]
    assert set(frame["runtime"]) == {"onnx"}


def test_the_reading_is_computed_from_the_rows() -> None:
    """Import, load, peak, client, sampler, checks, notes and gaps, each with its number."""
    text = memory.reading(REPORT).text
    assert "importing the runtime adds 32 MB, loading the model 10 MB (PSS)" in text
    assert "220 MB (VmHWM)" in text
    assert "holds 43 MB PSS, 41 MB more" in text
    assert "1.50% of the whole process" in text
    assert "below the limit of 2%" in text
    assert "40 of 40 movements" in text
    assert "openvino: skipped" in text
    assert "service is not measured at “imported”: it imports and loads by itself" in text


def test_a_costly_sampler_and_an_unchecked_chain_are_said() -> None:
    """What cannot be trusted must not read as if it could."""
    costly = dataclasses.replace(REPORT, sampler=SamplerCost(0.5, 10.0, 90, 10))
    assert "NOT below" in memory.sampler_text(costly)
    assert "Nothing" in memory.sampler_text(dataclasses.replace(REPORT, sampler=SamplerCost(0, 0, 0, 0)))
    unchecked = dataclasses.replace(REPORT, checks=ChecksSummary(0, 0, None, None, "Linux only"))
    assert "Linux only" in memory.checks_text(unchecked)


def test_checks_and_lines_are_rows() -> None:
    """A wrong movement is marked; a line that did not run is left out."""
    checks = [
        SizeCheck("touch", "pss", 100, 100, 100, 1, None),
        SizeCheck("touch", "uss", 100, 0, 100, 1, None),
    ]
    assert list(memory.checks_table(checks).frame[""]) == ["good", "WRONG"]
    lines = [LineRow("encode", 1, "x = 1", MB, 0, 1), LineRow("encode", 2, "raise", None, None, None)]
    assert list(memory.lines_table(lines).frame["line"]) == [1]


def test_the_text_of_the_command_has_the_table_and_the_outside_cells() -> None:
    """Named one by one, with the cause."""
    second = [
        dataclasses.replace(
            row, bytes=row.bytes * 2 if row.phase == "after idle" and row.bytes else row.bytes
        )
        for row in PHASES
    ]
    repeated = dataclasses.replace(REPORT, repeatability=compare_tables(PHASES, second))
    text = memory.as_text(repeated)
    assert "within max(5%, 4 MB)" in text
    assert "after idle, pss: 140 and 280 MB: anonymous memory" in text
    assert "weights: seeded" in text
