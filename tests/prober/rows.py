"""Rows of a load test for tests that judge them."""

from __future__ import annotations

from typing import Any

from jarvis_bench.prober.rows import Outcome, RequestRow

MS = 1_000_000


def request_row(
    *,
    planned_ms: float = 1000,
    late_ms: float = 0,
    service_ms: float = 20,
    outcome: str = "ok",
    **changes: Any,
) -> RequestRow:
    """One request that was sent `late_ms` after its plan and ended `service_ms` later."""
    planned_ns = round(planned_ms * MS)
    sent_ns = planned_ns + round(late_ms * MS)
    ended_ns = sent_ns + round(service_ms * MS)
    dropped = outcome == Outcome.DROPPED
    fields: dict[str, Any] = {
        "run": "run",
        "tier": "local",
        "runtime": "onnx",
        "clip": "a",
        "clip_s": 3.0,
        "index": 0,
        "warmup": False,
        "planned_ns": planned_ns,
        "ready_ns": planned_ns,
        "dispatched_ns": None if dropped else sent_ns,
        "sent_ns": None if dropped else sent_ns,
        "first_byte_ns": None,
        "last_byte_ns": ended_ns if outcome == Outcome.OK else None,
        "ended_ns": ended_ns,
        "outcome": outcome,
    }
    return RequestRow(**(fields | changes))
