"""racy-async-singleton: check, then await, without a lock; two callers make two, or see one half made."""

from __future__ import annotations

from collections.abc import Iterator

from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion

NAME = "racy-async-singleton"
ADVICE = (
    "hold one asyncio.Lock around check and making and assign last, or keep one task that every caller awaits"
)


def racy_async_singleton(analysis: Analysis, module: int) -> Iterator[Suspicion]:
    """The findings of one module."""
    for race in analysis.tree.modules[module].summary.judged.races:
        kind, owner = race.kind.split()
        scope = analysis.tree.scope(module, race.scope)
        if kind == "early":
            message = (
                f"`{race.name}` is published before it is ready: others get it while the first still awaits"
            )
            how = f"assigned under the check, then awaited in line {race.await_line}"
        else:
            message = (
                f"`{race.name}` is checked, then awaited for, then assigned: two callers can both make one"
            )
            how = f"checked here, awaited in line {race.await_line}, assigned after"
        yield Suspicion(
            NAME, "certain" if owner == "global" else "likely", race.line, race.column, race.end_line, race.end_column,
            race.scope, message, f"{how}, no lock held ({owner} name)", ADVICE, function=scope.qualname,
        )  # fmt: skip
