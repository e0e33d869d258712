"""The server ends as it should: accepted requests are answered, new ones refused, the exit code is 0."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import UsageError
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.operations import cosine
from jarvis_bench.service.server import listen
from jarvis_bench.settings import Settings

from .running import BATCH, EMBED, Running, ScriptedEncoder, as_float32, as_int16, running, speech

CLIP = {"audio_data": as_float32(speech())}


def test_draining_finishes_what_was_accepted_and_refuses_the_rest() -> None:
    """The listener stays open for as long as someone is served, and says 503."""
    with running() as served, ThreadPoolExecutor(3) as pool:
        with served.encoder.held():
            accepted = [pool.submit(served.post, EMBED, CLIP) for _ in range(3)]
            served.until(lambda: served.service.queue.pending == 3)
            served.stop()
            served.until(lambda: served.service.draining)
            refused = served.post(EMBED, CLIP)
            assert (refused.status, refused.json["code"]) == (503, "draining")
            health = served.ask("GET", "/health")
            assert (health.status, health.json["status"]) == (503, "draining")
            assert not served.ended.is_set()
        assert [future.result(10).status for future in accepted] == [200, 200, 200]
        assert served.ended.wait(10)


def test_draining_ends_though_a_request_does_not() -> None:
    """A computation that hangs holds the end up for `drain_s`, not for ever."""
    with running(Limits(drain_s=0.1, request_s=60)) as served, ThreadPoolExecutor(1) as pool:
        with served.encoder.held():
            stuck = pool.submit(served.post, EMBED, CLIP)
            served.until(lambda: served.service.queue.pending == 1)
            served.stop()
            assert served.ended.wait(10)
        assert stuck.exception(10) is not None or stuck.result().status == 500


def test_importing_the_service_imports_no_runtime() -> None:
    """It listens before anything heavy is loaded: no torch, no onnxruntime, not even numpy."""
    heavy = "{'torch', 'speechbrain', 'onnxruntime', 'numpy'}"
    modules = "jarvis_bench.service.server, jarvis_bench.service.loading"
    program = f"import sys, {modules}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_listening_socket_says_that_it_is_tcp() -> None:
    """Otherwise asyncio leaves Nagle's algorithm on, and answers on a kept connection take 40 ms more."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_taken_port_is_an_error_in_one_line() -> None:
    """It names the address and the reason."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(
            UsageError, match=rf"cannot listen on 127\.0\.0\.1:{port}: Address already in use"
        ):
            listen("127.0.0.1", port)


@contextmanager
def _command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Running]]:
    """`jarvis-bench serve` on a free port, listening."""
    program = str(Path(sys.executable).parent / "jarvis-bench")
    words = [program, "serve", "--port", "0", "--json", *arguments]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            serving = json.loads(process.stdout.readline())
            port = int(serving["url"].rpartition(":")[2])
            yield process, Running(None, ScriptedEncoder(), port)  # type: ignore[arg-type]  # only its port is used
        finally:
            process.kill()


def test_sigterm_while_loading_exits_0() -> None:
    """The service listens before its model is loaded, and can be told to go again."""
    with _command() as (process, served):
        health = served.ask("GET", "/health")
        assert health.status == 503
        assert health.json["import_ms"] is None
        started_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - started_s < 10


def _check_batch(served: Running, samples: NDArray[np.float32]) -> None:
    """Clips computed together have the embeddings that they have alone."""
    parts = [as_int16(samples[start : start + 8000]) for start in range(0, 32_000, 8000)]
    alone = [served.post(EMBED, {"audio_data": part, "format": "int16"}).json["embedding"] for part in parts]
    together = served.post(BATCH, {"audio_samples": parts, "format": "int16"}).json["embeddings"]
    for first, second in zip(alone, together, strict=True):
        assert cosine(first, second) > 0.999999


@pytest.mark.model
def test_real_service_answers_right_and_drains(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command computes what the reference computes; SIGTERM loses no accepted request; Ctrl-C is 130."""
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    (clip, *_) = load_clips(Settings().data_dir, [3.0])
    fields = {"audio_data": as_int16(clip.samples), "format": "int16"}
    with _command("--threads", "1") as (process, served), ThreadPoolExecutor(4) as pool:
        served.until(lambda: served.ask("GET", "/health").status == 200)
        health = served.ask("GET", "/health").json
        assert health["load_source"] == "seeded"
        assert health["weights_sha256"] == weights.sha256
        assert all(health[name] > 0 for name in ("import_ms", "model_load_ms", "first_inference_ms"))
        _check_batch(served, clip.samples)
        accepted = [pool.submit(served.post, EMBED, fields) for _ in range(4)]
        served.until(lambda: served.ask("GET", "/health").json["pending_requests"] == 4)
        process.send_signal(signal.SIGTERM)
        answers = [future.result(10) for future in accepted]
        assert [answer.status for answer in answers] == [200] * 4
        assert len({tuple(answer.json["embedding"]) for answer in answers}) == 1
        assert sorted(answer.json["request_index"] for answer in answers) == [5, 6, 7, 8]
        assert process.wait(10) == 0
    with _command() as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
