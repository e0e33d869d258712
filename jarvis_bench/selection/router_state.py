"""What the router knows and has done, as a record: for the page, the notebook, the command line and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_bench.records import Status


@dataclass(frozen=True, slots=True)
class Switch:
    """The tier for new requests has changed; `at_s` is Unix time in seconds, None is "no tier"."""

    at_s: float
    left: str | None
    taken: str | None
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatusChange:
    """From `at_s` (Unix time) on the tier was this; `state` is closed, open or half-open."""

    at_s: float
    tier: str
    status: Status
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class MemoryFigure:
    """RAM of a tier in bytes, with the name of the figure and how it was got."""

    metric: str
    bytes: int
    how: str


@dataclass(frozen=True, slots=True)
class CostFigure:
    """What a paid tier costs, modelled from its list price: US dollars for a thousand such requests."""

    usd_per_1000: float
    basis: str
    how: str = "modelled"


@dataclass(frozen=True, slots=True)
class TierView:
    """One tier as it is now.

    `since_s`: Unix time of its present state; `latencies_s`: its last answers, oldest first; `p50_s`, `p99_s`: over
    the last thousand, None below their floor of samples; `answers`: how many there were in all; `how`: how those times
    were got (`measured`, `emulated`, `scripted`).
    """

    name: str
    title: str
    state: str
    status: Status
    cause: str
    reason: str
    since_s: float
    answers: int
    latencies_s: tuple[float, ...]
    p50_s: float | None
    p99_s: float | None
    how: str = "measured"
    memory: tuple[MemoryFigure, ...] = ()
    cost: CostFigure | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """Requests since the start.

    `sent` counts every attempt, `failovers` the free ones among them, `retries` those on the budget.
    """

    requests: int = 0
    sent: int = 0
    failovers: int = 0
    retries: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class RouterState:
    """Everything at one moment; `at_s` and `began_s` are Unix time in seconds."""

    at_s: float
    began_s: float
    active: str | None
    active_reason: str
    tiers: tuple[TierView, ...]
    switches: tuple[Switch, ...]
    changes: tuple[StatusChange, ...]
    counters: Counters


def state_from_fields(fields: Mapping[str, Any]) -> RouterState:
    """The record as it comes back from JSON."""
    nested = {
        "tiers": tuple(_view(view) for view in fields["tiers"]),
        "switches": tuple(Switch(**switch) for switch in fields["switches"]),
        "changes": tuple(
            StatusChange(**change | {"status": Status(change["status"])}) for change in fields["changes"]
        ),
        "counters": Counters(**fields["counters"]),
    }
    return RouterState(**{**fields, **nested})


def _view(fields: dict[str, Any]) -> TierView:
    nested = {
        "status": Status(fields["status"]),
        "latencies_s": tuple(fields["latencies_s"]),
        "memory": tuple(MemoryFigure(**figure) for figure in fields["memory"]),
        "cost": None if fields["cost"] is None else CostFigure(**fields["cost"]),
    }
    return TierView(**fields | nested)
