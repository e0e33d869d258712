"""Batches hold equal lengths only, and only where that pays."""

from __future__ import annotations

import threading

import numpy as np

from jarvis_bench.service.batches import PAYS_BELOW_S, TOGETHER, encode_all, plan_batches

from .running import ScriptedEncoder, speech


def test_equal_short_clips_are_computed_together() -> None:
    """Every clip is in exactly one batch, all of a batch have one length, and none is too large."""
    lengths = [8000, 16000, 8000, 8000, *[1600] * 20]
    batches = list(plan_batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len({lengths[index] for index in batch}) == 1 for batch in batches)
    assert max(map(len, batches)) == TOGETHER
    assert [0, 2, 3] in batches


def test_long_clips_are_computed_alone() -> None:
    """From the length on where a batch takes as long as its clips one by one."""
    length = round(PAYS_BELOW_S * 16_000)
    assert list(plan_batches([length] * 3)) == [[0], [1], [2]]


def test_embeddings_are_those_of_the_clips_alone() -> None:
    """Whatever was computed together, each clip gets its own, in order."""
    encoder = ScriptedEncoder()
    clips = [speech(seconds, seed=seed) for seed, seconds in enumerate((0.5, 1.0, 0.5, 3.0, 0.5))]
    found = encode_all(encoder, clips, threading.Event())
    for outcome, clip in zip(found, clips, strict=True):
        assert isinstance(outcome, list)
        assert np.array_equal(outcome, encoder.encode(clip[np.newaxis])[0])
    assert (3, 8000) in encoder.shapes


def test_batch_that_nobody_waits_for_is_left() -> None:
    """What was not begun is not computed."""
    encoder = ScriptedEncoder()
    stop = threading.Event()
    stop.set()
    encode_all(encoder, [speech()], stop)
    assert encoder.shapes == []
