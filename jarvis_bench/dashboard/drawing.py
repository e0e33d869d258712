"""Small pictures as SVG: the last latencies of a tier, and what every tier was over the last minutes."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_bench.look.sheet import TONES
from jarvis_bench.selection.router_state import RouterState, StatusChange

WIDTH, HEIGHT = 240, 44
WINDOW_S, STEP_S = 600.0, 5.0
LANE, LABELS, LINE = 22, 84, 720


@dataclass(frozen=True, slots=True)
class Span:
    """A tier was this from `begin_s` to `end_s`, Unix time."""

    tier: str
    begin_s: float
    end_s: float
    status: str
    tone: str


def sparkline(latencies_s: Sequence[float], alt: str) -> str:
    """The last latencies, oldest to the left, the scale from 0 to the slowest."""
    if not latencies_s:
        return ""
    most_s = max(*latencies_s, 1e-9)
    step = WIDTH / max(1, len(latencies_s) - 1)
    points = " ".join(
        f"{index * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * value / most_s:.1f}"
        for index, value in enumerate(latencies_s)
    )
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{html.escape(alt, quote=True)}"><polyline points="{points}"/></svg>'
    )


def spans(state: RouterState) -> tuple[list[Span], float, float]:
    """What each tier was over the last ten minutes, and from when to when; the end moves in steps of five seconds."""
    end_s = math.ceil(state.at_s / STEP_S) * STEP_S
    begin_s = max(end_s - WINDOW_S, state.began_s)
    found: list[Span] = []
    for tier in state.tiers:
        changes = [change for change in state.changes if change.tier == tier.name]
        ends = [*(change.at_s for change in changes[1:]), end_s]
        found += [
            Span(tier.name, max(begin_s, change.at_s), until_s, _word(change), TONES[change.status])
            for change, until_s in zip(changes, ends, strict=True)
            if until_s > begin_s
        ]
    return found, begin_s, end_s


def timeline(state: RouterState) -> str:
    """A lane a tier; the same in words for those who do not see it."""
    found, begin_s, end_s = spans(state)
    scale = LINE / max(1.0, end_s - begin_s)
    height = LANE * len(state.tiers) + 18
    alt = html.escape(_in_words(found), quote=True)
    parts = [f'<svg class="lanes" viewBox="0 0 {LABELS + LINE} {height}" role="img" aria-label="{alt}">']
    lanes = {tier.name: number for number, tier in enumerate(state.tiers)}
    for tier, lane in lanes.items():
        parts.append(f'<text x="0" y="{lane * LANE + 14}">{html.escape(tier[:12])}</text>')
    for span in found:
        x = LABELS + (span.begin_s - begin_s) * scale
        width = max(1.5, (span.end_s - span.begin_s) * scale)
        tip = html.escape(f"{span.tier}: {span.status} from {_clock(span.begin_s)}")
        parts.append(
            f'<rect class="{span.tone}" x="{x:.1f}" y="{lanes[span.tier] * LANE + 2}" width="{width:.1f}" '
            f'height="{LANE - 6}"><title>{tip}</title></rect>'
        )
    base = height - 4
    parts.append(f'<text class="time" x="{LABELS}" y="{base}">{_clock(begin_s)}</text>')
    parts.append(f'<text class="time end" x="{LABELS + LINE}" y="{base}">{_clock(end_s)}</text></svg>')
    return "".join(parts)


def _word(change: StatusChange) -> str:
    return f"{change.status.value} ({change.cause})"


def _in_words(found: Sequence[Span]) -> str:
    lines = [f"{span.tier} {span.status} from {_clock(span.begin_s)}" for span in found[-30:]]
    return "Status of each tier over time: " + "; ".join(lines)


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at_s))
