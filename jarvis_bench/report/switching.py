"""What faults cost: a picture of every request, the switches, and sentences made from them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.switching_records import RunSwitch, SwitchedRequest, SwitchingFacts
from jarvis_bench.report.display import Figure, Palette, Reading, Table, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

LIMITS_S = {"killed": 1.0, "frozen": 2.5}
MARKERS = ("o", "s", "^", "D")


def by_request(rows: Sequence[SwitchedRequest], facts: SwitchingFacts, *, how: str = "measured") -> Figure:
    """A lane a fault: each request at its planned time, as high as its user waited, by the tier that served.

    Args:
        rows: all requests.
        facts: of the same measurement.
        how: `measured`, or `scripted` where the tiers only play their parts.
    """
    faults = list(facts.plan.faults)

    def paint(canvas: Canvas, palette: Palette) -> None:
        lanes = canvas.subplots(len(faults), 1, sharex=True, squeeze=False)
        for axes, fault in zip(lanes[:, 0], faults, strict=True):
            _paint_lane(axes, palette, [row for row in rows if row.fault == fault], facts)
            axes.set_title(fault, loc="left", size=11)
            axes.set_ylabel("waited [s]")
        lanes[-1, 0].set_xlabel("seconds since the run began")
        lanes[0, 0].legend(
            loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=len(facts.tiers) + 1, fontsize=9
        )

    return draw(
        paint,
        size_inches=(9.0, 1.75 * len(faults) + 0.6),
        alt="What each user waited over time. " + " ".join(_lines(rows, facts)),
        caption="Each mark is a request at its planned time; its height is what the user waited (last byte minus "
        f"planned, {how}). Shaded: from the fault to its cure. Dotted: switches. Data: switching_{how}.parquet, "
        f"switching_{how}.json",
    )


def _paint_lane(axes: Any, palette: Palette, rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> None:
    plan = facts.plan
    axes.axvspan(plan.calm_s, plan.calm_s + plan.fault_s, color=palette.line, alpha=0.6, linewidth=0)
    for number, tier in enumerate(facts.tiers):
        mine = [row for row in rows if row.tier == tier]
        axes.scatter(
            [row.planned_s for row in mine],
            [row.waited_s for row in mine],
            s=13,
            marker=MARKERS[number],
            color=palette.series[number],
            linewidths=0,
            label=f"served by {tier}",
        )
    lost = [row for row in rows if row.tier is None]
    axes.scatter(
        [row.planned_s for row in lost],
        [row.waited_s for row in lost],
        marker="x",
        s=28,
        color=palette.warning,
        label="failed" if lost else None,
    )
    for switch in facts.switches:
        if rows and switch.fault == rows[0].fault and switch.left is not None:
            axes.axvline(switch.at_s, color=palette.quiet, linestyle=":", linewidth=1.1)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, plan.calm_s + plan.fault_s + plan.after_s)


def table(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> Table:
    """One line a fault."""
    return Table(
        pd.DataFrame(
            [
                {
                    "fault": fault,
                    "requests": len(mine),
                    "failed": sum(row.tier is None for row in mine),
                    "wrong": sum(not row.right for row in mine),
                    "usual wait [s], median": f"{_usual_s(mine, facts):.3f}",
                    "worst extra wait [s]": f"{extra_wait_s(mine, facts):.2f}",
                    "switches": " → ".join(_path(facts.switches, fault)),
                    "left after [s]": _after(facts, fault),
                }
                for fault in facts.plan.faults
                if (mine := [row for row in rows if row.fault == fault])
            ]
        )
    )


def reading(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> Reading:
    """What the numbers say."""
    failed, wrong = sum(row.tier is None for row in rows), sum(not row.right for row in rows)
    plan = facts.plan
    served = f"{len(rows)} requests, {facts.rate_per_s:.3g} a second"
    outcome = f"{failed or 'none'} failed, {wrong or 'none'} wrong"
    rule = f"After a fault a tier waits {plan.back_off_s:g} s, then is on trial for {plan.good_over_s:g} s"
    shortened = plan.back_off_s < 15 or plan.good_over_s < 10
    lines = [
        f"{served}: {outcome}; {facts.sent / max(1, facts.planned):.3f} sent for one planned.",
        *_pace(facts),
        *_lines(rows, facts),
        f"{rule}{'; the router itself takes 15 s and 10 s.' if shortened else '.'}",
    ]
    return Reading("\n".join(lines))


def extra_wait_s(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> float:
    """The longest wait from the fault on, less the median of those before it."""
    after = [row.waited_s for row in rows if row.planned_s >= facts.plan.calm_s - 1.0]
    return max(0.0, max(after, default=0.0) - _usual_s(rows, facts))


def expect_all_served(rows: Sequence[SwitchedRequest]) -> Reading:
    """Fail where a request failed or was answered wrongly.

    Raises:
        NothingMeasured: naming the first such request.
    """
    for row in rows:
        if row.tier is None or not row.right:
            what = row.error or "answered wrongly"
            raise NothingMeasured(f"request {row.index} of the run {row.fault!r}: {what}")
    return Reading(f"All {len(rows)} requests were served, and with the right embedding.")


def broken_promises(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> list[str]:
    """What must not happen, in words; empty where all is well."""
    found = [f"{row.fault}: request {row.index} failed ({row.error})" for row in rows if row.tier is None]
    found += [f"{row.fault}: request {row.index} was answered wrongly" for row in rows if not row.right]
    for fault in facts.plan.faults:
        mine = [row for row in rows if row.fault == fault]
        limit_s, extra_s = LIMITS_S.get(fault), extra_wait_s(mine, facts)
        if limit_s is not None and extra_s > limit_s:
            found.append(f"{fault}: {extra_s:.2f} s extra wait, {limit_s:g} s allowed")
        path = _path(facts.switches, fault)
        if len(path) != 3 or path[0] != path[2]:
            found.append(f"{fault}: {' → '.join(path)} in place of one switch away and one back")
    return found


def _pace(facts: SwitchingFacts) -> list[str]:
    """What the rate means for the first tier, where that was measured."""
    if facts.alone_s is None:
        return []
    name, share = facts.tiers[0], facts.rate_per_s * facts.alone_s
    threads = f", {facts.plan.threads} threads" if facts.plan.threads > 1 else ""
    line = f"Alone, {name} takes {facts.alone_s:.3f} s for a clip (measured, median{threads}) and is busy {share:.0%}"
    if facts.rate_per_s < facts.plan.rate_per_s:
        asked = facts.plan.rate_per_s
        line += f"; {asked:g} a second would have kept it busy for {asked * facts.alone_s:.0%}, and were not asked for"
    return [f"{line}."]


def _usual_s(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> float:
    before = [row.waited_s for row in rows if row.planned_s < facts.plan.calm_s - 1.0]
    return statistics.median(before) if before else 0.0


def _path(switches: Sequence[RunSwitch], fault: str) -> list[str]:
    return [switch.taken or "no tier" for switch in switches if switch.fault == fault]


def _after(facts: SwitchingFacts, fault: str) -> str:
    away = [switch.at_s for switch in facts.switches if switch.fault == fault and switch.left is not None]
    return f"{away[0] - facts.plan.calm_s:.2f}" if away else "–"


def _lines(rows: Sequence[SwitchedRequest], facts: SwitchingFacts) -> list[str]:
    return [
        f"{fault[0].upper()}{fault[1:]}: the worst wait was {extra_wait_s(mine, facts):.2f} s longer than usual; "
        f"{' → '.join(_path(facts.switches, fault))}."
        for fault in facts.plan.faults
        if (mine := [row for row in rows if row.fault == fault])
    ]
