"""What a service does once it has nothing to do."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jarvis_bench.service import service as module
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.model import LoadedModel
from jarvis_bench.service.service import LARGE_BODY_BYTES, Service


async def never(_: InferenceThread) -> LoadedModel:
    """A model that nobody asks for."""
    raise NotImplementedError


async def test_memory_is_given_back_after_a_long_clip_once_nothing_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once for any number of them, in the thread that computes, and not after a short clip."""
    trimmed: list[str] = []
    monkeypatch.setattr(module, "trim_heap", lambda: trimmed.append(threading.current_thread().name))
    monkeypatch.setattr(module, "TRIM_AFTER_S", 0.0)
    service = Service(never)
    with service.admitted(needs_model=False):
        service.note_body(LARGE_BODY_BYTES - 1)
    await asyncio.sleep(0.1)
    assert trimmed == []
    with service.admitted(needs_model=False):
        with service.admitted(needs_model=False):
            service.note_body(LARGE_BODY_BYTES)
        with service.admitted(needs_model=False):
            service.note_body(LARGE_BODY_BYTES)
        await asyncio.sleep(0.1)
        assert trimmed == []
    await asyncio.sleep(0.1)
    assert trimmed == ["inference"]
    assert service.thread.close(10.0)
