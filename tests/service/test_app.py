"""What a client of JARVIS gets: upstream's fields, and the truth in them."""

from __future__ import annotations

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.model import LoadedModel

from .running import (
    BATCH,
    EMBED,
    PREWARM,
    VERIFY,
    Running,
    ScriptedEncoder,
    as_float32,
    as_int16,
    read_reply,
    running,
    speech,
)

IDENTITY = {
    "instance_id",
    "boot_id",
    "process_start",
    "process_ms",
    "import_ms",
    "model_load_ms",
    "first_inference_ms",
    "request_index",
}


def test_upstream_shaped_request_gets_upstreams_fields(served: Running) -> None:
    """The body that JARVIS's client sends, `test_mode` included, is answered in the shape that it reads."""
    clip = speech(1.0)
    fields = {"audio_data": as_float32(clip), "sample_rate": 16000, "format": "float32", "test_mode": True}
    answer = served.post(EMBED, fields)
    assert answer.status == 200
    upstream = {"success", "embedding", "embedding_size", "processing_time_ms", "cached", "error"}
    assert set(answer.json) == upstream | IDENTITY
    assert answer.json["success"] is True
    assert answer.json["error"] is None
    assert answer.json["embedding_size"] == 192
    expected = served.encoder.encode(clip[np.newaxis])[0]
    assert np.allclose(answer.json["embedding"], expected, rtol=0, atol=1e-6)


def test_format_and_rate_may_be_left_out(served: Running) -> None:
    """Their defaults are upstream's: float32 at 16 kHz."""
    clip = as_float32(speech())
    full = served.post(EMBED, {"audio_data": clip, "sample_rate": 16000, "format": "float32"})
    assert served.post(EMBED, {"audio_data": clip}).json["embedding"] == full.json["embedding"]


def test_the_same_clip_twice_is_computed_twice(served: Running) -> None:
    """`cached` never lies: it is false, and the model was asked each time."""
    fields = {"audio_data": as_float32(speech(seed=3))}
    before = len(served.encoder.shapes)
    answers = [served.post(EMBED, fields).json for _ in range(2)]
    assert [answer["cached"] for answer in answers] == [False, False]
    assert len(served.encoder.shapes) == before + 2


def test_server_timing_splits_the_time(served: Running) -> None:
    """Decoding, waiting and computing are told apart, in milliseconds."""
    answer = served.post(EMBED, {"audio_data": as_float32(speech())})
    found = re.findall(r"(\w+);dur=([\d.]+)", answer.headers["server-timing"])
    assert [name for name, _ in found] == ["decode", "queue", "model"]
    assert 0 < sum(float(dur) for _, dur in found) <= answer.json["processing_time_ms"] + 0.01


def test_int16_is_divided_by_32768(served: Running) -> None:
    """Both formats of one clip give one embedding."""
    clip = np.round(speech() * 32768) / np.float32(32768)
    a = served.post(EMBED, {"audio_data": as_int16(clip), "format": "int16"}).json["embedding"]
    b = served.post(EMBED, {"audio_data": as_float32(clip), "format": "float32"}).json["embedding"]
    assert a == b


def test_verify_compares_with_the_reference(served: Running) -> None:
    """`verified` is (cosine + 1) / 2 ≥ 0.85, whatever the reference's scale."""
    clip = {"audio_data": as_float32(speech())}
    own = served.post(EMBED, clip).json["embedding"]
    same = served.post(VERIFY, clip | {"reference_embedding": [1e300 * x for x in own]}).json
    assert same["success"]
    assert same["verified"] is True
    assert same["similarity"] == pytest.approx(1)
    opposite = served.post(VERIFY, clip | {"reference_embedding": [-x for x in own]}).json
    assert opposite["verified"] is False
    assert opposite["similarity"] == pytest.approx(-1)
    assert opposite["confidence"] == pytest.approx(0)
    upstream = {"success", "verified", "similarity", "confidence", "threshold", "processing_time_ms", "error"}
    assert set(opposite) == upstream | IDENTITY


def test_batch_gives_null_and_a_reason_for_each_failed_clip(served: Running) -> None:
    """Good clips have the embedding that they have alone; bad ones do not spoil them."""
    clips = [as_float32(speech(seed=seed)) for seed in range(3)]
    answer = served.post(BATCH, {"audio_samples": [clips[0], "?", clips[1], 7, clips[2]]}).json
    assert answer["success"] is True
    alone = [served.post(EMBED, {"audio_data": clip}).json["embedding"] for clip in clips]
    assert [answer["embeddings"][i] for i in (0, 2, 4)] == alone
    assert [answer["embeddings"][i] for i in (1, 3)] == [None, None]
    assert [error and error["code"] for error in answer["errors"]] == [
        None,
        "invalid_base64",
        None,
        "wrong_type",
        None,
    ]
    assert answer["errors"][1]["field"] == "audio_samples[1]"


def test_batch_clip_that_the_runtime_fails_on_is_null(served: Running) -> None:
    """The runtime's failure stays with its clips."""
    served.encoder.fails = lambda clips: clips.shape[1] == 8000
    try:
        clips = [as_float32(speech(0.5)), as_float32(speech(1.0))]
        answer = served.post(BATCH, {"audio_samples": clips}).json
    finally:
        served.encoder.fails = lambda clips: False
    assert answer["embeddings"][0] is None
    assert answer["errors"][0]["code"] == "model_error"
    assert len(answer["embeddings"][1]) == 192


def test_ready_service_is_healthy_on_all_three_paths(served: Running) -> None:
    """200, `ecapa_ready`, and upstream's fields."""
    for path in ("/health", "/status", "/api/ml/health"):
        answer = served.ask("GET", path)
        assert answer.status == 200
        assert answer.json["ecapa_ready"] is True
        assert answer.json["status"] == "healthy"
        upstream = {"startup_state", "timestamp", "version", "startup_duration_ms", "startup_attempts"}
        upstream |= {"last_error", "load_source", "using_prebaked_cache", "load_time_ms"}
        assert (upstream | IDENTITY) <= set(answer.json)


def test_request_index_counts_what_the_model_took_up() -> None:
    """The cold request has index 0; refused ones and health checks do not count."""
    with running() as served:
        assert served.ask("GET", "/health").json["request_index"] == 0
        assert served.post(EMBED, {"audio_data": ""}).json["request_index"] is None
        clip = {"audio_data": as_float32(speech())}
        assert [served.post(EMBED, clip).json["request_index"] for _ in range(3)] == [0, 1, 2]


def test_loading_service_says_so_and_is_not_healthy() -> None:
    """While the model loads, /health and embeddings are 503 with Retry-After; never 200."""
    go = threading.Event()
    encoder = ScriptedEncoder()

    async def load(_: InferenceThread) -> LoadedModel:
        await asyncio.to_thread(go.wait)
        return LoadedModel(encoder, "scripted", "scripted", "0" * 64, 0.0, 0.0)

    with running(load=load) as served:
        try:
            health = served.ask("GET", "/health")
            assert health.status == 503
            assert int(health.headers["retry-after"]) > 0
            assert health.json["ecapa_ready"] is False
            assert health.json["startup_state"] == "initializing"
            refused = served.post(EMBED, {"audio_data": as_float32(speech())})
            assert (refused.status, refused.json["code"]) == (503, "model_loading")
        finally:
            go.set()
        served.wait_ready()
        assert served.ask("GET", "/health").json["ecapa_ready"] is True


def test_encoder_that_gives_no_numbers_never_becomes_ready() -> None:
    """Ready means that a real embedding was computed, not that something was loaded."""

    class Empty:
        def encode(self, clips: np.ndarray) -> np.ndarray:
            return np.full((len(clips), 192), np.nan, dtype=np.float32)

    async def load(_: InferenceThread) -> LoadedModel:
        return LoadedModel(Empty(), "empty", "scripted", "0" * 64, 0.0, 0.0)

    with running(load=load) as served:
        served.until(lambda: served.ask("GET", "/health").json["startup_state"] == "failed")
        health = served.ask("GET", "/health")
        assert health.status == 503
        assert "not finite" in health.json["last_error"]


def test_prewarm_tries_a_failed_load_again() -> None:
    """200 only when it worked; a failure is 503, and the next prewarm is a new attempt."""
    encoder = ScriptedEncoder()
    attempts: list[int] = []

    async def load(_: InferenceThread) -> LoadedModel:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("no weights yet")
        return LoadedModel(encoder, "scripted", "scripted", "0" * 64, 0.0, 0.0)

    with running(load=load) as served:
        served.until(lambda: served.service.model.last_error is not None)
        refused = served.ask("POST", PREWARM)
        assert (refused.status, refused.json["code"]) == (503, "model_not_loaded")
        assert "no weights yet" in refused.json["error"]
        answer = served.ask("POST", PREWARM)
        assert answer.status == 200
        assert answer.json["was_ready"] is False
        assert answer.json["embedding_test"] == {"shape": [192], "dim": 192, "success": True}
        assert served.ask("POST", PREWARM, b"anything").json["was_ready"] is True


def test_prewarm_does_not_hide_a_failing_runtime() -> None:
    """Upstream answers 200 here; a model that cannot compute is an error."""
    with running() as served:
        served.encoder.fails = lambda clips: True
        answer = served.ask("POST", PREWARM)
        assert (answer.status, answer.json["code"]) == (500, "model_error")
        assert "scripted failure" in answer.json["error"]


def test_health_answers_while_the_model_computes(served: Running) -> None:
    """The event loop is free during a computation."""
    with ThreadPoolExecutor(1) as pool, served.encoder.held():
        waiting = pool.submit(served.post, EMBED, {"audio_data": as_float32(speech())})
        served.encoder.entered.acquire(timeout=10)
        assert served.ask("GET", "/health").json["pending_requests"] == 1
        served.encoder.open.set()
        assert waiting.result(10).status == 200


def test_full_queue_refuses_at_once_and_serves_the_rest() -> None:
    """One computes, two wait, the fourth gets 429 with Retry-After; the three get their embeddings."""
    with running(Limits(waiting=2)) as served, ThreadPoolExecutor(3) as pool:
        clip = {"audio_data": as_float32(speech())}
        with served.encoder.held():
            accepted = [pool.submit(served.post, EMBED, clip) for _ in range(3)]
            served.until(lambda: served.service.queue.pending == 3)
            refused = served.post(EMBED, clip)
            assert (refused.status, refused.json["code"]) == (429, "queue_full")
            assert int(refused.headers["retry-after"]) >= 1
        assert [future.result(10).status for future in accepted] == [200, 200, 200]
        assert served.post(EMBED, clip).status == 200


def test_client_that_goes_away_leaves_the_queue() -> None:
    """Its place is free, and its clip is never computed."""
    with running(Limits(waiting=1)) as served, ThreadPoolExecutor(2) as pool:
        clip = {"audio_data": as_float32(speech())}
        with served.encoder.held():
            first = pool.submit(served.post, EMBED, clip)
            served.until(lambda: served.service.queue.pending == 1)
            body = b'{"audio_data": "%s"}' % as_float32(speech(1.0)).encode()
            with served.connect() as connection:
                head = f"POST {EMBED} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)
                served.until(lambda: served.service.queue.pending == 2)
            served.until(lambda: served.service.queue.pending == 1)
            second = pool.submit(served.post, EMBED, clip)
            served.until(lambda: served.service.queue.pending == 2)
        assert [first.result(10).status, second.result(10).status] == [200, 200]
        assert (1, 16000) not in served.encoder.shapes[2:]


def test_request_that_takes_too_long_gets_504_and_frees_its_place() -> None:
    """The deadline holds while the model is stuck, and the service goes on afterwards."""
    with running(Limits(request_s=0.1)) as served:
        clip = {"audio_data": as_float32(speech())}
        with served.encoder.held():
            late = served.post(EMBED, clip)
            assert (late.status, late.json["code"]) == (504, "deadline")
            queued = served.post(EMBED, clip)
            assert queued.json["code"] == "deadline"
            assert served.service.queue.pending == 1
        served.until(lambda: served.service.queue.pending == 0)
        assert served.post(EMBED, clip).status == 200


def test_metrics_count_answers_and_refusals() -> None:
    """Prometheus reads what happened."""
    with running() as served:
        served.post(EMBED, {"audio_data": as_float32(speech(2.0))})
        served.post(EMBED, {"audio_data": "?"})
        answer = served.ask("GET", "/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = answer.body.decode()
        assert f'jarvis_requests_total{{path="{EMBED}",status="200"}} 1.0' in text
        assert 'jarvis_refusals_total{code="invalid_base64"} 1.0' in text
        assert "jarvis_audio_seconds_total 2.0" in text
        assert "jarvis_ready 1.0" in text


def test_connection_serves_many_requests(served: Running) -> None:
    """A refused request does not cost its client the connection."""
    with served.connect() as connection:
        for body, status in ((b"{}", 422), (b"nonsense", 400), (b"{}", 422)):
            head = f"POST {EMBED} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            assert read_reply(connection).status == status
