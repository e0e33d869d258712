"""The comparison as people see it: every figure is one of the report's."""

from __future__ import annotations

import dataclasses

from jarvis_bench.kit.tables import runtimes_report
from jarvis_bench.records import as_json
from jarvis_bench.report import runtimes
from tests.kit.runtimes_report import make_report

REPORT = make_report(cpu_features=("avx512_bf16",))


def test_the_picture_says_its_numbers_in_words() -> None:
    """Times and peaks of every runtime stand in the alt text; both colour schemes are drawn."""
    figure = runtimes.by_length(REPORT)
    assert "onnx at 3 s: 30 ms, peak 200 MB" in figure.alt
    assert figure.light != figure.dark
    assert "VmHWM" in figure.caption


def test_the_picture_can_be_drawn_without_peaks() -> None:
    """A system without VmHWM still gets its times."""
    rows = tuple(dataclasses.replace(row, hwm_bytes=None, limit_share=None) for row in REPORT.rows)
    assert b"svg" in runtimes.by_length(dataclasses.replace(REPORT, rows=rows)).light


def test_the_sentence_is_made_of_the_rows() -> None:
    """Ratios, limits, the smallest cosine, memory, and what was skipped."""
    text = runtimes.reading(REPORT).text
    assert "onnx (float32) takes 30 ms for a 3 s clip, 2.0 × as fast as speechbrain (at its best 70%" in text
    assert "400 GFLOP/s in float32 and 800 GFLOP/s in bfloat16" in text
    assert "0.999950" in text
    assert "150 MB PSS after 20 clips of varied length, 152 MB after 120" in text
    assert "a: skipped, because." in text


def test_tables_have_a_row_for_each_figure() -> None:
    """Nine rows of figures, and nine goals of which one could not be judged."""
    assert len(runtimes.table(REPORT).frame) == 9
    assert list(runtimes.goals(REPORT).frame[""]).count("not judged") == 1


def test_the_report_is_the_same_after_its_file() -> None:
    """runtimes.json holds all of it."""
    assert runtimes_report(as_json(REPORT)) == REPORT


def test_a_busy_machine_is_told() -> None:
    """Medians far above the best time are not to be quoted."""
    report = make_report(cpu_features=())
    assert "busy" not in str(runtimes.reading(report))
    slow = dataclasses.replace(report.rows[0], p50_s=2 * report.rows[0].best_s)
    told = str(runtimes.reading(dataclasses.replace(report, rows=(slow, *report.rows[1:]))))
    assert "speechbrain at 3 s is 2.0 × its best time" in told
