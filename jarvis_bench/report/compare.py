"""Two finished runs side by side, in words and as a page."""

from __future__ import annotations

from collections import Counter

from jarvis_bench.kit.compare import INCONCLUSIVE, INVALID, ComparedFigure, CompareReport
from jarvis_bench.report.comparison import ComparisonPage, Sheet

COLUMNS = ("Figure", "Metric", "A", "B", "B over A", "95 % interval", "Noise", "Verdict")
ONCE = "Each run is one process on one day: jarvis-bench versus tells whether a difference would come again."
NOISE = (
    "Noise: 5 %, or what a run differs from itself by, its second half against its first. A difference below it, or "
    "one whose interval holds 1, is INCONCLUSIVE."
)
ORDER = (INVALID, "slower", "larger", "faster", "smaller", INCONCLUSIVE)


def overall(report: CompareReport) -> str:
    """One word for the whole: the worst that was found."""
    words = {figure.verdict for figure in report.figures}
    return next((word for word in ORDER if word in words), "not-tested")


def sentence(report: CompareReport) -> str:
    """How many figures came out which way."""
    if not report.figures:
        return "These runs have no figure in common."
    counts = Counter(figure.verdict for figure in report.figures)
    listed = ", ".join(f"{counts[word]} {word}" for word in ORDER if counts[word])
    return f"Of {len(report.figures)} figures of B against A: {listed}."


def warnings(report: CompareReport) -> tuple[str, ...]:
    """What the reader must know first."""
    forced = [f"forced: the runs differ in {item}" for item in report.differing] if report.forced else []
    return (*forced, *report.warnings)


def as_text(report: CompareReport) -> str:
    """The record as lines for a terminal."""
    lines = [f"A  {report.a}", f"B  {report.b}", sentence(report), ""]
    width = max((len(_name(figure)) for figure in report.figures), default=0)
    lines += [
        f"{_name(figure):{width}}  {_amount(figure, figure.a):>10} {_amount(figure, figure.b):>10} "
        f"{figure.ratio:6.3f} x  {figure.verdict}: {figure.why}"
        for figure in report.figures
    ]
    lines += [f"claim {item.check}: {item.a} in A, {item.b} in B" for item in report.claims]
    lines += [f"only in A: {name}" for name in report.only_a] + [
        f"only in B: {name}" for name in report.only_b
    ]
    lines += [f"compared as a variable: {item}" for item in report.differing if not report.forced]
    return "\n".join([*lines, "", *warnings(report), ONCE])


def compare_page(report: CompareReport) -> ComparisonPage:
    """The page with everything that the text says."""
    rows = tuple(_row(figure) for figure in report.figures)
    sheets = [Sheet("Figures", COLUMNS, rows, frozenset({"Verdict"}), frozenset({"Metric"}), NOISE)]
    if report.claims:
        rows = tuple((item.check, item.a, item.b) for item in report.claims)
        sheets.append(Sheet("Claims judged differently", ("Claim", "A", "B"), rows, frozenset({"A", "B"})))
    if report.differing:
        keys = tuple((item.key, item.a or "–", item.b or "–") for item in report.differing)
        sheets.append(
            Sheet("What the runs do not share", ("Key", "A", "B"), keys, texts=frozenset({"A", "B"}))
        )
    if lonely := [(name, "A") for name in report.only_a] + [(name, "B") for name in report.only_b]:
        sheets.append(
            Sheet("Figures of one run only", ("Figure", "Run"), tuple(lonely), texts=frozenset({"Run"}))
        )
    return ComparisonPage(
        kicker="jarvis-bench compare",
        title=f"{report.a} against {report.b}",
        verdict=overall(report),
        headline=sentence(report),
        facts=("all figures measured", "medians, and single readings of memory"),
        warnings=warnings(report),
        sheets=tuple(sheets),
        note=ONCE,
    )


def _row(figure: ComparedFigure) -> tuple[str, ...]:
    interval = "–" if figure.low is None else f"{figure.low:.3f} – {figure.high:.3f}"
    amounts = (_amount(figure, figure.a), _amount(figure, figure.b), f"{figure.ratio:.3f}")
    return (figure.name, figure.metric, *amounts, interval, f"{figure.noise_share:.0%}", figure.verdict)


def _name(figure: ComparedFigure) -> str:
    return f"{figure.name}, {figure.metric}"


def _amount(figure: ComparedFigure, value: float) -> str:
    return f"{value * 1e3:.1f} ms" if figure.unit == "s" else f"{value / 1e6:.0f} MB"
