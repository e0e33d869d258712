"""All rules, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion
from jarvis_bench.await_audit.rules import (
    hidden_coroutine,
    missing_await,
    missing_method,
    racy_async_singleton,
)

Rule = Callable[[Analysis, int], Iterator[Suspicion]]

ALL_RULES: tuple[tuple[str, Rule], ...] = (
    (missing_await.NAME, missing_await.missing_await),
    (missing_method.NAME, missing_method.missing_method),
    (racy_async_singleton.NAME, racy_async_singleton.racy_async_singleton),
    (hidden_coroutine.NAME, hidden_coroutine.hidden_coroutine),
)
