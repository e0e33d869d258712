"""One real embedding of a clip whose answer is known: it finds what a 200 of /health cannot.

A wrong service on the port, a wrong model, a silent NaN, a front end that has drifted: all of them answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.tier import Answer, Probed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COSINE_FLOOR = 0.999


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one tier did with the known clip: seconds, and why it is not good (`status` None where it is).

    `retry_after_s`: when the tier wants to be asked again, where it said so.
    """

    seconds: float
    status: TierStatus | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrialClip:
    """A clip to show to tiers.

    Args:
        samples: mono 16 kHz, float32 `[n]`.
        expected: its embedding, float32 `[192]`, where the weights of all tiers are known to be the same;
            None accepts any that is finite.
        clock: seconds that only rise.
    """

    samples: NDArray[np.float32]
    expected: NDArray[np.float32] | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SAMPLE_RATE_HZ

    async def show(self, tier: Probed, *, timeout_s: float) -> Sighting | None:
        """Have it embedded once; None for what can be probed, but not be sent clips."""
        embed = getattr(tier, "embed", None)
        if embed is None:
            return None
        began_s = self.clock()
        try:
            async with asyncio.timeout(timeout_s):
                answer: Answer = await embed(self.samples)
        except TimeoutError:
            status = _broken(tier, "timeout", f"no embedding of the known clip within {timeout_s:.2g} s")
            return Sighting(self.clock() - began_s, status)
        except TierFailed as failed:
            return Sighting(self.clock() - began_s, failed.status, failed.retry_after_s)
        except RequestRefused as refused:
            return Sighting(
                self.clock() - began_s, _broken(tier, refused.code, f"refuses the known clip: {refused}")
            )
        except Exception as exc:  # one tier's fault must not cost the others; it is told by its type and text
            return Sighting(
                self.clock() - began_s, _broken(tier, "tier-error", f"{type(exc).__name__}: {exc}")
            )
        took_s = self.clock() - began_s
        fault = find_fault(answer.vector, self.expected)
        return Sighting(took_s, None if fault is None else _broken(tier, "wrong-embedding", fault))


def find_fault(vector: NDArray[np.float32], expected: NDArray[np.float32] | None = None) -> str | None:
    """What is wrong with an embedding; None where nothing is."""
    import numpy as np

    if vector.shape != (EMBEDDING_SIZE,):
        return f"{vector.shape} numbers in place of {EMBEDDING_SIZE}"
    # One number tells of all: what is not finite stays so under addition of squares.
    norm = float(vector @ vector)
    if not norm > 0 or norm == float("inf"):
        return "the embedding is not finite, or all zero"
    if expected is None:
        return None
    cosine = float(vector @ expected) / float(np.sqrt(norm * float(expected @ expected)))
    return None if cosine >= COSINE_FLOOR else f"another embedding of the known clip (cosine {cosine:.3f})"


def _broken(tier: Probed, cause: str, detail: str) -> TierStatus:
    return TierStatus(tier.name, Status.BROKEN, cause, f"{tier.title}: {detail}")
