"""Rows of a load test for tests that judge them."""

from __future__ import annotations

from jarvis_bench.records import LatencyRow


def row(
    service_ms: int,
    *,
    clip_s: float = 3.0,
    warmup: bool = False,
    error: str | None = None,
    waited_ms: int = 0,
) -> LatencyRow:
    """One request that was sent `waited_ms` late and answered `service_ms` later."""
    sent_ns = 1_000_000_000 + waited_ms * 1_000_000
    return LatencyRow(
        tier="local",
        runtime="speechbrain",
        clip="en-allison-03s-a",
        clip_s=clip_s,
        index=0,
        warmup=warmup,
        planned_ns=1_000_000_000,
        sent_ns=sent_ns,
        last_byte_ns=sent_ns + service_ms * 1_000_000,
        model_s=None,
        ok=error is None,
        error=error,
    )
