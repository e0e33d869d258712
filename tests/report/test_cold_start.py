"""Cold starts in pictures, tables and sentences: what was warm is counted, what is too little is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jarvis_bench.kit.cold_start_report import summarise_starts
from jarvis_bench.report import cold_start
from jarvis_bench.report.display import Figure

from .memory_rows import COLD_REPORT, GAPS, STARTS

PICTURES: dict[str, Callable[[], Figure]] = {
    "phases": lambda: cold_start.stacked_phases(COLD_REPORT.summaries),
    "samples": lambda: cold_start.distribution(STARTS),
    "gaps": lambda: cold_start.gap_curve(GAPS),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_each_time_and_names_metric_and_data(name: str) -> None:
    """In both schemes, with its file."""
    once, again = PICTURES[name](), PICTURES[name]()
    assert once == again
    assert once.light != once.dark
    assert "measured" in once.caption
    assert ".parquet" in once.caption


def test_the_pictures_say_their_numbers() -> None:
    """To those who do not see them."""
    assert "0.95 s in the middle of 11 cold starts" in PICTURES["phases"]().alt
    assert "11 cold samples, 11 warm" in PICTURES["samples"]().alt
    assert "after 10 s: 300 ms in the middle of 5" in PICTURES["gaps"]().alt


def test_the_table_counts_every_kind_of_sample() -> None:
    """Cold, warm, not known and failed; a median with bounds."""
    (row,) = cold_start.table(COLD_REPORT.summaries).frame.to_dict("records")
    assert row["cold / warm / not known / failed"] == "11 / 11 / 0 / 1"
    assert (row["median [s]"], row["bounds [s]"]) == ("0.95", "0.91 to 0.99")
    assert (row["provision [s]"], row["import [s]"]) == ("–", "0.300")


def test_too_few_samples_have_no_median() -> None:
    """The table says how many it would need."""
    (row,) = cold_start.table(summarise_starts(STARTS[:3])).frame.to_dict("records")
    assert row["median [s]"] == "n/a (needs 11)"
    assert row["bounds [s]"] == "–"


def test_the_reading_says_where_the_time_goes_and_what_was_warm() -> None:
    """And what a rest costs."""
    text = cold_start.reading(COLD_REPORT).text
    assert "0.95 s in the middle of 11 cold starts, most of it first inference" in text
    assert "11 samples were cold, 11 warm" in text
    assert "1 failed" in text
    assert "After 0 s of rest" in text
    assert "something was done" in text
    assert "weights: seeded" in cold_start.as_text(COLD_REPORT)


def test_nothing_started_is_still_a_picture() -> None:
    """A run without samples does not fail."""
    assert cold_start.stacked_phases(()).light
    assert cold_start.distribution(()).light
    assert cold_start.gap_curve(()).light
