"""The Cloud Run tier's answer to a probe."""

from __future__ import annotations

import sys

import pytest

from jarvis_bench.records import Status
from jarvis_bench.tiers.cloud_run import CloudRunTier
from tests.tiers.servers import READY, http, refusing_port, service


async def test_no_service_configured() -> None:
    """Without an address there is no such tier, and the reason names the variable that sets one."""
    status = await CloudRunTier(url="").probe()
    assert (status.tier, status.status, status.cause) == ("cloud-run", Status.NOT_INSTALLED, "no-url")
    assert "JARVIS_BENCH_CLOUD_RUN_URL" in status.reason


async def test_warm_service_is_ready() -> None:
    """A service with a loaded model can serve."""
    async with service(http(READY)) as url:
        status = await CloudRunTier(url=url).probe()
    assert (status.status, status.cause) == (Status.READY, "ok")
    assert status.reason == "Cloud Run: Ready (service healthy)"


async def test_cold_start_is_starting() -> None:
    """A request that is held without an answer is what a cold start looks like."""
    async with service(None) as url:
        status = await CloudRunTier(url=url, timeout_s=0.1).probe()
    assert (status.status, status.cause) == (Status.STARTING, "no-answer")
    assert status.reason == "Cloud Run: the service accepts, but did not answer within 0.1 s"


async def test_missing_token_is_told_apart_from_a_dead_service() -> None:
    """A 401 is the caller's configuration, a refused connection is the service."""
    async with service(http("", 401)) as url:
        assert (await CloudRunTier(url=url).probe()).status is Status.MISCONFIGURED
    with refusing_port() as port:
        refused = await CloudRunTier(url=f"http://127.0.0.1:{port}").probe()
    assert (refused.status, refused.cause) == (Status.BROKEN, "unreachable")


async def test_missing_client_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the HTTP client the tier is misconfigured, and the reason is the command that mends it."""
    monkeypatch.setitem(sys.modules, "httpx_aiohttp.transport", None)
    status = await CloudRunTier(url="http://127.0.0.1:1").probe()
    assert (status.status, status.cause) == (Status.MISCONFIGURED, "missing-extra")
    assert "pip install 'jarvis-bench[cloud]'" in status.reason
