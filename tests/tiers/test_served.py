"""A service in a process of its own."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.tiers.served import served, until_ready
from jarvis_bench.tiers.service_client import ServiceClient
from tests.processes import ends


@pytest.mark.model
async def test_a_service_listens_and_ends_with_its_block(
    weights: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ready is what its health says; nothing of it is left."""
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    async with served("onnx", threads=1) as service:
        health = await until_ready(service.client, patience_s=60)
        assert health["ecapa_ready"] is True
        assert health["request_index"] == 0
        pid = service.pid
    assert ends(pid)


async def test_a_runtime_that_is_none_does_not_start() -> None:
    """The service's own error goes to standard error."""
    with pytest.raises(NothingMeasured, match="onyx"):
        async with served("onyx", threads=1):
            pass


async def test_patience_ends() -> None:
    """A port where nobody listens is not waited for."""
    client = ServiceClient("http://127.0.0.1:9", tier="local", title="The service")
    try:
        with pytest.raises(NothingMeasured, match=r"not ready within 0\.5 s"):
            await until_ready(client, patience_s=0.5)
    finally:
        await client.aclose()
