"""A verdict in words and as a page: the same numbers in both."""

from __future__ import annotations

from jarvis_bench.report.comparison import comparison_html
from jarvis_bench.report.versus import sentence, verdict_word, versus_page
from tests.kit.test_versus_verdict import judged

from .soup import assert_inert, one, parse


def test_the_sentence_has_size_interval_noise_and_what_counts() -> None:
    """Nobody has to look further to quote it."""
    report = judged(1.1)
    text = sentence(report)
    assert text.startswith(
        f"B is slower: B takes {report.difference.ratio:.3f} × [{report.difference.low:.3f}"
    )
    assert f"{report.noise.ratio:.3f} ×" in text
    assert "9 fresh processes an arm" in text
    assert f"{report.smallest_share:.1%}" in text


def test_an_invalid_session_says_so_first() -> None:
    """Whatever it measured."""
    report = judged(1.3, again=1.2)
    assert verdict_word(report) == "INVALID"
    assert sentence(report).startswith("INVALID: the session told two equal arms apart")


def test_the_page_shows_the_arms_the_test_and_every_block() -> None:
    """The same twice; an injected slowdown is named."""
    report = judged(1.1, b_arm="local,slowdown=0.1")
    html = comparison_html(versus_page(report))
    assert html == comparison_html(versus_page(report))
    soup = parse(html)
    assert_inert(soup)
    assert "10%, injected" in soup.get_text()
    assert sentence(report) in soup.get_text()
    assert one(soup, "img")["alt"] == sentence(report)
