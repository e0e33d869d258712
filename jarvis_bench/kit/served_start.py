"""How long a service takes from process start to its first embedding over HTTP."""

from __future__ import annotations

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.errors import NothingMeasured, TierFailed
from jarvis_bench.prober.starters import FreshService


async def time_served_start(runtime: str, clip: Clip, *, threads: int) -> float:
    """Seconds from starting a fresh service process to the last byte of its first embedding.

    The service is asked for its health every 10 ms, so that much is added at most.

    Raises:
        NothingMeasured: the service did not give an embedding.
    """
    try:
        first, _ = await FreshService(runtime, clip.samples, threads=threads).start()
    except TierFailed as exc:
        raise NothingMeasured(f"the service with {runtime} gave no first embedding: {exc}") from exc
    return first.total_s
