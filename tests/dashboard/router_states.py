"""What a router may know, with HTML in all that a tier says of itself."""

from __future__ import annotations

from jarvis_bench.records import Status
from jarvis_bench.selection.router_state import (
    CostFigure,
    Counters,
    MemoryFigure,
    RouterState,
    StatusChange,
    Switch,
    TierView,
)

HTML = "<script>alert(1)</script>"
DOCKER = TierView(
    "docker", "Docker", "closed", Status.READY, "ok", "Docker: Ready", 1000.0, 2, (0.05, 0.06), None, None
)
CLOUD = TierView(
    *("cloud-run", "Cloud Run", "half-open", Status.READY, "on-trial", HTML, 1100.0, 0, (), None, None),
    memory=(MemoryFigure("vm-hwm", 312_000_000, "self-reported"),),
    cost=CostFigure(0.012, f"2 vCPU {HTML}"),
)
STATE = RouterState(
    at_s=1203.0,
    began_s=1000.0,
    active="docker",
    active_reason="Docker: the best tier that serves",
    tiers=(DOCKER, CLOUD),
    switches=(Switch(1000.0, None, "docker", "start", HTML), Switch(1100.0, "docker", None, HTML, "gone")),
    changes=(
        StatusChange(1000.0, "docker", Status.READY, "closed", "ok"),
        StatusChange(1000.0, "cloud-run", Status.BROKEN, "open", HTML),
        StatusChange(1100.0, "cloud-run", Status.READY, "half-open", "on-trial"),
    ),
    counters=Counters(7, 9, 2, 0, 1),
)
