"""What pages share."""

from __future__ import annotations

from jarvis_bench.look.sheet import TONES, shared_sheet
from jarvis_bench.records import Status


def test_every_status_has_a_tone_that_the_sheet_knows() -> None:
    assert set(TONES) == set(Status)
    assert all(f".badge.{tone}" in shared_sheet() for tone in TONES.values())


def test_both_schemes_are_in_it() -> None:
    assert "prefers-color-scheme: dark" in shared_sheet()
