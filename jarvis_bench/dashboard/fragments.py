"""The router's record as parts of a page; the live page and the notebook show the same parts."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.dashboard.drawing import sparkline, timeline
from jarvis_bench.errors import MissingExtra
from jarvis_bench.look.sheet import TONES, shared_sheet
from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.records import Status
from jarvis_bench.selection.router_state import RouterState, TierView

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("templates")
STATES = {"closed": "can serve", "open": "left", "half-open": "on trial"}
METRICS = {"pss": "PSS", "rss": "RSS", "vm-hwm": "VmHWM (peak)", "uss": "USS"}
SHOWN_SWITCHES = 100


def fragments(state: RouterState) -> dict[str, str]:
    """HTML by the id of the element that holds it; whatever a tier says of itself stays text."""
    template = _environment().get_template("fragments.html.j2")
    parts = template.make_module()
    made = {
        "active": parts.active_tier(state),  # type: ignore[attr-defined]  # macros of the template
        "counters": parts.counters(state.counters),  # type: ignore[attr-defined]
        "lanes": timeline(state),
        "switches": parts.switches(tuple(reversed(state.switches))[:SHOWN_SWITCHES]),  # type: ignore[attr-defined]
    }
    for number, tier in enumerate(state.tiers):
        made[f"tile-{number}"] = parts.tile(tier, tier.name == state.active)  # type: ignore[attr-defined]
    return {name: str(part) for name, part in made.items()}


def page(state: RouterState, *, style: str, script: str) -> str:
    """The whole page, complete before any script has run."""
    template = _environment().get_template("page.html.j2")
    from markupsafe import Markup

    parts = {name: Markup(part) for name, part in fragments(state).items()}
    return template.render(parts=parts, tiles=len(state.tiers), style=Markup(style), script=Markup(script))


def sheet() -> str:
    """Everything that the parts need to look right."""
    return shared_sheet() + (TEMPLATES / "dashboard.css").read_text(encoding="utf-8")


def script() -> str:
    """What keeps the page up to date."""
    return (TEMPLATES / "dashboard.js").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as exc:
        raise MissingExtra("jinja2", "kit") from exc
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "tone": _tone,
        "spoken_state": _spoken_state,
        "clock": _clock,
        "milliseconds": _milliseconds,
        "megabytes": _megabytes,
        "metric": _metric,
        "spark": _spark,
    }
    environment.globals |= {"floors": FLOORS}
    return environment


def _tone(tier: TierView) -> str:
    return "mixed" if tier.state == "half-open" else TONES[tier.status]


def _spoken_state(tier: TierView) -> str:
    rests = tier.state == "closed" and tier.status is Status.BUSY
    return "rests" if rests else STATES[tier.state]


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at_s))


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _metric(name: str) -> str:
    return METRICS.get(name, name)


def _spark(tier: TierView) -> Markup:
    from markupsafe import Markup

    values = tier.latencies_s
    if not values:
        return Markup("")
    low, high = (f"{value * 1e3:.0f}" for value in (min(values), max(values)))
    return Markup(sparkline(values, f"The last {len(values)} answers took {low} to {high} ms"))
