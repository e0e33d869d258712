"""hidden-coroutine: a sync function returns a coroutine without saying so in its annotation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion
from jarvis_bench.await_audit.resolve.declared import PLAIN
from jarvis_bench.await_audit.resolve.values import OPAQUE, Values
from jarvis_bench.await_audit.syntax.model import Ref, Scope

NAME = "hidden-coroutine"
SAYS_SO = re.compile(r"(?i:coro|await|async|future|task|_aio|deferred|^aio)|^a[A-Z_]")


def hidden_coroutine(analysis: Analysis, module: int) -> Iterator[Suspicion]:
    """The findings of one module."""
    for index, scope in enumerate(analysis.tree.modules[module].summary.scopes):
        if scope.kind == "function" and not scope.is_async and not scope.is_generator and scope.returns:
            found = _judge(analysis, module, index, scope)
            if found is not None:
                yield found


def _judge(analysis: Analysis, module: int, index: int, scope: Scope) -> Suspicion | None:
    if SAYS_SO.search(scope.name) or scope.doc or scope.decorators or not _is_named(analysis, module, scope):
        return None
    source = _coroutine(analysis, module, index, scope)
    if source is None:
        return None
    ref, _ = source
    declared = analysis.evaluator.values(module, index, ("ann", scope.annotation))
    if scope.annotation is None:
        grade = "likely"
        if not _is_misread(analysis, module, scope):
            return None
        said = "has no return annotation"
    elif all(value[0] in ("lit", "obj", "seq", "map", "tuple") for value in declared) and not _hides(
        declared
    ):
        grade, said = "certain", "is annotated with a plain result"
    else:
        return None
    name = str(ref[-1][-1]) if isinstance(ref[-1], tuple) else "a call"
    awaited, plain = analysis.habits.of(scope.name)
    return Suspicion(
        NAME, "certain" if grade == "certain" else "likely", *scope.span, index,
        f"`{scope.name}` is sync and returns a coroutine without saying Awaitable",
        f"returns the coroutine of `{name}`, and {said}; awaited at {awaited} of {awaited + plain} call sites",
        f"annotate `{scope.name}` as Awaitable[…], or make it async and await inside", function=scope.qualname,
    )  # fmt: skip


def _coroutine(analysis: Analysis, module: int, index: int, scope: Scope) -> tuple[Ref, Values] | None:
    """The first return that is certainly a coroutine, when all others are or give None."""
    found: tuple[Ref, Values] | None = None
    for ref in scope.returns:
        if ref == ("lit", "None"):
            continue
        values = analysis.evaluator.values(module, index, ref)
        if ref[0] != "()" or not all(value[0] == "coro" for value in values):
            return None
        found = found or (ref, values)
    return found


def _hides(declared: Values) -> bool:
    return any(value[0] == "lit" and value[1] not in PLAIN for value in declared) or any(
        value[0] in OPAQUE for value in declared
    )


def _is_named(analysis: Analysis, module: int, scope: Scope) -> bool:
    """A function or method that others call; what is nested inside a function is its own business."""
    return scope.parent < 0 or analysis.tree.scope(module, scope.parent).kind != "function"


def _is_misread(analysis: Analysis, module: int, scope: Scope) -> bool:
    """Without an annotation it is a fault only where somebody was misled, or everything around is annotated."""
    awaited, plain = analysis.habits.of(scope.name)
    if plain:
        return True
    functions = [one for one in analysis.tree.modules[module].summary.scopes if one.kind == "function"]
    annotated = sum(one.annotation is not None for one in functions)
    return awaited == 0 or annotated >= 0.7 * len(functions)
