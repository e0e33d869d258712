"""The Cloud Run tier: probing, waking, embedding, memory, and what probes cost."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.reproduction.stubs import service_stub
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.cloud_run.id_tokens import IdToken, IdTokens, NoToken
from jarvis_bench.tiers.cloud_run.prices import Shape, load_prices
from tests.tiers.servers import READY, http, refusing_port, service

CLIP = np.zeros(1600, dtype=np.float32)


async def test_no_service_configured() -> None:
    """Without an address there is no such tier, and the reason names the variable that sets one."""
    tier = CloudRunTier("")
    status = await tier.probe()
    assert (status.tier, status.status, status.cause) == ("cloud-run", Status.NOT_INSTALLED, "no-url")
    assert "JARVIS_BENCH_CLOUD_RUN_URL" in status.reason
    with pytest.raises(TierFailed, match="CLOUD_RUN_URL"):
        await tier.embed(CLIP)
    assert await tier.memory() == ()
    assert tier.meter.probes == 0


async def test_warm_service_is_ready() -> None:
    """A service with a loaded model that proves itself can serve; nothing was woken, and who only probes has
    nothing to close.
    """
    async with service_stub() as port:
        tier = CloudRunTier(f"http://127.0.0.1:{port}", timeout_s=10.0)
        status = await tier.probe()
    assert (status.status, status.cause) == (Status.READY, "ok")
    assert status.reason == "Cloud Run: Ready (service healthy)"
    assert (tier.meter.probes, tier.meter.requests, tier.meter.wakes, tier.how) == (1, 4, 0, "measured")


async def test_a_200_alone_is_not_ready() -> None:
    """It says that it is healthy, but gives no embedding: another service, or a broken one."""
    async with service(http(READY)) as url:
        status = await CloudRunTier(url, timeout_s=10.0).probe()
    assert (status.status, status.cause) == (Status.BROKEN, "bad-answer")


async def test_cold_start_is_starting() -> None:
    """A request that is held without an answer is what a cold start looks like; it is counted, and priced."""
    async with service(None) as url:
        tier = CloudRunTier(url, timeout_s=0.1)
        status = await tier.probe()
        assert (status.status, status.cause) == (Status.STARTING, "no-answer")
        assert status.reason == "Cloud Run: the service accepts, but did not answer within 0.1 s"
        await tier.probe()
    bill = tier.meter.bill(load_prices(Settings().data_dir), Shape(1, 1))
    assert (bill.probes, bill.requests, bill.wakes, bill.start_s, bill.how) == (2, 2, 1, None, "modelled")
    assert bill.usd >= 2 * (0.1 * (0.000024 + 0.0000025) + 0.0000004)


async def test_waking_waits_until_it_is_ready() -> None:
    async with service_stub(cold=True) as port:
        tier = CloudRunTier(f"http://127.0.0.1:{port}", timeout_s=0.5)
        await tier.start()
        await tier.stop()
        await tier.aclose()
    assert tier.meter.probes >= 2
    assert tier.meter.wakes == 1


async def test_waking_gives_up_at_once_where_somebody_has_to_act() -> None:
    async with service(http("", 403)) as url:
        with pytest.raises(TierFailed) as failed:
            await CloudRunTier(url).start()
    assert failed.value.status.cause == "forbidden"


async def test_waking_gives_up_in_the_end() -> None:
    async with service(None) as url:
        with pytest.raises(TierFailed) as failed:
            await CloudRunTier(url, timeout_s=0.1, start_s=0.05).start()
    assert failed.value.status.status is Status.STARTING


async def test_missing_token_is_told_apart_from_a_dead_service() -> None:
    """A 401 is the caller's configuration, a refused connection is the service."""
    async with service(http("", 401)) as url:
        assert (await CloudRunTier(url).probe()).status is Status.MISCONFIGURED
    with refusing_port() as port:
        refused = await CloudRunTier(f"http://127.0.0.1:{port}").probe()
    assert (refused.status, refused.cause) == (Status.BROKEN, "unreachable")


async def test_who_was_not_reached_was_not_woken_and_is_owed_nothing() -> None:
    with refusing_port() as port:
        tier = CloudRunTier(f"http://127.0.0.1:{port}")
        assert (await tier.probe()).cause == "unreachable"
    assert (tier.meter.probes, tier.meter.requests, tier.meter.wakes) == (0, 0, 0)
    nowhere = CloudRunTier(
        "https://nowhere.invalid", settings=Settings(cloud_run_auth="none"), timeout_s=10.0
    )
    status = await nowhere.probe()
    assert status.cause in {"unknown-host", "dns-failure"}
    assert status.reason.startswith("Cloud Run: the service has a host name that ")
    assert nowhere.meter.wakes == 0


async def test_a_token_that_is_late_is_no_wake() -> None:
    """The probe ends at its deadline without having asked anything; the next one finds the token."""
    import asyncio

    gate = asyncio.Event()

    async def fetch() -> IdToken | NoToken:
        await gate.wait()
        return IdToken("a.b.c", 2e9, "scripted")

    async with service_stub() as port:
        tier = CloudRunTier(f"http://127.0.0.1:{port}", timeout_s=0.3, tokens=IdTokens(fetch))
        late = await tier.probe()
        assert (late.status, late.cause, tier.meter.probes) == (Status.STARTING, "token-pending", 0)
        gate.set()
        await asyncio.sleep(0.01)
        patient = CloudRunTier(f"http://127.0.0.1:{port}", timeout_s=10.0, tokens=tier._tokens)
        assert (await patient.probe()).status is Status.READY
        await tier.aclose()


@pytest.mark.parametrize(
    "url", ["localhost:8080", "not a url", "http://[::1", "ftp://example.org", "https://x:y"]
)
async def test_an_address_that_is_none_is_the_users_mistake(url: str) -> None:
    """It is told as such, with the address, and nothing is raised."""
    status = await CloudRunTier(url, settings=Settings(cloud_run_auth="none")).probe()
    assert (status.status, status.cause) == (Status.MISCONFIGURED, "bad-url")
    assert repr(url) in status.reason


async def test_missing_client_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the HTTP client the tier is misconfigured, and the reason is the command that mends it."""
    monkeypatch.setitem(sys.modules, "httpx_aiohttp.transport", None)
    status = await CloudRunTier("http://127.0.0.1:1").probe()
    assert (status.status, status.cause) == (Status.MISCONFIGURED, "missing-extra")
    assert "pip install 'jarvis-bench[cloud]'" in status.reason


async def test_the_memory_is_what_the_instance_reports() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 32\r\nConnection: close\r\n\r\n"
    async with service(head + b"process_resident_memory_bytes 7\n") as url:
        tier = CloudRunTier(url)
        (reading,) = await tier.memory()
        await tier.aclose()
    assert (reading.metric, reading.bytes, reading.how) == ("rss", 7, "self-reported")
    assert tier.meter.probes == 1
