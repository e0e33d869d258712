"""The model process's side of the conversation, with a model of our own in it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa import worker as worker_module
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.ecapa.worker import Worker, serve


class Model:
    """Answers with the mean of the clip, `EMBEDDING_SIZE` times; `size` can be made wrong."""

    size = EMBEDDING_SIZE

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """One embedding a clip."""
        return np.repeat(clips.mean(axis=1, keepdims=True), self.size, axis=1).astype(np.float32)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """The model that `load` loads."""
    made = Model()
    monkeypatch.setattr(worker_module, "open_encoder", lambda runtime, weights, threads, malloc: made)
    return made


def converse(*requests: tuple[str, bytes]) -> list[tuple[dict[str, Any], bytes]]:
    """Send all requests and read all answers."""
    source, sink = io.BytesIO(), io.BytesIO()
    for command, payload in requests:
        source.write(json.dumps({"do": command, "bytes": len(payload)}).encode() + b"\n" + payload)
    source.seek(0)
    serve(Worker("speechbrain", Path("nowhere"), 1), source, sink)
    sink.seek(0)
    answers = []
    while line := sink.readline():
        head = json.loads(line)
        answers.append((head, sink.read(int(head.get("bytes", 0)))))
    return answers


def samples(*values: float) -> bytes:
    """A clip as it travels."""
    return np.array(values, "<f4").tobytes()


def test_clips_are_answered_in_turn_with_their_own_embedding() -> None:
    """Each answer has the time it took and 192 little-endian floats."""
    hello, loaded, first, second = converse(
        ("hello", b""), ("load", b""), ("embed", samples(0.25, 0.75)), ("embed", samples(-1.0))
    )
    assert hello[0]["ok"]
    assert loaded[0]["ok"]
    assert np.frombuffer(first[1], "<f4").tolist() == [0.5] * EMBEDDING_SIZE
    assert np.frombuffer(second[1], "<f4").tolist() == [-1.0] * EMBEDDING_SIZE
    assert first[0]["seconds"] >= 0


def test_bad_requests_are_answered_and_the_next_one_served() -> None:
    """An unknown command, and a clip before the model: each gets the reason, and neither ends the process."""
    unknown, early, loaded, good = converse(
        ("sing", samples(1.0)), ("embed", samples(1.0)), ("load", b""), ("embed", samples(1.0))
    )
    assert (unknown[0]["ok"], unknown[0]["error"]) == (False, "ValueError: unknown command 'sing'")
    assert (early[0]["ok"], early[0]["error"]) == (False, "ValueError: no model is loaded")
    assert loaded[0]["ok"]
    assert good[0]["ok"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    """An embedding that is not finite is an error, never a vector that somebody compares."""
    _, (head, body) = converse(("load", b""), ("embed", samples(0.5, value)))
    assert not head["ok"]
    assert head["error"] == "ValueError: the embedding has numbers that are not finite"
    assert body == b""


def test_embedding_of_another_size_is_refused(model: Model) -> None:
    """A model of another architecture is found out at its first answer."""
    model.size = 512
    _, (head, _) = converse(("load", b""), ("embed", samples(0.5)))
    assert head["error"] == "ValueError: the runtime gave shape (1, 512), not (1, 192)"


def test_every_answer_says_who_answers_and_how_many_clips_came_before() -> None:
    """A new process has a new name; only clips count, also those that fail."""
    requests = (
        ("hello", b""),
        ("load", b""),
        ("embed", samples(0.25)),
        ("embed", b"x"),
        ("embed", samples(1.0)),
    )
    first, second = converse(*requests), converse(*requests)
    assert [head["request_index"] for head, _ in first] == [0, 0, 0, 1, 2]
    (one,), (other,) = ({head["instance_id"] for head, _ in answers} for answers in (first, second))
    assert one != other
