"""Words, times, sizes and links read as a person would write them."""

from __future__ import annotations

import pytest

from jarvis_bench.report import wording


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (0.04, "0.0 s"),
        (12.44, "12.4 s"),
        (59.96, "1 min 00 s"),
        (83.2, "1 min 23 s"),
        (3599.7, "1 h 00 min"),
        (3720, "1 h 02 min"),
    ],
)
def test_duration(seconds: float | None, said: str) -> None:
    assert wording.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (48_213, "48.2 kB"), (999_999, "1.0 MB"), (2_500_000_000_000, "2500.0 GB")],
)
def test_size(count: int, said: str) -> None:
    assert wording.size(count) == said


@pytest.mark.parametrize(
    ("lines", "said"), [((), ""), ((7,), "7"), ((40, 38, 39, 8), "8, 38–40"), ((1, 2, 2, 4), "1–2, 4")]
)
def test_line_ranges(lines: tuple[int, ...], said: str) -> None:
    assert wording.line_ranges(lines) == said


@pytest.mark.parametrize(
    ("target", "href"),
    [
        ("20_memory.html#cell-a", "20_memory.html#cell-a"),
        ("two words?.log", "two%20words%3F.log"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("https://example.org/x", "https%3A//example.org/x"),
        ("//example.org/x", "example.org/x"),
        ("/etc/passwd", "etc/passwd"),
    ],
)
def test_links_stay_inside_the_run_folder(target: str, href: str) -> None:
    assert wording.local_href(target) == href


def test_an_unknown_status_is_neutral_and_still_named() -> None:
    assert wording.tone("molten") == "none"
    assert "molten" in wording.what_happened("molten")
