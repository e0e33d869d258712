"""The style sheet's colours can be read, in light and in dark."""

from __future__ import annotations

import re
from itertools import product

import pytest

from jarvis_bench.report import pages

SHEET = pages.page_style()
CODE = ("code-keyword", "code-string", "code-number", "code-name", "code-comment")
ON_PAGE = ("text", "quiet", "accent", "bad", *CODE)
PAIRS = [
    *product(ON_PAGE, ("page", "raised", "sunken")),
    *((tone, f"{tone}-back") for tone in ("good", "bad", "mixed", "none")),
    ("text", "bad-back"),
]


def _schemes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{([^}]*--[^}]*)", SHEET)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in blocks)
    return {"light": light, "dark": dark}


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_meets_wcag_aa(scheme: str, ink: str, paper: str) -> None:
    colours = _schemes()[scheme]
    dim, bright = sorted((_luminance(colours[ink]), _luminance(colours[paper])))
    assert (bright + 0.05) / (dim + 0.05) >= 4.5


def test_both_schemes_name_the_same_colours() -> None:
    schemes = _schemes()
    assert schemes["light"].keys() == schemes["dark"].keys()
