"""What a load generator learns of one request on its way; a tier that can tell more fills in more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Stamps:
    """Filled in while a request is under way; `perf_counter_ns` throughout, None where the tier cannot tell.

    `sent_ns`: when the request left for the tier, after any wait for a connection of our own pool;
    `pool_wait_ns` is that wait, `connect_ns` what a new connection took, `reused` whether none was needed.
    """

    sent_ns: int | None = None
    first_byte_ns: int | None = None
    last_byte_ns: int | None = None
    http_status: int | None = None
    sent_bytes: int | None = None
    received_bytes: int | None = None
    pool_wait_ns: int | None = None
    connect_ns: int | None = None
    reused: bool | None = None


# Sends the prepared clip, marked with a number so that no two are alike; raises as `Tier.embed` does.
Send = Callable[[int, Stamps], Awaitable[Answer]]


@runtime_checkable
class Prepares(Protocol):
    """A tier that can encode a clip before the measurement begins; others are asked through `embed`."""

    def prepare(self, samples: NDArray[np.float32]) -> Send:
        """Do once what is the same for every request with this clip: mono 16 kHz, float32 `[n]`."""
