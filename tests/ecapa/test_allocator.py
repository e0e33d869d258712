"""The memory of long clips goes back to the system."""

from __future__ import annotations

import ctypes

import pytest

from jarvis_bench.ecapa.allocator import return_large_blocks, trim_heap


def test_the_thresholds_can_be_set_twice() -> None:
    """Every encoder of a process sets them."""
    assert return_large_blocks() == return_large_blocks()


def test_a_c_library_without_them_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS or musl there is nothing to set, and nothing fails."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not return_large_blocks()
    trim_heap()
