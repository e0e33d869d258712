"""Notebook HTML keeps what it shows and loses what it would do."""

from __future__ import annotations

import pytest

from jarvis_bench.report.passive_html import passive


@pytest.mark.parametrize(
    "harmless",
    [
        '<figure><img alt="a" src="data:image/png;base64,AAAA"/><figcaption>a &lt; b</figcaption></figure>',
        '<p style="color: red">text <a href="rows.parquet">rows</a> <a href="https://example.org">paper</a></p>',
        '<table border="1" class="dataframe"><tr><td>1</td></tr></table>',
    ],
)
def test_harmless_html_is_unchanged(harmless: str) -> None:
    assert passive(harmless) == harmless


@pytest.mark.parametrize(
    ("active", "left"),
    [
        ("a<script>x()</script>b", "ab"),
        ("<iframe src='data:text/html,x'></iframe>", ""),
        ('<p onmouseover="x()">a</p>', "<p>a</p>"),
        ('<a href=" java\nscript:x()">a</a>', "<a>a</a>"),
        ('<img alt="a" src="https://example.org/x.png">', '<img alt="a"/>'),
        ('<img alt="a" src="neighbour.png">', '<img alt="a"/>'),
        ('<link href="https://example.org/x.css" rel="stylesheet">a', "a"),
        ('<svg><image xlink:href="https://example.org/x.png"></image></svg>', "<svg><image/></svg>"),
    ],
)
def test_what_runs_or_fetches_is_dropped(active: str, left: str) -> None:
    assert passive(active) == left


def test_unclosed_html_cannot_swallow_the_rest_of_the_page() -> None:
    assert passive("<div><b>a</main></body>") == "<div><b>a</b></div>"
