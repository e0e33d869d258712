"""How long a request takes after a tier has had nothing to do for a while."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.records import IdleGapRow
from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Sleep = Callable[[float], Awaitable[None]]


class Embeds(Protocol):
    """What gives an embedding and says who gave it."""

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`."""


async def idle_gaps(
    embedder: Embeds,
    clip: NDArray[np.float32],
    gaps: Mapping[float, int],
    *,
    tier: str,
    runtime: str,
    how: str,
    sleep: Sleep,
    progress: Callable[[str], None],
) -> AsyncIterator[IdleGapRow]:
    """Wait, ask once, and so on, and give each request as it comes; the shortest gaps first.

    Args:
        embedder: up and ready; one request warms it before the first gap, and is not a row.
        clip: float32 `[n]`.
        gaps: requests by gap in seconds.
        tier: its name.
        runtime: what computes.
        how: `measured` or `emulated`.
        sleep: waits so many seconds.
        progress: told in words how far it is.
    """
    seen = {(await embedder.embed(clip)).instance_id}
    for gap_s, count in sorted(gaps.items()):
        progress(f"{tier}, {runtime}: {count} requests, each after {gap_s:g} s of rest")
        for index in range(count):
            await sleep(gap_s)
            row = IdleGapRow(tier, runtime, how, gap_s, index, None, None, None)
            yield await _ask(embedder, clip, seen, row)


async def _ask(
    embedder: Embeds, clip: NDArray[np.float32], seen: set[str | None], row: IdleGapRow
) -> IdleGapRow:
    sent_s = time.perf_counter()
    try:
        answer = await embedder.embed(clip)
    except JarvisBenchError as exc:
        return dataclasses.replace(row, error=str(exc))
    response_s = time.perf_counter() - sent_s
    # Another instance than before: the one that was warm has gone.
    cold = None if answer.instance_id is None else answer.instance_id not in seen
    seen.add(answer.instance_id)
    return dataclasses.replace(
        row,
        response_s=response_s,
        model_s=answer.model_s,
        cold=cold,
        instance_id=answer.instance_id,
        request_index=answer.request_index,
    )
