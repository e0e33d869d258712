"""A body that is encoded once and marked for each request."""

from __future__ import annotations

import base64
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jarvis_bench.ecapa.clips import mark
from jarvis_bench.tiers.prepared_body import PreparedBody, encode_body


@given(length=st.integers(1600, 5000), number=st.integers(0, 2**26), seed=st.integers(0, 9))
def test_a_marked_body_is_that_of_the_marked_clip(length: int, number: int, seed: int) -> None:
    """Byte for byte, for clips of any length and loudness."""
    pcm = np.random.default_rng(seed).integers(-32768, 32768, length)
    samples = (pcm / 32768).astype(np.float32)
    made = PreparedBody(encode_body(samples), samples).marked(number)
    assert made == encode_body(mark(samples, number))


def test_no_two_marks_are_alike_and_none_is_heard() -> None:
    """Ten thousand different bodies; each sample is off by 1/32768 at most."""
    samples = np.zeros(4800, dtype=np.float32)
    prepared = PreparedBody(encode_body(samples), samples)
    assert len({prepared.marked(number) for number in range(10_000)}) == 10_000
    audio = base64.b64decode(json.loads(prepared.marked(2**24 - 1))["audio_data"])
    pcm = np.frombuffer(audio, dtype="<i2")
    assert len(pcm) == 4800
    assert np.abs(pcm).max() == 1
    assert np.count_nonzero(pcm) == 24
