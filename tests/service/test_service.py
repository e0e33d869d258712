"""What a service does once it has nothing to do."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from jarvis_bench.service import service as module
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.model import LoadedModel
from jarvis_bench.service.service import LARGE_BODY_BYTES, Service
from jarvis_bench.tiers.prepared_body import encode_body


async def never(_: InferenceThread) -> LoadedModel:
    """A model that nobody asks for."""
    raise NotImplementedError


@pytest.fixture
def trimmed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that gave memory back."""
    names: list[str] = []
    monkeypatch.setattr(module, "trim_heap", lambda: names.append(threading.current_thread().name))
    monkeypatch.setattr(module, "TRIM_AFTER_S", 0.0)
    return names


async def settled(service: Service) -> None:
    """The timers that are due have run, and what they gave to the thread is done."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await service.thread.submit(int)


async def test_memory_is_given_back_after_a_long_clip_once_nothing_is_under_way(trimmed: list[str]) -> None:
    """Once for any number of them, in the thread that computes, and not after a short clip."""
    service = Service(never)
    with service.admitted(needs_model=False):
        service.note_body(LARGE_BODY_BYTES - 1)
    await settled(service)
    assert trimmed == []
    with service.admitted(needs_model=False):
        with service.admitted(needs_model=False):
            service.note_body(LARGE_BODY_BYTES)
        with service.admitted(needs_model=False):
            service.note_body(LARGE_BODY_BYTES)
        await settled(service)
        assert trimmed == []
    await settled(service)
    assert trimmed == ["inference"]
    assert service.thread.close(10.0)


async def test_a_request_that_comes_before_that_is_not_kept_waiting(trimmed: list[str]) -> None:
    """Memory is then given back after it."""
    service = Service(never)
    with service.admitted(needs_model=False):
        service.note_body(LARGE_BODY_BYTES)
    with service.admitted(needs_model=False):
        await settled(service)
        assert trimmed == []
    await settled(service)
    assert trimmed == ["inference"]
    assert service.thread.close(10.0)


def test_a_clip_of_three_seconds_is_no_long_one() -> None:
    """The most frequent length: giving back and taking anew would cost more than it brings."""
    assert len(encode_body(np.zeros(48_000, np.float32))) < LARGE_BODY_BYTES
    assert len(encode_body(np.zeros(64_000, np.float32))) >= LARGE_BODY_BYTES
