"""Warnings as lines, with the line that made a lost coroutine."""

from __future__ import annotations

import gc
import sys
import warnings
from typing import Any

import pytest

from jarvis_bench.reproduction.warning_log import recorded_warnings, without_checkout
from jarvis_bench.settings import CHECKOUT

pytestmark = pytest.mark.unawaited("the lost coroutine is what these tests look at")


async def forgotten() -> None:
    """Nobody awaits this."""


def forget() -> None:
    """Make a coroutine and lose it."""
    # audit: ignore[missing-await] the very fault
    lost: Any = forgotten()
    del lost
    gc.collect()


def test_lost_coroutine_is_told_with_the_line_that_made_it() -> None:
    """The warning names the file below the checkout, the line and what stands in it."""
    with recorded_warnings() as lines:
        forget()
    number = forget.__code__.co_firstlineno + 3
    (line,) = lines
    assert line == (
        "RuntimeWarning: coroutine 'forgotten' was never awaited, created at "
        f"tests/reproduction/test_warning_log.py:{number}: lost: Any = forgotten()"
    )


def test_any_warning_is_one_line_even_if_it_comes_twice() -> None:
    """Other warnings are kept, too, by their first line and as often as they came."""
    with recorded_warnings() as lines:
        for _ in range(2):
            warnings.warn("old ways\nare long", DeprecationWarning, stacklevel=1)
    assert lines == ["DeprecationWarning: old ways"] * 2


def test_recording_changes_nothing_for_those_who_come_after() -> None:
    """The interpreter's own setting is as it was."""
    depth = sys.get_coroutine_origin_tracking_depth()
    with recorded_warnings():
        assert sys.get_coroutine_origin_tracking_depth() > 0
    assert sys.get_coroutine_origin_tracking_depth() == depth


def test_path_in_the_checkout_is_shown_relative() -> None:
    """A report names no folder of its author."""
    text = f'File "{CHECKOUT}/jarvis_bench/startup/v10_5.py", line 1'
    assert without_checkout(text) == 'File "jarvis_bench/startup/v10_5.py", line 1'
