"""What a tier is to the rest of the package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jarvis_bench.records import Status, TierStatus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One embedding, and what the tier says about how it came about.

    `vector`: float32 `[192]`. `model_s`, `queue_s`, `decode_s`: where the tier's own time went, in seconds.
    `instance_id` and `request_index`: which process answered, and how many requests it had taken up before.
    None is "the tier did not say".
    """

    vector: NDArray[np.float32]
    model_s: float | None = None
    queue_s: float | None = None
    decode_s: float | None = None
    instance_id: str | None = None
    request_index: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """One figure of a tier's memory, in bytes; a metric that cannot be had is absent, never 0.

    `metric` is the name of the figure (`pss`, `vm-hwm`, `docker-stats`, …); `how` says how it was got
    (`measured`, `self-reported`, `emulated`).
    """

    metric: str
    bytes: int
    how: str = "measured"


class Probed(Protocol):
    """What can be asked how it is: all that choosing a tier needs.

    `probe` is fast, bounded, free of side effects, starts nothing and never blocks the loop.
    `when_silent` is the status of a tier that does not answer a probe in time.
    """

    @property
    def name(self) -> str:
        """The tier's name on the command line: `docker`, `cloud-run`, `local`."""

    @property
    def title(self) -> str:
        """The tier's name in a sentence."""

    @property
    def when_silent(self) -> Status:
        """What silence means for this tier."""

    async def probe(self) -> TierStatus:
        """One question: can this tier serve now?"""


class Tier(Probed, Protocol):
    """A place that serves embeddings."""

    async def start(self) -> None:
        """Make the tier ready where it can be started; returns when it is ready, at once where it is already.

        Raises:
            TierFailed: it did not become ready, or cannot be started from here.
        """

    async def stop(self) -> None:
        """End what `start` starts; nothing happens where nothing runs.

        Raises:
            TierFailed: it could not be stopped.
        """

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip: mono 16 kHz, float32 `[n]` in [-1, 1].

        The caller sets the deadline and cancels; there are no retries inside.

        Raises:
            TierFailed: the tier did not give it; the status in it says why.
            RequestRefused: the clip itself is at fault; no tier would take it.
        """

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What the tier holds in RAM now, by metric; empty where nothing can be read."""

    async def aclose(self) -> None:
        """Let go of connections and processes that this object holds; what runs on its own goes on."""
