"""Figures and tables as they appear in a notebook and in the report: self-contained, light and dark, with alt text."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from jarvis_bench.errors import MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

# One identifier space in every figure, so that the same data gives the same bytes.
SALT: Final = "jarvis-bench"
FIGURE: Final = re.compile(r"-?[\d.,]+|n/a \(needs \d+\)|–")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme; those of the tiers are told apart in greyscale and by the colour-blind, too."""

    page: str
    text: str
    quiet: str
    line: str
    tiers: Mapping[str | None, str]
    series: tuple[str, ...]
    warning: str


LIGHT: Final = Palette(
    page="#ffffff",
    text="#1e242c",
    quiet="#586170",
    line="#e2dfd8",
    tiers=MappingProxyType(
        {"docker": "#bfe3cb", "cloud-run": "#cfe0f5", "local": "#f7dfae", None: "#e3e5e8"}
    ),
    series=("#1c5aa6", "#b97f0c", "#2f9e5b", "#8a4a9e"),
    warning="#b3261e",
)
DARK: Final = Palette(
    page="#1b2027",
    text="#e3e7ec",
    quiet="#9ca7b4",
    line="#2e353f",
    tiers=MappingProxyType(
        {"docker": "#1d5433", "cloud-run": "#1f4470", "local": "#674a10", None: "#333a44"}
    ),
    series=("#85b8f0", "#e8b44c", "#6fd095", "#d3a4e6"),
    warning="#ff8a7e",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture in both colour schemes; the reader's system chooses."""

    light: bytes
    dark: bytes
    alt: str
    caption: str

    def _repr_html_(self) -> str:
        alt, caption = html.escape(self.alt, quote=True), html.escape(self.caption)
        return (
            f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{_uri(self.dark)}">'
            f'<img alt="{alt}" src="{_uri(self.light)}"></picture><figcaption>{caption}</figcaption></figure>'
        )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table without its row numbers; columns of figures stand to the right."""

    frame: pd.DataFrame

    def _repr_html_(self) -> str:
        figures = [_holds_figures(self.frame[name]) for name in self.frame.columns]
        head = "".join(
            _cell("th", name, right) for name, right in zip(self.frame.columns, figures, strict=True)
        )
        rows = (
            "".join(_cell("td", value, right) for value, right in zip(row, figures, strict=True))
            for row in self.frame.itertuples(index=False)
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def __repr__(self) -> str:
        return str(self.frame.to_string(index=False))


@dataclass(frozen=True, slots=True)
class Link:
    """A cell of a table that leads to another page of the report."""

    text: str
    href: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences made from numbers, one paragraph a line."""

    text: str

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(line)}</p>" for line in self.text.splitlines())

    def __repr__(self) -> str:
        return self.text


def _holds_figures(values: pd.Series[Any]) -> bool:
    texts = [str(value) for value in values]
    return any(text[:1].isdigit() for text in texts) and all(
        FIGURE.fullmatch(text) is not None for text in texts
    )


def _cell(tag: str, value: object, right: bool) -> str:
    style = "right" if right else "left"
    shown = html.escape(str(value))
    if isinstance(value, Link):
        shown = f'<a href="{html.escape(value.href, quote=True)}">{shown}</a>'
    return f'<{tag} style="text-align:{style}">{shown}</{tag}>'


def draw(
    paint: Callable[[Canvas, Palette], None], *, size_inches: tuple[float, float], alt: str, caption: str
) -> Figure:
    """Paint the same picture once for each colour scheme.

    Args:
        paint: fills an empty matplotlib figure with the colours of a palette.
        size_inches: width and height.
        alt: what the picture shows, for those who do not see it.
        caption: the line below it, with the name of the metric and where the data is.
    """
    return Figure(_svg(paint, size_inches, LIGHT), _svg(paint, size_inches, DARK), alt, caption)


def _svg(
    paint: Callable[[Canvas, Palette], None], size_inches: tuple[float, float], palette: Palette
) -> bytes:
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure as Canvas
    except ModuleNotFoundError as exc:
        raise MissingExtra("matplotlib", "kit") from exc
    with mpl.rc_context(_style(palette)):
        canvas = Canvas(figsize=size_inches, layout="constrained", facecolor=palette.page)
        paint(canvas, palette)
        target = io.BytesIO()
        FigureCanvasSVG(canvas).print_svg(target, metadata={"Date": None, "Creator": None})
    return target.getvalue()


def _style(palette: Palette) -> dict[Any, Any]:
    return {
        "svg.hashsalt": SALT,
        "font.family": "DejaVu Sans",  # ships with matplotlib, so the same everywhere
        "font.size": 10,
        "text.color": palette.text,
        "axes.labelcolor": palette.quiet,
        "axes.edgecolor": palette.line,
        "axes.facecolor": palette.page,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
        "xtick.color": palette.quiet,
        "ytick.color": palette.quiet,
        "grid.color": palette.line,
        "legend.frameon": False,
    }


def _uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
