"""What a service's answer, or its silence, means."""

from __future__ import annotations

import pytest

from jarvis_bench.records import Status
from jarvis_bench.tiers.http_health import Health, ask_health

from .servers import READY, full_port, http, refusing_port, service

NOT_LOADED = {"status": "healthy", "ecapa_ready": False, "startup_state": "initializing"}


async def ask(url: str, *, timeout_s: float = 10.0) -> Health:
    """Ask that service."""
    return await ask_health(url, timeout_s=timeout_s, extra="cloud")


@pytest.mark.parametrize(
    ("answer", "status", "cause"),
    [
        pytest.param(http(READY), Status.READY, "ok", id="ready"),
        pytest.param(http(NOT_LOADED), Status.STARTING, "not-ready", id="healthy-but-not-loaded"),
        pytest.param(http({"ecapa_ready": "yes"}), Status.STARTING, "not-ready", id="ready-in-words"),
        pytest.param(http({"status": "ok"}), Status.MISCONFIGURED, "wrong-service", id="another-service"),
        pytest.param(http([]), Status.MISCONFIGURED, "wrong-service", id="a-list"),
        pytest.param(http("<html>"), Status.MISCONFIGURED, "wrong-service", id="a-web-page"),
        pytest.param(http("", 401), Status.MISCONFIGURED, "unauthorised", id="401"),
        pytest.param(http("", 403), Status.MISCONFIGURED, "forbidden", id="403"),
        pytest.param(http("", 404), Status.MISCONFIGURED, "wrong-service", id="404"),
        pytest.param(http("", 429), Status.BUSY, "rate-exceeded", id="429"),
        pytest.param(http(READY, 500), Status.BROKEN, "http-500", id="500"),
        pytest.param(http("", 503), Status.STARTING, "not-ready", id="503"),
        pytest.param(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", Status.BROKEN, "bad-answer", id="no-http"),
        pytest.param(b"", Status.BROKEN, "bad-answer", id="hangs-up"),
        pytest.param(http(READY)[:-5], Status.BROKEN, "bad-answer", id="half-an-answer"),
    ],
)
async def test_each_answer_has_its_own_meaning(answer: bytes, status: Status, cause: str) -> None:
    """Only a 200 that says `ecapa_ready: true` is ready; every other answer is told apart."""
    async with service(answer) as url:
        health = await ask(url)
    assert (health.status, health.cause) == (status, cause)


async def test_state_of_a_model_that_is_not_ready_is_told() -> None:
    """The reason quotes how far the service says it is."""
    async with service(http(NOT_LOADED)) as url:
        assert "state: initializing" in (await ask(url)).detail


async def test_service_that_accepts_and_never_answers() -> None:
    """Silence is not a refusal: the service is there, and may be starting."""
    async with service(None) as url:
        health = await ask(url, timeout_s=0.1)
    assert (health.status, health.cause) == (Status.STARTING, "no-answer")
    assert health.detail == "accepts, but did not answer within 0.1 s"


async def test_refused_connection_is_unreachable() -> None:
    """Nothing listens: that is not a service that starts (the HTTP client calls it a timeout)."""
    with refusing_port() as port:
        health = await ask(f"http://127.0.0.1:{port}")
    assert (health.status, health.cause) == (Status.BROKEN, "unreachable")


async def test_connection_that_is_never_accepted_is_unreachable() -> None:
    """A host that drops connections accepts nothing, so nothing is starting there."""
    with full_port() as port:
        health = await ask(f"http://127.0.0.1:{port}", timeout_s=0.1)
    assert (health.status, health.cause) == (Status.BROKEN, "unreachable")


@pytest.mark.parametrize(
    "url",
    ["localhost:8080", "not a url", "http://", "http://[::1", "ftp://example.org", f"http://{'a' * 300}"],
)
async def test_address_that_is_none_is_the_users_mistake(url: str) -> None:
    """A mistyped address is told as such, with the address, and nothing is raised."""
    health = await ask(url)
    assert (health.status, health.cause) == (Status.MISCONFIGURED, "bad-url")
    assert repr(url) in health.detail


async def test_slash_at_the_end_of_the_address_does_not_matter() -> None:
    """Both spellings of an address reach /health."""
    async with service(http(READY)) as url:
        assert (await ask(f"{url}/")).status is Status.READY


async def test_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a company's proxy, a service on this machine is still reached directly."""
    with refusing_port() as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        async with service(http(READY)) as url:
            assert (await ask(url)).status is Status.READY
