"""The client of the embedding service: what it sends, and how it judges what comes back."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json

import numpy as np
import pytest

from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.records import Status
from jarvis_bench.tiers.service_client import (
    ServiceClient,
    encode_body,
    read_answer,
    read_server_timing,
    read_vector,
)
from jarvis_bench.tiers.stamps import Stamps

GOOD = {"embedding": [0.5] * 192, "instance_id": "a", "request_index": 3}


def judge(code: int, fields: object, headers: dict[str, str] | None = None) -> TierFailed | RequestRefused:
    content = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    with pytest.raises((TierFailed, RequestRefused)) as caught:
        read_answer(code, headers or {}, content, tier="docker", title="Docker")
    return caught.value  # type: ignore[return-value]  # pytest gives the common base


def test_a_body_holds_the_clip_as_int16() -> None:
    samples = np.array([0.0, 0.5, -1.0, 1.0, 2.0], dtype=np.float32)
    fields = json.loads(encode_body(samples))
    pcm = np.frombuffer(base64.b64decode(fields["audio_data"]), dtype="<i2")
    assert pcm.tolist() == [0, 16384, -32768, 32767, 32767]
    assert (fields["sample_rate"], fields["format"]) == (16_000, "int16")


def test_a_good_answer_says_where_its_time_went() -> None:
    headers = {"server-timing": "decode;dur=1.5, queue;dur=0, model;dur=12.25"}
    answer = read_answer(200, headers, json.dumps(GOOD).encode(), tier="docker", title="Docker")
    assert answer.vector.shape == (192,)
    assert (answer.decode_s, answer.queue_s, answer.model_s) == (0.0015, 0.0, 0.01225)
    assert (answer.instance_id, answer.request_index) == ("a", 3)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        [],
        b"<html>",
        b"[" * 100_000,
        {"embedding": [0.5] * 191},
        {"embedding": [0.0] * 192},
        {"embedding": [True] * 192},
        {"embedding": [None] * 192},
        b'{"embedding": [' + b",".join([b"NaN"] * 192) + b"]}",
    ],
)
def test_a_200_without_an_embedding_is_broken(fields: object) -> None:
    failed = judge(200, fields)
    assert isinstance(failed, TierFailed)
    assert (failed.status.status, failed.status.cause) == (Status.BROKEN, "bad-answer")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (401, Status.MISCONFIGURED),
        (403, Status.MISCONFIGURED),
        (404, Status.MISCONFIGURED),
        (429, Status.BUSY),
        (500, Status.BROKEN),
        (503, Status.STARTING),
    ],
)
def test_a_failed_request_tells_the_tiers_status(code: int, status: Status) -> None:
    failed = judge(code, b"Rate exceeded.", {"retry-after": "7"})
    assert isinstance(failed, TierFailed)
    assert (failed.status.status, failed.retry_after_s) == (status, 7.0)


def test_the_clips_own_fault_is_no_fault_of_the_tier() -> None:
    refused = judge(422, {"code": "clip_too_short", "error": "audio_data: too short", "field": "audio_data"})
    assert isinstance(refused, RequestRefused)
    assert refused.code == "clip_too_short"


def test_a_422_of_another_service_is_no_refusal() -> None:
    assert isinstance(judge(422, {"detail": "?"}), TierFailed)


def test_malformed_server_timing_is_left_out() -> None:
    header = "a;dur=x, b, c;desc=z;dur=2, d;dur=-1, e;dur=nan, ;;;,"
    assert read_server_timing(header) == {"c": 0.002}


def test_a_vector_keeps_its_numbers() -> None:
    vector = read_vector([1, *[0.5] * 191])
    assert vector is not None
    assert vector.dtype == np.float32


async def test_a_refused_connection_is_told_apart() -> None:
    client = ServiceClient("http://127.0.0.1:9", tier="docker", title="Docker")
    with pytest.raises(TierFailed) as caught:
        await client.embed(np.zeros(1600, dtype=np.float32))
    await client.aclose()
    assert (caught.value.status.status, caught.value.status.cause) == (Status.BROKEN, "unreachable")


async def test_a_bad_address_is_the_users() -> None:
    client = ServiceClient("nonsense", tier="docker", title="Docker")
    with pytest.raises(TierFailed) as caught:
        await client.request("GET", "/health")
    await client.aclose()
    assert (caught.value.status.status, caught.value.status.cause) == (Status.MISCONFIGURED, "bad-url")


async def test_behind_a_proxy_the_connections_are_told_of_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proxy is asked for the whole address; the second request uses the connection of the first."""
    asked: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                asked.append(head.decode().splitlines()[0])
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    sent = [Stamps(), Stamps()]
    client = ServiceClient("http://embed.example", tier="docker", title="Docker")
    async with server:
        for stamps in sent:
            assert (await client.request("GET", "/health", stamps=stamps)).content == b"{}"
        await client.aclose()
    assert asked == ["GET http://embed.example/health HTTP/1.1"] * 2
    assert [stamps.reused for stamps in sent] == [False, True]
    assert sent[0].connect_ns
