"""A coroutine that nobody awaited is one error that names the line that made it."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import warnings
from types import CoroutineType
from typing import Any

import pytest

from jarvis_bench.await_audit import never_awaited
from jarvis_bench.await_audit.never_awaited import (
    HOOK,
    NeverAwaited,
    collected_unawaited,
    no_unawaited_coroutines,
)


class Layer:
    """Something that keeps things."""

    adapter: object = None


async def get_adapter() -> str:
    """Any coroutine function."""
    return "adapter"


def line() -> int:
    """The line that this is called from."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def drop() -> int:
    """Make a coroutine and let it go; says on which line."""
    # audit: ignore[missing-await] the very fault
    get_adapter()  # type: ignore[unused-coroutine]  # the very fault
    return line() - 1


def use(manager: Any) -> None:
    """Ask for what a coroutine does not have."""
    manager.check()


def drop_in_a_thread() -> None:
    """The same elsewhere."""
    thread = threading.Thread(target=drop)
    thread.start()
    thread.join()


async def test_a_dropped_coroutine_is_named_with_the_line_that_made_it() -> None:
    """Name, line of the call, line of the definition."""
    with pytest.raises(NeverAwaited) as caught, no_unawaited_coroutines():
        number = drop()
    assert caught.value.coroutine == "get_adapter"
    assert caught.value.created[0] == f"{__file__}:{number} in drop"
    assert not caught.value.kept
    first = inspect.getsourcelines(get_adapter)[1]
    assert (
        str(caught.value) == f"coroutine 'get_adapter' was never awaited: created at {__file__}:{number} "
        f"in drop, defined at {__file__}:{first}"
    )


async def test_a_kept_coroutine_counts_although_nothing_warned() -> None:
    """The silent variant of the bug: stored, truthy, never used."""
    layer = Layer()
    with (
        pytest.raises(NeverAwaited, match="is kept and was never awaited") as caught,
        no_unawaited_coroutines(),
    ):
        layer.adapter = get_adapter()  # audit: ignore[missing-await] the very fault
    assert caught.value.kept


async def test_a_kept_coroutine_may_be_left_for_later_when_told_so() -> None:
    """`kept=False` looks only at what was dropped."""
    with no_unawaited_coroutines(kept=False):
        later = get_adapter()
    assert await later == "adapter"


async def test_several_become_one_error_each() -> None:
    """A group with one member a coroutine."""
    with pytest.raises(ExceptionGroup, match="2 coro") as caught, no_unawaited_coroutines():
        drop(), drop()
    assert [type(error) for error in caught.value.exceptions] == [NeverAwaited, NeverAwaited]


async def test_awaited_coroutines_and_those_of_tasks_are_fine() -> None:
    """Also a task that has not begun, and a coroutine that a suspended one still holds."""

    async def outer() -> str:
        inner = get_adapter()
        await asyncio.sleep(0)
        return await inner

    with no_unawaited_coroutines():
        assert await get_adapter() == "adapter"
        waiting = asyncio.create_task(get_adapter())
        suspended = asyncio.create_task(outer())
        await asyncio.sleep(0)
        fresh = asyncio.create_task(get_adapter())
    assert set(await asyncio.gather(waiting, suspended, fresh)) == {"adapter"}


async def test_what_was_made_before_the_block_is_not_its_fault() -> None:
    """Only coroutines of the block count."""
    earlier = get_adapter()
    dropped = [get_adapter()]  # audit: ignore[missing-await] the very fault
    with no_unawaited_coroutines():
        dropped.clear()
    await earlier


async def test_an_error_of_the_block_goes_through_and_says_what_was_not_awaited() -> None:
    """The AttributeError of v10.5 keeps its type and gains the reason."""
    with pytest.raises(AttributeError, match="has no attribute 'check'") as caught, no_unawaited_coroutines():
        use(get_adapter())  # audit: ignore[missing-await] the very fault
    (note,) = caught.value.__notes__
    assert "coroutine 'get_adapter' is kept and was never awaited: created at" in note


def test_a_coroutine_of_another_thread_is_found_without_its_line() -> None:
    """Origins are kept by thread; the definition is still named."""
    with (
        pytest.raises(NeverAwaited, match="created in another thread, defined at"),
        no_unawaited_coroutines(),
    ):
        drop_in_a_thread()


@pytest.mark.unawaited("looks at the hook as it was")
def test_blocks_may_be_nested_and_overlap() -> None:
    """Each coroutine is told once, to the newest block; afterwards all is as it was."""
    hook, depth = getattr(warnings, HOOK), sys.get_coroutine_origin_tracking_depth()
    outer, inner = collected_unawaited(), collected_unawaited()
    outer_found = outer.__enter__()
    inner_found = inner.__enter__()
    drop()
    outer.__exit__(None, None, None)
    drop()
    inner.__exit__(None, None, None)
    assert (len(outer_found), len(inner_found)) == (0, 2)
    assert getattr(warnings, HOOK) is hook
    sys.set_coroutine_origin_tracking_depth(depth)


@pytest.mark.unawaited("takes the hook away")
def test_an_interpreter_that_does_not_tell_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silent pass where nothing could be seen."""
    monkeypatch.delattr(warnings, HOOK)
    with pytest.raises(RuntimeError, match="told by CPython only"), no_unawaited_coroutines():
        pass


def test_the_coroutine_type_is_the_interpreters() -> None:
    """The alias is only for type checkers; at run time the real type is compared."""
    coroutine = get_adapter()
    assert type(coroutine) is CoroutineType
    coroutine.close()
    assert never_awaited.DEPTH > 1
