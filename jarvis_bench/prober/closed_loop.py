"""A closed loop of one: the next request is sent when the last one is answered.

It shows what one caller waits when nobody else calls. It cannot show what happens under load: a slow answer
delays every request behind it, and those are never sent late, only later.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.ecapa.worker_client import Embedding
from jarvis_bench.errors import NothingMeasured, WorkerDied
from jarvis_bench.records import LatencyRow


async def closed_loop(
    embed: Callable[[Clip], Awaitable[Embedding]],
    clips: Sequence[Clip],
    *,
    tier: str,
    runtime: str,
    requests: dict[float, int],
    warmup: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[LatencyRow]:
    """Send every planned request and record it, warm-up requests included and marked.

    Clip lengths are interleaved in rounds of seeded order, so that a change of the machine's speed during the
    measurement touches all lengths alike.

    Args:
        embed: the tier's call.
        clips: what to send; within a length they take turns.
        requests: timed requests for each clip length in seconds.
        warmup: requests of each length before the timed ones.
        seed: of the order.
        progress: called with requests done and planned.

    Raises:
        WorkerDied: the tier went away; what was measured before is lost with it.
    """
    order = list(_order(clips, requests, warmup, random.Random(seed)))
    rows: list[LatencyRow] = []
    for index, (clip, is_warmup) in enumerate(order):
        rows.append(await _request(embed, clip, tier, runtime, index, is_warmup))
        if progress is not None:
            progress(index + 1, len(order))
    return rows


def _order(
    clips: Sequence[Clip], requests: dict[float, int], warmup: int, rng: random.Random
) -> Iterator[tuple[Clip, bool]]:
    by_length = {seconds: [clip for clip in clips if clip.seconds == seconds] for seconds in requests}
    for number in range(warmup + max(requests.values())):
        lengths = [seconds for seconds, count in requests.items() if number < warmup + count]
        rng.shuffle(lengths)
        for seconds in lengths:
            yield by_length[seconds][number % len(by_length[seconds])], number < warmup


async def _request(
    embed: Callable[[Clip], Awaitable[Embedding]],
    clip: Clip,
    tier: str,
    runtime: str,
    index: int,
    warmup: bool,
) -> LatencyRow:
    error, model_s = None, None
    sent_ns = time.perf_counter_ns()
    try:
        model_s = (await embed(clip)).model_s
    except WorkerDied:
        raise
    except NothingMeasured as exc:
        error = str(exc)
    last_byte_ns = time.perf_counter_ns()
    return LatencyRow(
        tier=tier,
        runtime=runtime,
        clip=clip.name,
        clip_s=clip.seconds,
        index=index,
        warmup=warmup,
        planned_ns=sent_ns,  # closed loop: a request is planned when it is sent
        sent_ns=sent_ns,
        last_byte_ns=last_byte_ns,
        model_s=model_s,
        ok=error is None,
        error=error,
    )
