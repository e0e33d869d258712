"""The run-time half: a coroutine that nobody awaited becomes an error that names the line that made it.

    with no_unawaited_coroutines():
        manager = get_docker_daemon_manager()      # NeverAwaited: … created at startup.py:17131

CPython warns when such a coroutine is freed, wherever that happens to be, and a blanket `except` or an object that
keeps the coroutine hides even that. Here coroutines remember where they were created, and those that still
wait when the block ends count as well.
"""

from __future__ import annotations

import gc
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeAlias

# CPython calls this function of `warnings` for each never-awaited coroutine (3.7 and newer).
HOOK = "_warn_unawaited_coroutine"
DEPTH = 10

Coroutine: TypeAlias = "CoroutineType[Any, Any, Any]"
Hook: TypeAlias = Callable[[Coroutine], object]


class NeverAwaited(RuntimeError):
    """One coroutine that was created and never awaited.

    Args:
        coroutine: qualified name of the `async def`.
        defined: `path:line` of the `async def`.
        created: `path:line` of the call that made it and the frames around it, innermost first; empty where the call
            was in a thread that was started outside.
        kept: whether something still holds the coroutine; otherwise it was dropped.
    """

    def __init__(self, coroutine: str, defined: str, created: tuple[str, ...], *, kept: bool) -> None:
        where = f"created at {created[0]}" if created else "created in another thread"
        what = "is kept and was never awaited" if kept else "was never awaited"
        super().__init__(f"coroutine '{coroutine}' {what}: {where}, defined at {defined}")
        self.coroutine = coroutine
        self.defined = defined
        self.created = created
        self.kept = kept


@dataclass(frozen=True, slots=True, eq=False)
class _Collector:
    """Where never-awaited coroutines go, except those that were there before."""

    found: list[NeverAwaited]
    but: frozenset[object]


class _Watch:
    """Takes the place of the interpreter's warning while anybody collects; the newest collector gets each."""

    def __init__(self, original: Hook) -> None:
        self.original = original
        self.collectors: list[_Collector] = []

    def __call__(self, coroutine: Coroutine) -> None:
        if self.collectors:
            newest = self.collectors[-1]
            if _identity(coroutine) not in newest.but:
                newest.found.append(_described(coroutine, kept=False))
        else:
            self.original(coroutine)


def _described(coroutine: Coroutine, *, kept: bool) -> NeverAwaited:
    code = coroutine.cr_code
    frames = tuple(f"{path}:{line} in {function}" for path, line, function in coroutine.cr_origin or ())
    return NeverAwaited(
        coroutine.__qualname__, f"{code.co_filename}:{code.co_firstlineno}", frames, kept=kept
    )


@contextmanager
def collected_unawaited(
    *, depth: int = DEPTH, but: frozenset[object] = frozenset()
) -> Iterator[list[NeverAwaited]]:
    """Collect, in place of the interpreter's warning, every coroutine that is freed without having been awaited.

    Blocks may be nested and may overlap.

    Args:
        depth: how many frames of the creating call are kept for each coroutine of this thread.
        but: identities of coroutines that are not counted.

    Raises:
        RuntimeError: this interpreter does not tell of never-awaited coroutines.
    """
    collector = _Collector([], but)
    watch = _installed_watch()
    watch.collectors.append(collector)
    earlier = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(depth, earlier))
    try:
        yield collector.found
    finally:
        sys.set_coroutine_origin_tracking_depth(earlier)
        watch.collectors[:] = [other for other in watch.collectors if other is not collector]
        if not watch.collectors and getattr(warnings, HOOK, None) is watch:
            setattr(warnings, HOOK, watch.original)


def _installed_watch() -> _Watch:
    current = getattr(warnings, HOOK, None)
    if current is None:
        raise RuntimeError(
            f"never-awaited coroutines are told by CPython only, not by {sys.implementation.name}"
        )
    if not isinstance(current, _Watch):
        current = _Watch(current)
        setattr(warnings, HOOK, current)
    return current


@contextmanager
def no_unawaited_coroutines(*, kept: bool = True, depth: int = DEPTH) -> Iterator[None]:
    """Fail at the end of the block if a coroutine was created in it and never awaited.

    Args:
        kept: also count coroutines that something still holds and nobody has started, unless a task owns them.
        depth: how many frames of the creating call are kept.

    Raises:
        NeverAwaited: for one coroutine.
        ExceptionGroup: of one `NeverAwaited` each, for several. (`except* NeverAwaited` takes both.)

    An exception of the block itself goes through; the coroutines are then added to it as notes.
    """
    before = frozenset(map(_identity, _waiting()))
    with collected_unawaited(depth=depth, but=before) as found:
        try:
            yield
        except BaseException as exc:
            held = _left_over(before, kept=kept)
            for error in [*found, *(_described(one, kept=True) for one in held)]:
                exc.add_note(str(error))
            raise
        held = _left_over(before, kept=kept)
        found += [_described(one, kept=True) for one in held]
        for one in held:
            one.close()  # told once is enough: it will not warn again when it is freed
    raise_unawaited(found)


def _left_over(before: frozenset[object], *, kept: bool) -> list[Coroutine]:
    gc.collect()
    if not kept:
        return []
    return [one for one in _waiting() if _identity(one) not in before and not _owned(one)]


def raise_unawaited(found: list[NeverAwaited]) -> None:
    """Raise what was collected: nothing, the one error, or a group of them."""
    if len(found) == 1:
        raise found[0]
    if found:
        raise ExceptionGroup(f"{len(found)} coroutines were never awaited", found)


def _waiting() -> list[Coroutine]:
    """Every coroutine of this process that was created and not started yet."""
    return [
        one
        for one in gc.get_objects()
        if type(one) is CoroutineType and inspect.getcoroutinestate(one) == inspect.CORO_CREATED
    ]


def _identity(coroutine: Coroutine) -> tuple[int, object]:
    """An address may be used again within a block, but then by a coroutine with an origin of its own."""
    return id(coroutine), coroutine.cr_origin


def _owned(coroutine: Coroutine) -> bool:
    """Whether a task or a suspended coroutine holds it, and so may still start it."""
    return any(
        hasattr(type(holder), "get_coro") or (type(holder) is CoroutineType and not holder.cr_running)
        for holder in gc.get_referrers(coroutine)
    )
