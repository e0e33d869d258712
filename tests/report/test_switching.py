"""What is said about faults, from rows made by hand."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.report import switching

from .switching_rows import FACTS, PLAN, ROWS, row


def test_the_extra_wait_is_what_is_beyond_the_usual() -> None:
    assert switching.extra_wait_s(ROWS, FACTS) == pytest.approx(0.4)
    assert switching.broken_promises(ROWS, FACTS) == []
    said = str(switching.reading(ROWS, FACTS))
    assert "none failed, none wrong; 1.250 sent for one planned" in said
    assert "Killed: the worst wait was 0.40 s longer than usual; service → local → service." in said


def test_a_rate_that_was_lowered_for_a_slow_machine_is_told() -> None:
    plan = dataclasses.replace(PLAN, rate_per_s=10.0)
    paced = dataclasses.replace(FACTS, plan=plan, rate_per_s=5.0, alone_s=0.1)
    said = str(switching.reading(ROWS, paced))
    assert "4 requests, 5 a second" in said
    assert "service takes 0.100 s for a clip (measured, median) and is busy 50%" in said
    assert "10 a second would have kept it busy for 100%, and were not asked for." in said
    assert "Alone" not in str(switching.reading(ROWS, FACTS))


def test_broken_promises_are_told() -> None:
    rows = [*ROWS, row(4, 1.2, "local"), row(5, 9.9, None), dataclasses.replace(row(6, 0.1), right=False)]
    facts = dataclasses.replace(FACTS, switches=FACTS.switches[:2])
    told = "; ".join(switching.broken_promises(rows, facts))
    assert "request 5 failed (no tier gave it)" in told
    assert "request 6 was answered wrongly" in told
    assert "9.85 s extra wait, 1 s allowed" in told
    assert "service → local in place of one switch away and one back" in told


def test_the_notebook_fails_where_a_request_did() -> None:
    switching.expect_all_served(ROWS)
    with pytest.raises(NothingMeasured, match="request 5 of the run 'killed': no tier gave it"):
        switching.expect_all_served([*ROWS, row(5, 9.9, None)])


def test_figure_and_table_say_the_same_as_the_words() -> None:
    figure = switching.by_request(ROWS, FACTS)
    assert "0.40 s longer" in figure.alt
    assert "switching_measured.parquet" in figure.caption
    assert "service → local → service" in str(switching.table(ROWS, FACTS))
