"""The same client against servers that answer as Google's front end might: each answer is told apart, and in time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import numpy as np
import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from tests.tiers.servers import READY, http, refusing_port, service

CLIP = np.zeros(1600, dtype=np.float32)
PUBLIC = Settings(cloud_run_auth="none")
LIMIT_S = 0.4
SLACK_S = 3.0
PAGE = "<html><head><title>{0}</title></head><body><h1>Error: {0}</h1></body></html>"
LOGIN = "<!doctype html><html><body><form action='/signin'>Sign in with Google</form></body></html>"


def redirect(target: str, code: int = 302) -> bytes:
    return f"HTTP/1.1 {code} Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


ANSWERS = {
    "401": (http(PAGE.format("Unauthorized"), 401), Status.MISCONFIGURED, "unauthorised"),
    "403": (http(PAGE.format("Forbidden"), 403), Status.MISCONFIGURED, "forbidden"),
    "404": (http(PAGE.format("Page not found"), 404), Status.MISCONFIGURED, "no-service"),
    "429": (http("Rate exceeded.", 429), Status.BUSY, "rate-exceeded"),
    "500": (http(PAGE.format("Server Error"), 500), Status.BROKEN, "no-instance"),
    "502": (http(PAGE.format("Bad Gateway"), 502), Status.BROKEN, "instance-failed"),
    "503": (http("Service Unavailable", 503), Status.BROKEN, "instance-failed"),
    "504": (http("upstream request timeout", 504), Status.BUSY, "request-timeout"),
    "200-html": (http(PAGE.format("Welcome")), Status.MISCONFIGURED, "wrong-service"),
    "200-login": (http(LOGIN), Status.MISCONFIGURED, "login-page"),
    "302-login": (redirect("https://accounts.google.com/v3/signin"), Status.MISCONFIGURED, "login-redirect"),
    "302-relative-login": (redirect("/login?next=/"), Status.MISCONFIGURED, "login-redirect"),
    "301-https": (redirect("https://x.run.app/health", 301), Status.MISCONFIGURED, "redirect"),
    "302-nowhere": (redirect(""), Status.MISCONFIGURED, "redirect"),
}


async def both(url: str) -> list[TierStatus]:
    """What a probe and an embedding come to; each within its limit."""
    tier = CloudRunTier(url, settings=PUBLIC, timeout_s=LIMIT_S, request_s=LIMIT_S)
    await asyncio.to_thread(tier._known_clip)
    began_s = time.monotonic()
    found = [await tier.probe()]
    with pytest.raises(TierFailed) as failed:
        await tier.embed(CLIP)
    assert time.monotonic() - began_s < 2 * LIMIT_S + SLACK_S
    await tier.aclose()
    return [*found, failed.value.status]


@pytest.mark.parametrize("name", ANSWERS)
async def test_each_answer_has_its_own_cause_and_a_sentence(name: str) -> None:
    answer, status, cause = ANSWERS[name]
    async with service(answer) as url:
        for found in await both(url):
            assert (found.status, found.cause) == (status, cause)
            assert found.reason.startswith("Cloud Run: ")
            assert len(found.reason) > 40


def test_no_two_causes_are_confused() -> None:
    assert len({cause for _, _, cause in ANSWERS.values()}) == 11


async def test_a_401_says_which_audience_and_where_the_token_is_from() -> None:
    async with service(http("", 401)) as url:
        probed, _ = await both(url)
    assert "none was sent: JARVIS_BENCH_CLOUD_RUN_AUTH is `none`" in probed.reason


async def test_the_services_own_refusals_keep_their_codes() -> None:
    """Our service's 429 and 503 are JSON: it is there, and says itself what it lacks."""
    async with service(http({"success": False, "code": "queue_full", "error": "full"}, 429)) as url:
        assert [(s.status, s.cause) for s in await both(url)][1] == (Status.BUSY, "queue_full")
    async with service(http({"success": False, "code": "model_loading", "error": "…"}, 503)) as url:
        probed, embedded = await both(url)
    assert (probed.status, probed.cause) == (Status.STARTING, "not-ready")
    assert (embedded.status, embedded.cause) == (Status.STARTING, "model_loading")


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """A server that does this with each connection, and is ended with all of them."""
    tasks: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(connection(reader, writer)))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await server.wait_closed()


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.Event().wait()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(http(READY)[:-5])


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The head at once, the body byte by byte."""
    await reader.readuntil(b"\r\n\r\n")
    head, _, body = http(READY).partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    for byte in body:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "probed", "embedded"),
    [
        (hang, (Status.STARTING, "no-answer"), (Status.BROKEN, "timeout")),
        (reset, (Status.BROKEN, "connection-lost"), (Status.BROKEN, "connection-lost")),
        (hang_up, (Status.BROKEN, "connection-lost"), (Status.BROKEN, "connection-lost")),
        (drip, (Status.BROKEN, "slow-answer"), (Status.BROKEN, "timeout")),
        (no_http, (Status.BROKEN, "connection-lost"), (Status.BROKEN, "connection-lost")),
    ],
    ids=["hang", "reset", "hangs-up", "slow-drip", "no-http"],
)
async def test_a_failing_connection_ends_in_its_status_within_the_deadline(
    serve: Serve, probed: tuple[Status, str], embedded: tuple[Status, str]
) -> None:
    async with serving(serve) as url:
        found = await both(url)
    assert [(status.status, status.cause) for status in found] == [probed, embedded]


async def test_nobody_there() -> None:
    with refusing_port() as port:
        found = await both(f"http://127.0.0.1:{port}")
    assert {(status.status, status.cause) for status in found} == {(Status.BROKEN, "unreachable")}


async def test_https_to_a_server_that_speaks_none() -> None:
    async with serving(no_http) as url:
        found = await both(url.replace("http:", "https:"))
    assert {(status.status, status.cause) for status in found} == {(Status.BROKEN, "tls-failure")}


async def test_a_host_that_does_not_exist() -> None:
    for status in await both("http://no-such-service.invalid"):
        assert status.cause in ("unknown-host", "dns-failure")
        assert "host name" in status.reason
