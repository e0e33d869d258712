"""Requests through one fault, made by hand."""

from __future__ import annotations

from jarvis_bench.kit.switching_records import RunSwitch, SwitchedRequest, SwitchingFacts, SwitchingPlan

PLAN = SwitchingPlan(faults=("killed",), rate_per_s=1.0)


def row(index: int, waited_s: float, tier: str | None = "service") -> SwitchedRequest:
    """A request at that second, answered by that tier; None is not answered."""
    return SwitchedRequest(
        "killed", index, float(index), waited_s, tier, 1, True, None if tier else "no tier gave it"
    )


ROWS = [row(0, 0.05), row(1, 0.05), row(3, 0.45, "local"), row(30, 0.05)]
FACTS = SwitchingFacts(
    PLAN,
    ("service", "local"),
    (
        RunSwitch("killed", 0.0, None, "service", "start", "best"),
        RunSwitch("killed", 3.1, "service", "local", "unreachable", "cannot be reached"),
        RunSwitch("killed", 29.0, "local", "service", "came-back", "best"),
    ),
    sent=5,
    planned=4,
    rate_per_s=1.0,
)
