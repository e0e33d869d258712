"""Measure latency from a notebook: tiers × clip lengths × load levels, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.prober.measurement import LoadMeasurement, measure_load
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.plan import FIND_PEAK, OPEN_POISSON, SINGLE, Plan

MOST_S = 3600.0
PEAK_STEP_S = 1.0


async def measure_latency(
    requests: Mapping[float, int],
    *,
    tiers: Sequence[str] = ("docker", "cloud-run", "local"),
    runtime: str = "",
    shares: Sequence[float] = (),
    load_clip_s: float = 3.0,
    load_s: float = 3.0,
    warmup: int = 4,
    seed: int = 1,
    progress: Callable[[str], None] = print,
) -> LoadMeasurement:
    """One caller at each clip length, the same clips repeated, then Poisson arrivals at shares of each tier's own peak.

    Args:
        requests: of the one caller, for each clip length in seconds.
        tiers: their names or URLs; one that cannot be measured is skipped and told.
        runtime: of the local tier; empty for the settings' one.
        shares: of the peak, such as 0.25; none for no open load.
        load_clip_s: length of the clips of the open loads, in seconds.
        load_s: how long each open load lasts, in seconds; longer where a tier is too slow for a median in that time.
        warmup: requests in a window of the warm-up.
        seed: of all that is drawn.
        progress: told in words how far it is.

    Raises:
        UsageError: no such tier, runtime or clip length.
        NothingMeasured: no tier could be measured.
    """
    singles = [
        LoadOrder(Plan(SINGLE, MOST_S, requests=count), clip_seconds=seconds)
        for seconds, count in requests.items()
    ]
    opened = (
        [LoadOrder(Plan(FIND_PEAK, min(load_s, PEAK_STEP_S)), clip_seconds=load_clip_s)] if shares else []
    )
    # The same clip again and again: a tier that remembers answers would be faster.
    again = Plan(SINGLE, MOST_S, requests=requests.get(load_clip_s, 0), repeat=True)
    opened += [LoadOrder(again, clip_seconds=load_clip_s)] if again.requests else []
    opened += [
        LoadOrder(Plan(OPEN_POISSON, load_s), share=share, clip_seconds=load_clip_s) for share in shares
    ]
    order = MeasurementOrder(
        tiers=tuple(tiers),
        loads=(*singles, *opened),
        clip_seconds=tuple(sorted({*requests, *([load_clip_s] if shares else [])})),
        runtime=runtime or None,
        seed=seed,
        warmup_requests=warmup,
    )
    measured = await measure_load(order, progress=progress)
    if not measured.reports:
        told = "; ".join(status.reason for status in measured.skipped)
        raise NothingMeasured(f"no tier could be measured: {told}")
    progress(f"{len(measured.rows)} requests measured")
    return measured
