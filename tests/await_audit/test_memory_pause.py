"""The pause of the collector."""

from __future__ import annotations

import gc

import pytest

from jarvis_bench.await_audit.memory_pause import without_collection


def test_the_collector_is_on_again_afterwards() -> None:
    """Off inside, on again outside, also after an error."""
    assert gc.isenabled()
    with pytest.raises(RuntimeError, match="off inside"):
        _fail_within()
    assert gc.isenabled()


def _fail_within() -> None:
    with without_collection():
        raise RuntimeError("on inside" if gc.isenabled() else "off inside")


def test_a_collector_that_was_off_stays_off() -> None:
    """Whoever has switched it off keeps it so."""
    gc.disable()
    try:
        with without_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
