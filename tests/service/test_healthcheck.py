"""The container's health check, against a real server."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.service.healthcheck import healthy
from tests.tiers.servers import READY, http, refusing_port, service


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(READY), True),
        (http(READY | {"ecapa_ready": False}), False),
        (http(READY, 503), False),
        (http("<html>"), False),
        (b"SSH-2.0-OpenSSH_9.9\r\n", False),
    ],
    ids=["ready", "not-loaded", "503", "web-page", "no-http"],
)
async def test_only_a_ready_service_is_healthy(answer: bytes, expected: bool) -> None:
    async with service(answer) as url:
        assert await asyncio.to_thread(healthy, int(url.rpartition(":")[2]), 5.0) is expected


async def test_silence_and_refusal_are_not_healthy() -> None:
    async with service(None) as url:
        assert not await asyncio.to_thread(healthy, int(url.rpartition(":")[2]), 0.1)
    with refusing_port() as port:
        assert not healthy(port)
