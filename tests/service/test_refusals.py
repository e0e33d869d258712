"""Every documented error is given, over a real socket, as documented; and no other is documented."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.model import LoadedModel
from jarvis_bench.service.refusals import BY_CODE, REFUSALS, Refusal, as_markdown, refuse

from .running import BATCH, EMBED, VERIFY, Reply, Running, as_float32, as_int16, read_reply, running, speech

TABLE = Path(__file__).resolve().parents[2] / "data" / "service-errors.md"
GOOD = as_float32(speech())


def _embed(**fields: object) -> Callable[[Running], Reply]:
    return lambda served: served.post(EMBED, fields)


def _batch(*clips: str) -> Callable[[Running], Reply]:
    return lambda served: served.post(BATCH, {"audio_samples": list(clips), "format": "int16"})


def _slow_body(_: Running) -> Reply:
    with running(Limits(body_s=0.1)) as served:
        return served.talk(f"POST {EMBED} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())


def _full_queue(_: Running) -> Reply:
    with running(Limits(waiting=0)) as served, _computing(served):
        return _embed(audio_data=GOOD)(served)


def _late(_: Running) -> Reply:
    with running(Limits(request_s=0.05)) as served, served.encoder.held():
        return _embed(audio_data=GOOD)(served)


def _failing_runtime(_: Running) -> Reply:
    with running() as served:
        served.encoder.fails = lambda clips: True
        return _embed(audio_data=GOOD)(served)


def _draining(_: Running) -> Reply:
    with running() as served, _computing(served):
        served.stop()
        served.until(lambda: served.service.draining)
        return _embed(audio_data=GOOD)(served)


def _loading(_: Running) -> Reply:
    async def load(_: InferenceThread) -> LoadedModel:
        await asyncio.Event().wait()
        raise AssertionError

    with running(load=load) as served:
        return _embed(audio_data=GOOD)(served)


def _not_loaded(_: Running) -> Reply:
    async def load(_: InferenceThread) -> LoadedModel:
        raise OSError("no weights")

    with running(load=load) as served:
        served.until(lambda: served.service.model.last_error is not None)
        return _embed(audio_data=GOOD)(served)


@contextlib.contextmanager
def _computing(served: Running) -> Iterator[None]:
    """One request is being computed meanwhile, and gets its answer afterwards."""
    with ThreadPoolExecutor(1) as pool:
        with served.encoder.held():
            accepted = pool.submit(served.post, EMBED, {"audio_data": GOOD})
            served.until(lambda: served.service.queue.pending == 1)
            yield
        assert accepted.result(10).status == 200


NOT_FINITE = as_float32(np.full(8000, np.inf, dtype=np.float32))
LONG = as_int16(speech(30.1))
PROVOKE: dict[str, Callable[[Running], Reply]] = {
    "empty_body": lambda served: served.ask("POST", EMBED, b""),
    "invalid_json": lambda served: served.ask("POST", EMBED, b"{"),
    "invalid_base64": _embed(audio_data="*"),
    "not_found": lambda served: served.ask("GET", "/startup"),
    "method_not_allowed": lambda served: served.ask("GET", EMBED),
    "body_timeout": _slow_body,
    "body_too_large": lambda served: served.ask("POST", EMBED, b" " * (8 * 1024 * 1024 + 1)),
    "clip_too_long": _embed(audio_data=LONG, format="int16"),
    "too_many_clips": _batch(*[""] * 33),
    "batch_too_long": _batch(*[as_int16(speech(10.0))] * 7),
    "unsupported_media_type": lambda served: served.ask("POST", EMBED, b"x", {"Content-Type": "text/plain"}),
    "unsupported_encoding": lambda served: served.ask("POST", EMBED, b"x", {"Content-Encoding": "gzip"}),
    "missing_field": _embed(),
    "wrong_type": _embed(audio_data=7),
    "unknown_format": _embed(audio_data=GOOD, format="wav"),
    "bad_sample_rate": _embed(audio_data=GOOD, sample_rate=7),
    "empty_audio": _embed(audio_data=""),
    "odd_byte_count": _embed(audio_data="AAAA", format="int16"),
    "clip_too_short": _embed(audio_data=as_float32(speech(0.09))),
    "not_finite": _embed(audio_data=NOT_FINITE),
    "empty_batch": _batch(),
    "bad_reference": lambda served: served.post(VERIFY, {"audio_data": GOOD, "reference_embedding": [1.0]}),
    "queue_full": _full_queue,
    "model_error": _failing_runtime,
    "model_loading": _loading,
    "model_not_loaded": _not_loaded,
    "draining": _draining,
    "deadline": _late,
}


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: str(row.code))
def test_documented_error_is_given(row: Refusal, served: Running) -> None:
    """Status, code, field, Retry-After and upstream's own fields are as the table says."""
    answer = PROVOKE[row.code](served)
    fields = answer.json
    assert (answer.status, fields["code"]) == (row.status, row.code)
    assert fields["success"] is False
    assert isinstance(fields["error"], str)
    assert ("retry-after" in answer.headers) == row.retries == (fields["retry_after"] is not None)
    if row.field == "*":
        assert fields["field"]
    else:
        assert fields["field"] == row.field
    if fields["field"]:
        assert fields["error"].startswith(f"{fields['field']}: ")


def test_every_row_is_provoked() -> None:
    """No documented error is left untested, and each code is there once."""
    assert set(PROVOKE) == set(BY_CODE)
    assert len(BY_CODE) == len(REFUSALS)


def test_table_for_readers_is_the_table() -> None:
    """data/service-errors.md says what the code says."""
    assert as_markdown() in TABLE.read_text(encoding="utf-8")


def test_limits_in_words_are_the_limits() -> None:
    """The numbers in the table's sentences are those of the defaults."""
    limits = Limits()
    assert f"{limits.body_bytes // 1024**2} MiB" in BY_CODE["body_too_large"].when
    assert f"{limits.clip_max_s:g} s" in BY_CODE["clip_too_long"].when
    assert f"{limits.clip_min_s:g} s" in BY_CODE["clip_too_short"].when
    assert f"{limits.batch_items} clips" in BY_CODE["too_many_clips"].when
    assert f"{limits.batch_s:g} s" in BY_CODE["batch_too_long"].when
    assert f"{limits.request_s:g} s" in BY_CODE["deadline"].when
    assert f"{limits.wait_s:g} s" in BY_CODE["queue_full"].when
    rates = f"{limits.rate_min_hz:,} … {limits.rate_max_hz:,} Hz"
    assert rates in BY_CODE["bad_sample_rate"].when


def test_longest_clip_fits_into_a_body() -> None:
    """Whatever format and rate: 30 s are never refused for their bytes."""
    limits = Limits()
    worst = limits.clip_max_s * limits.rate_max_hz * 4 * 4 / 3
    assert worst + 4096 < limits.body_bytes


def test_refusal_names_the_place_inside_a_field() -> None:
    """A batch's clip is named with its index."""
    error = refuse("empty_audio", "there are no samples", field="audio_samples[2]")
    assert isinstance(error, RequestRefused)
    assert str(error) == "audio_samples[2]: there are no samples"


def test_half_a_surrogate_pair_is_answered(served: Running) -> None:
    """A request's own text in an error cannot make the error unprintable."""
    body = b'{"audio_data": "", "format": "\\ud800"}'
    answer = served.ask("POST", EMBED, body)
    assert answer.json["code"] == "unknown_format"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"audio_data": None}, "wrong_type", "audio_data"),
        ({"audio_data": GOOD, "sample_rate": True}, "wrong_type", "sample_rate"),
        ({"audio_data": GOOD, "sample_rate": "16000"}, "wrong_type", "sample_rate"),
        ({"audio_data": GOOD, "sample_rate": 16000.5}, "bad_sample_rate", "sample_rate"),
        ({"audio_data": GOOD, "sample_rate": 10**400}, "bad_sample_rate", "sample_rate"),
        ({"audio_data": GOOD, "sample_rate": -16000}, "bad_sample_rate", "sample_rate"),
        ({"audio_data": GOOD, "format": None}, "wrong_type", "format"),
        ({"audio_data": GOOD, "format": "FLOAT32"}, "unknown_format", "format"),
        ({"audio_data": GOOD + "\n"}, "invalid_base64", "audio_data"),
        ({"audio_data": "é"}, "invalid_base64", "audio_data"),
        ([1], "wrong_type", "body"),
        ("text", "wrong_type", "body"),
    ],
)
def test_wrong_values_name_their_field(fields: object, code: str, field: str, served: Running) -> None:
    """Each wrong type and value is told apart."""
    answer = served.post(EMBED, fields)
    assert (answer.json["code"], answer.json["field"]) == (code, field)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"audio_data": NaN}', b"\xff\xfe", b'{"a": ' + b"9" * 10_000 + b"}", b"nul"],
    ids=["deep", "nan", "no-utf-8", "long-number", "word"],
)
def test_no_json_is_400(body: bytes, served: Running) -> None:
    """Also what Python's parser would take, or stumble over."""
    assert served.ask("POST", EMBED, body).json["code"] == "invalid_json"


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ([0] * 192, "bad_reference"),
        ([1] * 193, "bad_reference"),
        (["1"] * 192, "wrong_type"),
        ([True] * 192, "wrong_type"),
        ({"a": 1}, "wrong_type"),
        ([10**400] * 192, "not_finite"),
    ],
)
def test_wrong_references_are_refused(reference: object, code: str, served: Running) -> None:
    """What gives no direction cannot be compared with."""
    answer = served.post(VERIFY, {"audio_data": GOOD, "reference_embedding": reference})
    assert (answer.status, answer.json["code"]) == (422, code)
    assert answer.json["field"].startswith("reference_embedding")


def test_infinite_reference_is_refused(served: Running) -> None:
    """A number that JSON can write and a float cannot hold is not finite."""
    numbers = "1e400," * 191 + "1"
    body = f'{{"audio_data": {json.dumps(GOOD)}, "reference_embedding": [{numbers}]}}'
    assert served.ask("POST", VERIFY, body.encode()).json["code"] == "not_finite"


def test_huge_body_of_unsaid_length_is_refused(served: Running) -> None:
    """A chunked upload is counted as it comes; what is sent after the refusal is thrown away."""
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with served.connect() as connection:
        connection.sendall(f"POST {EMBED} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(10):
            connection.sendall(chunk)
        connection.sendall(b"0\r\n\r\n")
        assert read_reply(connection).json["code"] == "body_too_large"


def test_truncated_body_costs_nobody_else_anything(served: Running) -> None:
    """A client that hangs up in the middle of its body leaves nothing behind."""
    with served.connect() as connection:
        connection.sendall(f"POST {EMBED} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{{".encode())
    assert _embed(audio_data=GOOD)(served).status == 200


@pytest.mark.parametrize(
    "head", [b"", b"POST /api/ml/speaker_embedding HTTP/1.1\r\nHo"], ids=["none", "half"]
)
def test_half_a_request_does_not_hold_its_connection(head: bytes) -> None:
    """A client that never says what it wants is hung up on."""
    with running(Limits(head_s=0.1)) as served, served.connect() as connection:
        connection.sendall(head)
        assert connection.recv(1) == b""


def test_what_is_no_http_is_400(served: Running) -> None:
    """The server below answers, and goes on."""
    assert served.talk(b"\x16\x03\x01 hello\r\n\r\n").status == 400
    assert _embed(audio_data=GOOD)(served).status == 200
