"""A tier that is known by its address alone."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.records import Status
from jarvis_bench.tiers.stamps import Prepares, Stamps
from jarvis_bench.tiers.url import UrlTier
from tests.tiers.servers import READY, honest_service, http

SAMPLES = np.zeros(16_000, dtype=np.float32)


async def test_a_ready_service_embeds() -> None:
    """Probe, start and embed; what was prepared before is stamped on its way."""
    async with known_server(Behaviour()) as url:
        tier = UrlTier(url)
        assert (await tier.probe()).status is Status.READY
        await tier.start()
        answer = await tier.embed(SAMPLES)
        assert answer.vector.shape == (192,)
        assert isinstance(tier, Prepares)
        stamps = Stamps()
        again = await tier.prepare(SAMPLES)(7, stamps)
        await tier.stop()
        assert await tier.memory() == ()
        await tier.aclose()
    assert (again.vector == answer.vector).all()
    assert (again.request_index, again.instance_id) == (1, "known")
    assert stamps.http_status == 200
    assert stamps.sent_bytes is not None
    assert stamps.sent_bytes > 42_000
    assert stamps.reused is True
    assert (stamps.sent_ns or 0) < (stamps.first_byte_ns or 0) <= (stamps.last_byte_ns or 0)


async def test_nobody_there_is_told() -> None:
    """Its name in statuses is its address, and nothing can be started."""
    tier = UrlTier("http://127.0.0.1:9/")
    status = await tier.probe()
    assert (status.tier, status.status) == ("http://127.0.0.1:9", Status.BROKEN)
    with pytest.raises(TierFailed):
        await tier.start()
    await tier.aclose()


async def test_what_it_says_of_its_memory_is_labelled_as_such() -> None:
    """The machine may be any; a service without /metrics says nothing, and that is not 0."""
    metrics = "process_resident_memory_bytes 5e6\n"
    for answer, expected in ((http(metrics), [("rss", 5_000_000, "self-reported")]), (http({}, 404), [])):
        async with honest_service({"/metrics": answer}) as url, contextlib.aclosing(UrlTier(url)) as tier:
            assert [(one.metric, one.bytes, one.how) for one in await tier.memory()] == expected
    async with contextlib.aclosing(UrlTier("http://127.0.0.1:9")) as gone:
        assert await gone.memory() == ()


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (READY | {"runtime": "onnx"}, "onnx"),
        (READY, "unknown"),
        (READY | {"runtime": 5}, "unknown"),
        ([], "unknown"),
    ],
)
async def test_its_runtime_is_what_it_says(health: object, expected: str) -> None:
    """Upstream's service says nothing of it."""
    async with honest_service({"/health": http(health)}) as url, contextlib.aclosing(UrlTier(url)) as tier:
        assert await tier.runtime() == expected
