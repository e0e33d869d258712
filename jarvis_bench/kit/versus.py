"""Two configurations or two commits, measured against each other in one session.

The session is a number of blocks. Each block starts a fresh process of arm A, of arm B, and of A once more, warms them,
and asks them in turns, in a random order drawn anew for every request. A machine that changes its speed changes it for
all three within milliseconds, and what one process is lucky or unlucky with (addresses, pages) is drawn again in the
next block. A block counts as one number, however many requests it has: requests to one process are not independent.
The second A tells what this session makes of two arms that are alike.
"""

from __future__ import annotations

import contextlib
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.errors import UsageError
from jarvis_bench.kit.arms import Arm, Embed, ReadyArm, open_arm, prepare_arm
from jarvis_bench.kit.checkouts import checked_out, resolve
from jarvis_bench.kit.paired_ratio import FEWEST_PAIRS
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import share_cores

A, B, AGAIN = "A", "B", "A again"
NAMES = (A, B, AGAIN)
Progress = Callable[[str], None]
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Cell:
    """How much one comparison measures: so many processes an arm, so many timed requests a process."""

    processes: int = 9
    requests: int = 10
    warmup: int = 2
    clip_s: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if self.processes < FEWEST_PAIRS:
            raise UsageError(
                f"{self.processes} processes an arm prove nothing: {FEWEST_PAIRS} or more are needed"
            )
        if self.requests < 1 or self.warmup < 0:
            raise UsageError("a process needs at least one timed request, and no negative warm-up")


@dataclass(frozen=True, slots=True)
class VersusRow:
    """One request: which arm's process of which block; stamps are nanoseconds of one clock (`perf_counter_ns`)."""

    arm: str
    block: int
    index: int
    warmup: bool
    clip: str
    sent_ns: int
    last_byte_ns: int
    model_s: float | None


@dataclass(frozen=True, slots=True)
class Session:
    """All requests of a comparison, and what holds for all of it; `weights` of arm A and arm B."""

    rows: tuple[VersusRow, ...]
    cores: str
    weights: tuple[str, str]
    seconds: float


async def check_versus(arms: Sequence[Arm], cell: Cell, settings: Settings) -> None:
    """Look for the commits and the clips before anything is written.

    Raises:
        UsageError: one of them is not there.
    """
    load_clips(settings.data_dir, (cell.clip_s,))
    for arm in arms:
        if arm.commit:
            await resolve(settings.home, arm.commit)


async def measure_versus(
    a: Arm,
    b: Arm,
    cell: Cell,
    settings: Settings,
    progress: Progress,
    *,
    clock_ns: Clock = time.perf_counter_ns,
) -> Session:
    """Measure both arms, interleaved; meant for a process that does nothing else.

    Args:
        a: the reference.
        b: what the verdict will be about.
        cell: how much to measure.
        settings: where clips, weights and commits are found.
        progress: told in words how far it is.
        clock_ns: what stamps the requests.

    Raises:
        UsageError: no clips of that length, or a commit that is not there.
        NothingMeasured: an arm gave no embedding.
    """
    clips = load_clips(settings.data_dir, (cell.clip_s,))
    async with _prepared((a, b), settings, progress) as (ready_a, ready_b):
        cores = share_cores()
        ready = {A: ready_a, B: ready_b, AGAIN: ready_a}
        blocks = _Blocks(ready, clips, cell, cores.tier, random.Random(cell.seed), clock_ns)
        started_ns = clock_ns()
        with _on_core(cores.client if a.threads == b.threads == 1 else None):
            rows = []
            for block in range(cell.processes):
                rows += await blocks.measure(block)
                progress(f"{block + 1} of {cell.processes} fresh processes an arm")
        weights = (ready_a.note, ready_b.note)
        return Session(tuple(rows), cores.note, weights, (clock_ns() - started_ns) / 1e9)


@contextlib.asynccontextmanager
async def _prepared(
    arms: Sequence[Arm], settings: Settings, progress: Progress
) -> AsyncIterator[list[ReadyArm]]:
    async with contextlib.AsyncExitStack() as stack:
        folders: dict[str, Path] = {}
        for revision in dict.fromkeys(arm.commit for arm in arms if arm.commit):
            progress(f"checking out {revision}")
            folders[revision] = await stack.enter_async_context(checked_out(settings.home, revision))
        yield [await prepare_arm(arm, settings, folders.get(arm.commit)) for arm in arms]


@dataclass(slots=True)
class _Blocks:
    """What the blocks of one session share."""

    ready: dict[str, ReadyArm]
    clips: Sequence[Clip]
    cell: Cell
    core: int | None
    draw: random.Random
    clock_ns: Clock

    async def measure(self, block: int) -> list[VersusRow]:
        """Fresh processes of all arms, their requests in turns."""
        order = self._shuffled()
        async with contextlib.AsyncExitStack() as stack:
            calls = {
                name: await stack.enter_async_context(open_arm(self.ready[name], self.core)) for name in order
            }
            return [
                await self._request(calls[name], name, block, index)
                for index in range(self.cell.warmup + self.cell.requests)
                for name in self._shuffled()
            ]

    def _shuffled(self) -> list[str]:
        return self.draw.sample(NAMES, len(NAMES))

    async def _request(self, embed: Embed, arm: str, block: int, index: int) -> VersusRow:
        clip = self.clips[index % len(self.clips)]
        sent_ns = self.clock_ns()
        model_s = await embed(clip)
        last_byte_ns = self.clock_ns()
        return VersusRow(
            arm, block, index, index < self.cell.warmup, clip.name, sent_ns, last_byte_ns, model_s
        )


@contextlib.contextmanager
def _on_core(core: int | None) -> Iterator[None]:
    """Keep this process on the client's core, and off the model's."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def process_medians(rows: Sequence[VersusRow], arm: str) -> list[float]:
    """The median service time of each process of an arm in seconds, in the order of the blocks."""
    taken = _service_s(rows)
    blocks = sorted({row.block for row in rows})
    return [
        statistics.median(s for key, s in taken.items() if (key[0], key[2]) == (block, arm))
        for block in blocks
    ]


def block_ratios(rows: Sequence[VersusRow], other: str, references: Sequence[str]) -> list[float]:
    """One number a block: the median over its rounds of one arm's service time by that of the others.

    Within a round every arm gets the same clip within a fraction of a second, so that what slows the machine for
    longer than that cancels out; the median leaves out what hits a single request. Several references count by
    their geometric mean.
    """
    taken = _service_s(rows)
    rounds: dict[int, list[float]] = {}
    for block, index in dict.fromkeys((block, index) for block, index, _ in taken):
        reference = statistics.geometric_mean(taken[block, index, arm] for arm in references)
        rounds.setdefault(block, []).append(taken[block, index, other] / reference)
    return [statistics.median(ratios) for ratios in rounds.values()]


def _service_s(rows: Sequence[VersusRow]) -> dict[tuple[int, int, str], float]:
    """Service times by block, round and arm, warm-up left out."""
    return {
        (row.block, row.index, row.arm): (row.last_byte_ns - row.sent_ns) / 1e9
        for row in rows
        if not row.warmup
    }
