"""missing-await: a coroutine is dropped, or used as if it were its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion
from jarvis_bench.await_audit.resolve.colour import Colour
from jarvis_bench.await_audit.syntax.model import PLAIN_SINKS, Call, Ref, Scope, Sink

NAME = "missing-await"
SYNC_TWIN_FROM = 3
"""So many calls on one object in one function, and only habit speaks against them: the object is a sync twin."""
SAID = {
    "drop": "is dropped: its body never runs",
    "cond": "is tested for truth: a coroutine is always true",
    "cmp": "is compared: a coroutine equals nothing else",
    "op": "is an operand: a coroutine supports no operator",
    "fmt": "is formatted: the text shows the coroutine object",
    "sub": "is subscripted: a coroutine has no items",
    "item": "is subscripted: a coroutine has no items",
    "unpack": "is unpacked: a coroutine has no elements",
    "iter": "is iterated: a coroutine has no elements",
    "aiter": "is iterated: a coroutine has no elements",
    "with": "is entered: a coroutine is no context manager",
    "awith": "is entered: a coroutine is no context manager",
    "raise": "is raised: a coroutine is no exception",
    "callee": "is called: a coroutine is not callable",
    "attr": "is used as if it were its result: a coroutine has no such attribute",
    "var": "is stored as if it were its result, and never awaited",
    "set": "is stored as if it were its result, and never awaited",
    "ret": "is returned from an async function, so its callers await once and get a coroutine",
    "arg": "is passed on as if it were its result",
    "box": "is put away as if it were its result, and never awaited",
    "yield": "is yielded as if it were its result",
}


def missing_await(analysis: Analysis, module: int) -> Iterator[Suspicion]:
    """The findings of one module."""
    own = analysis.tree.modules[module].summary.judged
    calls = [call for name in own.rows if name in analysis.names for call in own.calls(name)]
    judged = [(call, _colour(analysis, module, call)) for call in calls]
    by_habit = Counter(_place(call) for call, colour in judged if colour is not None and colour.is_habit)
    for call, colour in judged:
        is_twin = colour is not None and colour.is_habit and by_habit[_place(call)] >= SYNC_TWIN_FROM
        found = None if colour is None or is_twin else _judge(analysis, module, call, colour)
        if found is not None:
            yield found


def _place(call: Call) -> tuple[int, Ref]:
    """The function that calls, and the object whose method it calls."""
    return call.scope, call.callee[1] if call.callee[0] == "." else call.callee


def _colour(analysis: Analysis, module: int, call: Call) -> Colour | None:
    plain = is_plain(analysis.tree.scope(module, call.scope), call.sink)
    return analysis.knowledge.of(module, call, plain=plain)


def _judge(analysis: Analysis, module: int, call: Call, colour: Colour) -> Suspicion | None:
    scope = analysis.tree.scope(module, call.scope)
    sure = colour.grade == "certain"
    verdict = analysis.fates.of(module, call.scope, call.sink, call.line, sure=sure)
    if verdict in ("fine", "unclear"):
        return None
    if verdict == "suspect" and not scope.is_async:
        return None
    certain = verdict == "wrong" and colour.grade == "certain"
    return Suspicion(
        NAME, "certain" if certain else "likely", *call[4:8], call.scope,
        f"the coroutine of `{_shown(call)}` {SAID[call.sink[0]]}", colour.evidence,
        f"await `{_shown(call)}`", "await", _refusal(scope, colour),
        (module, call.scope) in colour.functions, scope.qualname,
    )  # fmt: skip


def is_plain(scope: Scope, sink: Sink) -> bool:
    """Whether the habits count this call as one that is not awaited."""
    if sink[0] == "var":
        uses = scope.uses.get(sink[1], ())
        return bool(uses) and not any(use[0] in ("await", "arg", "box") for use, _ in uses)
    return sink[0] in PLAIN_SINKS


def _shown(call: Call) -> str:
    return f"{shown(call.callee)}()"


def shown(ref: tuple[object, ...]) -> str:
    """A reference as people write it."""
    if ref[0] == "n":
        return str(ref[1])
    inner = ref[1] if len(ref) > 1 and isinstance(ref[1], tuple) else ("?",)
    if ref[0] == ".":
        return f"{shown(inner)}.{ref[2]}"
    if ref[0] == "()":
        return f"{shown(inner)}(…)"
    return f"{shown(inner)}[…]" if ref[0] == "[]" else "…"


def _refusal(scope: Scope, colour: Colour) -> str | None:
    if colour.refusal:
        return colour.refusal
    if scope.kind == "lambda" or (scope.kind == "class"):
        return f"a {scope.kind} cannot await; make it an async function"
    if not scope.name:
        return "module level cannot await; move the call into an async function"
    if not scope.is_async:
        return f"`{scope.name}` is not async; make it async, or run the coroutine with asyncio.run"
    return None
