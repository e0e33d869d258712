"""pytest under `no_unawaited_coroutines`: a coroutine that a test left un-awaited fails that test.

In `conftest.py`, to watch every test of a suite:

    pytest_plugins = ["jarvis_bench.await_audit.pytest_plugin"]

A test that leaves one on purpose says so with `@pytest.mark.unawaited("why")`. Coroutines that only the garbage
collector finds are told in the test or phase in which it ran, or at the end of the session; the message names the line
that created them. The fixture `no_unawaited_coroutines` gives the context manager, which also counts coroutines
that something still holds.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Protocol

import pytest

from jarvis_bench.await_audit import never_awaited

MARK = "unawaited"
LEFT = pytest.StashKey[list[never_awaited.NeverAwaited]]()


class NoUnawaitedCoroutines(Protocol):
    """What the fixture gives."""

    def __call__(
        self, *, kept: bool = True, depth: int = never_awaited.DEPTH
    ) -> AbstractContextManager[None]:
        """The context manager."""


@pytest.fixture
def no_unawaited_coroutines() -> NoUnawaitedCoroutines:
    """The context manager `no_unawaited_coroutines`, for a block of a test."""
    return never_awaited.no_unawaited_coroutines


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", f"{MARK}(why): leaves coroutines un-awaited on purpose")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Watch the set-up of a test."""
    return (yield from _watched(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Watch a test."""
    return (yield from _watched(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Watch the tear-down of a test."""
    return (yield from _watched(item))


def _watched(item: pytest.Item) -> Generator[None, object, object]:
    if item.get_closest_marker(MARK):
        return (yield)
    with never_awaited.collected_unawaited() as found:
        try:
            result = yield
        except BaseException as exc:
            for error in found:
                exc.add_note(str(error))
            raise
    never_awaited.raise_unawaited(found)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Free what is left, and fail the session if a coroutine among it was never awaited."""
    with never_awaited.collected_unawaited() as found:
        gc.collect()
    session.config.stash[LEFT] = found
    if found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what the end of the session brought to light."""
    if found := config.stash.get(LEFT, []):
        terminalreporter.section("never awaited, found at the end of the session", red=True)
        for error in found:
            terminalreporter.line(str(error))
