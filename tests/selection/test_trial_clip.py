"""The clip that trials show: every way of not giving its embedding is told, none escapes."""

from __future__ import annotations

import numpy as np
import pytest

from jarvis_bench.errors import RequestRefused
from jarvis_bench.records import Status
from jarvis_bench.selection.trial_clip import TrialClip, find_fault
from jarvis_bench.tiers.fake import Behaviour, FakeTier
from tests.scripted_tier import ScriptedTier

CLIP = TrialClip(np.linspace(-0.5, 0.5, 16_000, dtype=np.float32))
GOOD = np.linspace(0.1, 1.0, 192, dtype=np.float32)


def test_its_length_in_seconds() -> None:
    assert CLIP.seconds == 1.0


async def test_what_cannot_embed_is_not_asked() -> None:
    assert await CLIP.show(ScriptedTier(), timeout_s=1.0) is None


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (Behaviour(latency_s=9.0), "timeout"),
        (Behaviour(wrong=True, latency_s=0.0), "wrong-embedding"),
        (Behaviour(status=Status.BUSY, cause="rate-exceeded", retry_after_s=3.0), "rate-exceeded"),
    ],
)
async def test_each_failure_has_its_cause(behaviour: Behaviour, cause: str) -> None:
    sighting = await CLIP.show(FakeTier(script=[(0.0, behaviour)]), timeout_s=0.05)
    assert sighting is not None
    assert sighting.status is not None
    assert sighting.status.cause == cause
    assert sighting.retry_after_s == behaviour.retry_after_s


@pytest.mark.parametrize(
    ("raised", "cause"), [(RequestRefused("too_short", "no"), "too_short"), (ValueError("odd"), "tier-error")]
)
async def test_refusals_and_faults_of_the_adapter(raised: Exception, cause: str) -> None:
    tier = FakeTier()

    async def embed(_: object) -> None:
        raise raised

    tier.embed = embed  # type: ignore[method-assign, assignment]  # on purpose
    sighting = await CLIP.show(tier, timeout_s=1.0)
    assert sighting is not None
    assert sighting.status is not None
    assert sighting.status.cause == cause


@pytest.mark.parametrize(
    ("vector", "fault"),
    [
        (GOOD, None),
        (GOOD[:100], "in place of 192"),
        (GOOD * np.float32("nan"), "not finite"),
        (np.zeros(192, dtype=np.float32), "all zero"),
    ],
)
def test_what_is_wrong_with_an_embedding(vector: np.typing.NDArray[np.float32], fault: str | None) -> None:
    found = find_fault(vector)
    assert (found is None) is (fault is None)
    assert fault is None or fault in str(found)


def test_another_model_gives_another_vector() -> None:
    assert find_fault(GOOD * 2, GOOD) is None
    assert "cosine" in str(find_fault(GOOD[::-1].copy(), GOOD))
