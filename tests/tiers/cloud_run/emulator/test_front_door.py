"""What a client sees at the front door: the service's answers as they are, and Google's where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
import yarl
from aiohttp import web

from jarvis_bench.tiers.cloud_run.emulator.emulator import Emulated, emulator
from jarvis_bench.tiers.cloud_run.emulator.instance import StartFailed
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from jarvis_bench.tiers.cloud_run.tier import EMULATED_HEADER

from .server_instance import Handler, ServerInstance

PUBLIC = EmulatorSettings(
    require_token=False, concurrency=1, max_instances=1, queue_floor_s=0.2, queue_factor=0.0
)


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str


@contextlib.asynccontextmanager
async def opened(
    handler: Handler, settings: EmulatorSettings = PUBLIC, *, start_s: float = 0.0
) -> AsyncIterator[tuple[Emulated, aiohttp.ClientSession]]:
    """An emulator whose instances answer with `handler`, and a client."""
    made = emulator(settings, make=lambda name: ServerInstance(name, handler, start_s))
    async with made as cloud_run, aiohttp.ClientSession(auto_decompress=False) as client:
        yield cloud_run, client


async def ask(
    client: aiohttp.ClientSession,
    url: str,
    method: str = "GET",
    data: bytes | None = None,
    authorization: str = "",
) -> Reply:
    headers = {"Authorization": authorization} if authorization else {}
    async with client.request(
        method,
        yarl.URL(url, encoded=True),
        data=data and io.BytesIO(data),
        headers=headers,
        allow_redirects=False,
    ) as answer:
        return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.text())


async def echo(request: web.Request) -> web.StreamResponse:
    """What arrived."""
    body = await request.read()
    fields = {"method": request.method, "path": request.raw_path, "bytes": len(body)}
    return web.json_response(fields | {"headers": dict(request.headers)}, status=418, headers={"X-Own": "1"})


async def test_a_request_and_its_answer_pass_through_as_they_are() -> None:
    async with opened(echo) as (cloud_run, client):
        reply = await ask(
            client, f"{cloud_run.url}/a%20b?x=%2F1", "PUT", b"z" * 3_000_000, authorization="Bearer a.b.c"
        )
    assert reply.status == 418
    assert reply.headers["x-own"] == "1"
    assert (reply.headers["server"], reply.headers[EMULATED_HEADER]) == ("Google Frontend", "1")
    for part in (
        '"method": "PUT"',
        '"/a%20b?x=%2F1"',
        '"bytes": 3000000',
        "SIGNATURE_REMOVED_BY_GOOGLE",
        '"https"',
    ):
        assert part in reply.text
    assert "a.b.c" not in reply.text


async def test_the_third_at_a_place_for_one_gets_429_in_plain_text() -> None:
    hold = asyncio.Event()

    async def held(request: web.Request) -> web.StreamResponse:
        await hold.wait()
        return await echo(request)

    async with opened(held) as (cloud_run, client):
        first = asyncio.create_task(ask(client, cloud_run.url))
        await asyncio.sleep(0.05)
        second = await ask(client, cloud_run.url)
        hold.set()
        assert (await first).status == 418
    assert (second.status, second.text) == (429, "Rate exceeded.")
    assert second.headers["content-type"].startswith("text/plain")
    assert "retry-after" not in second.headers


async def test_the_timeout_includes_the_start() -> None:
    """Start 0.3 s and answer 0.3 s are in time each, and late together; warm, the answer is in time."""

    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return await echo(request)

    settings = dataclasses.replace(PUBLIC, timeout_s=0.5)
    async with opened(slow, settings, start_s=0.3) as (cloud_run, client):
        cold = await ask(client, cloud_run.url)
        warm = await ask(client, cloud_run.url)
    assert (cold.status, cold.text, warm.status) == (504, "upstream request timeout", 418)


async def test_a_dropped_connection_is_503() -> None:
    async def drop(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with opened(drop) as (cloud_run, client):
        reply = await ask(client, cloud_run.url)
    assert (reply.status, reply.text) == (503, "Service Unavailable")


class Failing(ServerInstance):
    """Never starts."""

    async def start(self) -> None:
        """Fails."""
        raise StartFailed("scripted")


async def test_without_an_instance_it_is_500_in_html() -> None:
    made = emulator(PUBLIC, make=lambda name: Failing(name, echo))
    async with made as cloud_run, aiohttp.ClientSession() as client:
        reply = await ask(client, cloud_run.url)
    assert reply.status == 500
    assert reply.headers["content-type"].startswith("text/html")
    assert "<title>500 Internal Server Error</title>" in reply.text


async def test_a_body_above_32_mib_is_413() -> None:
    async with opened(echo) as (cloud_run, client):
        reply = await ask(client, cloud_run.url, "POST", b"x" * (32 * 1024 * 1024 + 1))
    assert reply.status == 413


TOKENS = dataclasses.replace(PUBLIC, require_token=True)


async def test_callers_need_a_token_for_this_service() -> None:
    """No token 403; no JWT, one that has expired or is for another service 401; another account 403; each as HTML."""
    async with opened(echo, TOKENS) as (cloud_run, client):
        keys = cloud_run.keys
        assert keys is not None
        foreign = type(keys)()
        tokens = {
            "": 403,
            "Basic abc": 401,
            "Bearer nonsense": 401,
            f"Bearer {keys.issue('https://other.run.app')}": 401,
            f"Bearer {keys.issue(cloud_run.url, valid_s=-600)}": 401,
            f"Bearer {foreign.issue(cloud_run.url)}": 401,
            f"Bearer {keys.issue(cloud_run.url, email='stranger@example.org')}": 403,
            f"Bearer {keys.issue(cloud_run.url)}": 418,
        }
        for header, status in tokens.items():
            reply = await ask(client, f"{cloud_run.url}/health", authorization=header)
            assert reply.status == status, header[:20]
            assert reply.headers["content-type"].startswith("text/html") == (status != 418)
        assert cloud_run.bill().requests == 1, "who is turned away wakes nothing"


async def test_a_custom_audience_is_accepted() -> None:
    async with opened(echo, dataclasses.replace(TOKENS, audiences=("https://custom",))) as (
        cloud_run,
        client,
    ):
        assert cloud_run.keys is not None
        token = cloud_run.keys.issue("https://custom")
        assert (await ask(client, cloud_run.url, authorization=f"Bearer {token}")).status == 418


async def test_the_port_is_free_afterwards() -> None:
    async with opened(echo) as (cloud_run, client):
        await ask(client, cloud_run.url)
        port = int(cloud_run.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_an_error_of_the_block_is_raised_as_it_is() -> None:
    async def fail() -> None:
        async with opened(echo) as (cloud_run, client):
            await ask(client, cloud_run.url)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
