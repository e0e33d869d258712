"""Readiness by a known clip: against real HTTP servers that answer truly and falsely."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.http_health import Health
from jarvis_bench.tiers.known_clip import (
    KnownClip,
    ask_ready,
    compute_known_vector,
    cosine,
    find_known_clip,
)
from jarvis_bench.tiers.service_client import ServiceClient

from .servers import READY, http, service

OURS = "a" * 64
Embed = Callable[[bytes], NDArray[np.float32] | None]


def vector(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(192).astype(np.float32)


def honest(body: bytes) -> NDArray[np.float32]:
    """A vector that depends on the clip."""
    return vector(sum(body) % 10_007)


@asynccontextmanager
async def embedder(embed: Embed, weights: str = OURS) -> AsyncIterator[tuple[ServiceClient, list[bytes]]]:
    """A client of a service that says it is ready and embeds so; None never answers. And the bodies it got."""
    bodies: list[bytes] = []
    held = asyncio.Event()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        answer = http(READY | {"weights_sha256": weights})
        if head.startswith(b"POST"):
            size = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            bodies.append(await reader.readexactly(int(size.split(b":")[1])))
            found = embed(bodies[-1])
            if found is None:
                await held.wait()
            else:
                answer = http({"embedding": found.tolist()})
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = ServiceClient(f"http://127.0.0.1:{port}", tier="docker", title="Docker")
    try:
        yield client, bodies
    finally:
        held.set()
        await client.aclose()
        server.close()
        await server.wait_closed()


@pytest.fixture
def known(tmp_path: Path) -> KnownClip:
    return find_known_clip(Settings(cache_dir=tmp_path))


async def proved(embed: Embed, known: KnownClip | None, weights: str = OURS) -> tuple[Health, int]:
    async with embedder(embed, weights) as (client, bodies):
        health = await ask_ready(client, known, timeout_s=5.0)
    return health, len(bodies)


async def test_the_known_vector_is_ready_after_one_embedding(known: KnownClip) -> None:
    known.keep(OURS, honest(known.body) + 1e-4, "onnx")
    health, asked = await proved(honest, known)
    assert (health.status, health.cause, asked) == (Status.READY, "ok", 1)


async def test_another_vector_from_the_same_weights_is_broken(known: KnownClip) -> None:
    """A front end that drifted, a silent fault of the runtime: a 200 would have called it ready."""
    known.keep(OURS, vector(5), "onnx")
    health, _ = await proved(honest, known)
    assert (health.status, health.cause) == (Status.BROKEN, "wrong-vector")


async def test_unknown_weights_are_asked_for_consistency(known: KnownClip) -> None:
    known.keep(OURS, vector(5), "onnx")
    health, asked = await proved(honest, known, weights="b" * 64)
    assert (health.status, asked) == (Status.READY, 3)
    assert "no vector is known" in health.detail


async def test_one_vector_for_all_clips_is_broken(known: KnownClip) -> None:
    health, _ = await proved(lambda body: vector(1), known)
    assert (health.status, health.cause) == (Status.BROKEN, "constant-vector")


async def test_two_vectors_for_one_clip_are_broken(known: KnownClip) -> None:
    seeds = iter(range(10))
    health, _ = await proved(lambda body: vector(next(seeds)), known)
    assert (health.status, health.cause) == (Status.BROKEN, "inconsistent-vectors")


async def test_numbers_that_are_not_finite_are_broken(known: KnownClip) -> None:
    health, _ = await proved(lambda body: np.full(192, np.nan, dtype=np.float32), known)
    assert (health.status, health.cause) == (Status.BROKEN, "bad-answer")


async def test_an_embedding_that_does_not_come_in_time_is_busy(known: KnownClip) -> None:
    async with embedder(lambda body: None) as (client, _):
        health = await ask_ready(client, known, timeout_s=0.3)
    assert (health.status, health.cause) == (Status.BUSY, "no-embedding")


@pytest.mark.parametrize("when_silent", [Status.BROKEN, Status.STARTING])
async def test_a_silent_health_is_what_the_tier_says(known: KnownClip, when_silent: Status) -> None:
    async with service(None) as url:
        client = ServiceClient(url, tier="docker", title="Docker")
        health = await ask_ready(client, known, timeout_s=0.2, when_silent=when_silent)
        await client.aclose()
    assert (health.status, health.cause) == (when_silent, "no-answer")


async def test_nothing_is_embedded_where_the_service_is_not_ready(known: KnownClip) -> None:
    async with service(http({"status": "ok"})) as url:
        client = ServiceClient(url, tier="docker", title="Docker")
        health = await ask_ready(client, known)
        await client.aclose()
    assert (health.status, health.cause) == (Status.MISCONFIGURED, "wrong-service")


async def test_without_a_checkout_noise_does(tmp_path: Path) -> None:
    """Installed from a wheel there are no clips; the service still has to be consistent."""
    noise = find_known_clip(Settings(home=tmp_path, cache_dir=tmp_path))
    assert noise.vector(OURS) is None
    assert noise.body != noise.other_body
    assert (await proved(honest, noise))[1] == 3
    assert (await proved(honest, None))[1] == 3


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"vector": [1]}', '{"vector": null}'])
def test_a_spoilt_vector_is_none(known: KnownClip, content: str) -> None:
    known.keep(OURS, vector(1), "onnx")
    assert known.vectors is not None
    next(known.vectors.iterdir()).write_text(content)
    assert known.vector(OURS) is None


@pytest.mark.model
async def test_the_vector_is_computed_once(weights: Weights, tmp_path: Path) -> None:
    """By a model process the first time, read the second time."""
    settings = Settings(weights="seeded")
    known = await compute_known_vector(settings)
    first = known.vector(weights.sha256)
    assert first is not None
    assert known.vectors is not None
    stamps = {path: path.stat().st_mtime_ns for path in known.vectors.iterdir()}
    again = await compute_known_vector(settings)
    assert {path: path.stat().st_mtime_ns for path in known.vectors.iterdir()} == stamps
    kept = again.vector(weights.sha256)
    assert kept is not None
    assert cosine(first, kept) > 1 - 1e-12
    assert json.loads(next(iter(stamps)).read_text())["runtime"] in {"onnx", "speechbrain"}
