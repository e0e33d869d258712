"""A repetition for people: the verdict first, then what did not come again."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.report.comparison import comparison_html
from jarvis_bench.report.rerun import as_text, rerun_page, sentence
from tests.kit.test_rerun import judged

from .soup import assert_inert, parse


@pytest.mark.parametrize(
    ("times", "environment", "opening"),
    [(1.0, {}, "Reproduced:"), (1.6, {}, "Not reproduced:"), (1.0, {"cpu": "Other 1"}, "The host differs:")],
)
def test_text_and_page_open_with_the_verdict(
    tmp_path: Path, times: float, environment: dict[str, str], opening: str
) -> None:
    """And every reason is in both."""
    report = judged(tmp_path, times=times, environment=environment)
    soup = parse(comparison_html(rerun_page(report)))
    assert_inert(soup)
    assert sentence(report).startswith(opening)
    for text in (as_text(report), soup.get_text()):
        assert sentence(report) in text
        assert all(reason in text for reason in report.reasons)
