"""What the auditor found, and which other tool sees it, as a picture, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from jarvis_bench.kit.exhibit_audit import AwaitAudit
from jarvis_bench.kit.linter_comparison import Sight, SightRow
from jarvis_bench.report.display import Figure, Palette, Reading, Table, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

# A tone of the tiers' palette for each sight, told apart in greyscale too.
TONES: Final = {
    Sight.PLACE: "docker",
    Sight.LATER: "cloud-run",
    Sight.OTHER: "local",
    Sight.NOTHING: None,
    Sight.FAILED: None,
}
WORDS: Final = {
    Sight.PLACE: "names the place",
    Sight.LATER: "names a later line",
    Sight.OTHER: "for another reason",
    Sight.NOTHING: "says nothing",
    Sight.NOT_INSTALLED: "not installed",
    Sight.FAILED: "could not run",
}


def sight_matrix(rows: Sequence[SightRow]) -> Figure:
    """Tool × fault: whether the tool names the line where the cure belongs, a later one, or none."""
    linters = list(dict.fromkeys(row.linter for row in rows))
    faults = list(dict.fromkeys(row.fault for row in rows))

    def paint(canvas: Canvas, palette: Palette) -> None:
        axes = canvas.add_subplot()
        for row in rows:
            _tile(axes, palette, row, faults.index(row.fault), linters.index(row.linter))
        axes.set_xlim(0, len(faults))
        axes.set_ylim(len(linters), 0)
        axes.set_xticks([column + 0.5 for column in range(len(faults))], faults)
        axes.set_yticks(
            [place + 0.5 for place in range(len(linters))], [_named(rows, name) for name in linters]
        )
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelcolor=palette.text, labelsize=10)
        for spine in axes.spines.values():
            spine.set_visible(False)

    told = "; ".join(f"{row.linter} on {row.fault}: {_said(row)}" for row in rows)
    return draw(
        paint,
        size_inches=(9.6, 0.62 * len(linters) + 0.7),
        alt=f"What each tool says of each fault. {told}.",
        caption="Each tool run on the exhibit's files alone in a folder (measured). The small number counts its "
        "other messages on the same file. Data: which_tool.parquet",
    )


def _tile(axes: Any, palette: Palette, row: SightRow, column: int, place: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    sight = Sight(row.sight)
    absent = sight is Sight.NOT_INSTALLED
    axes.add_patch(
        FancyBboxPatch(
            (column + 0.04, place + 0.1),
            *(0.92, 0.8),
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor="none" if absent else palette.tiers[TONES[sight]],
            edgecolor=palette.line if absent else "none",
        )
    )
    colour = palette.quiet if sight in {Sight.NOTHING, Sight.NOT_INSTALLED} else palette.text
    weight = "bold" if sight is Sight.PLACE else "normal"
    below = "" if row.line is None else _distance(row)
    middle = 0.42 if below else 0.53
    axes.text(column + 0.1, place + middle, WORDS[sight], size=9.5, va="center", color=colour, weight=weight)
    axes.text(column + 0.1, place + 0.71, below, size=8.5, va="center", color=palette.text)
    if not absent and sight is not Sight.FAILED:
        axes.text(
            column + 0.92, place + 0.53, f"{row.others}", size=8, ha="right", va="center", color=palette.quiet
        )


def _named(rows: Sequence[SightRow], linter: str) -> str:
    version = next(row.version for row in rows if row.linter == linter)
    return f"{linter} {version}" if version else linter


def _distance(row: SightRow) -> str:
    below = (row.line or 0) - row.fault_line
    return f"line {row.line}" + (f", {below} below" if below else "")


def _said(row: SightRow) -> str:
    return WORDS[Sight(row.sight)] + (f" ({_distance(row)})" if row.line else "")


def sight_reading(rows: Sequence[SightRow]) -> Reading:
    """Who names the place of the missing await, who a later line, who nothing, and who is absent."""
    faults = list(dict.fromkeys(row.fault for row in rows))
    lines = []
    for fault in faults:
        of_fault = [row for row in rows if row.fault == fault]
        parts = [
            f"{words}: {', '.join(names)}"
            for sight, words in WORDS.items()
            if sight is not Sight.NOT_INSTALLED
            if (names := [row.linter for row in of_fault if row.sight == sight.value])
        ]
        lines.append(f"{fault} — {'; '.join(parts)}.")
    absent = list(dict.fromkeys(row.linter for row in rows if row.sight == Sight.NOT_INSTALLED.value))
    if absent:
        lines.append(f"Not installed, so not run: {', '.join(absent)} (pip install 'jarvis-bench[peers]').")
    return Reading("\n".join(lines))


def sight_table(rows: Sequence[SightRow]) -> Table:
    """What the tools that said something said, in their own words."""
    told = [row for row in rows if row.line is not None or row.sight == Sight.FAILED.value]
    faults = list(dict.fromkeys(row.fault for row in rows))
    return Table(
        pd.DataFrame(
            {
                "fault": row.fault,
                "tool": row.linter,
                "line": "–" if row.line is None else row.line,
                "its own words": row.message,
            }
            for row in sorted(told, key=lambda row: faults.index(row.fault))
        )
    )


def tools_table(rows: Sequence[SightRow]) -> Table:
    """The tools, how they were called, and how much else they say."""
    files = {row.linter: row for row in rows}
    return Table(
        pd.DataFrame(
            {
                "tool": linter,
                "version": row.version or "not installed",
                "settings": row.settings,
                "other messages": "–" if row.version is None else _others(rows, linter),
                "time for all files [s]": "–" if row.version is None else f"{row.seconds:.2f}",
            }
            for linter, row in files.items()
        )
    )


def _others(rows: Sequence[SightRow], linter: str) -> int:
    """Its other messages, each file once."""
    of_file = {row.fault_file: row.others for row in rows if row.linter == linter}
    return sum(of_file.values())


def findings_table(audit: AwaitAudit) -> Table:
    """Every finding of the auditor in the exhibit, with its evidence."""
    return Table(
        pd.DataFrame(
            {
                "version": one.version,
                "line": one.line,
                "rule": f"{one.rule} ({one.grade})",
                "what is wrong": one.message,
                "how it is known": one.evidence,
            }
            for one in audit.findings
        )
    )


def findings_reading(audit: AwaitAudit) -> Reading:
    """What each version still holds, and whether the fix is the document's."""
    versions = list(dict.fromkeys(one.version for one in audit.findings))
    parts = [
        f"{version}: {', '.join(one.rule for one in audit.findings if one.version == version)}"
        for version in versions
    ]
    same = "equals" if audit.fix_equals_v10_6 else "does NOT equal"
    return Reading(
        f"Found in {'; '.join(parts) or 'nothing'}. v10.5 after --fix {same} v10.6, byte for byte."
    )


def upstream_reading(audit: AwaitAudit) -> Reading:
    """What the given tree holds, or that none was given."""
    found = audit.upstream
    if found is None:
        return Reading("Not tested: no tree of JARVIS was given (--set jarvis=PATH).")
    counts = ", ".join(f"{count} {rule}" for rule, count in sorted(found.counts.items())) or "nothing"
    lines = [
        f"{found.files:,} files, {found.lines:,} lines, {found.not_audited} files not audited. Found: {counts}."
    ]
    lines += [
        f"{one.name}: {len(one.sync)} sync and {len(one.asynchronous)} async definitions "
        f"({', '.join((*one.sync, *one.asynchronous)) or 'none'})."
        for one in found.factories
    ]
    return Reading("\n".join([*lines, *found.missing]))
