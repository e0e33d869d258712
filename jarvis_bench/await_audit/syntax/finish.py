"""What is kept of a file once it has been read."""

from __future__ import annotations

import builtins
from collections import Counter, defaultdict
from typing import NamedTuple

from jarvis_bench.await_audit.syntax.builder import FileBuilder
from jarvis_bench.await_audit.syntax.facts import classes_of, definitions_of, imports_of, names_of
from jarvis_bench.await_audit.syntax.model import (
    PLAIN_SINKS,
    CallRow,
    Facts,
    Habit,
    Judged,
    MethodUse,
    Ref,
    Sink,
    Summary,
    pack_judged,
    ref_tail,
)
from jarvis_bench.await_audit.syntax.open_scope import OpenScope
from jarvis_bench.await_audit.syntax.packing import pack

BUILTINS = frozenset(dir(builtins)) - {"anext"}


class FileRead(NamedTuple):
    """What one file gave: its summary, packed, its facts, and the names that it calls."""

    packed: bytes
    facts: Facts
    called: tuple[str, ...]


def finished(builder: FileBuilder) -> FileRead:
    """What the whole file gave."""
    while builder.stack[1:]:
        builder.close()
    calls = _calls_by_name(builder)
    habits = _habits(builder, calls)
    scopes = tuple(scope.freeze() for scope in builder.scopes)
    methods = tuple(
        MethodUse(receiver, name, scope, line, max(0, end - len(name)), line, end)
        for receiver, name, scope, line, end in builder.methods
        if _was_awaited(builder.scopes, receiver, scope)
    )
    facts = Facts(
        habits,
        {name: tuple(sinks) for name, sinks in builder.attribute_uses.items()},
        tuple(sorted(builder.twice_awaited)),
        classes_of(scopes),
        definitions_of(scopes),
        tuple(sorted(imports_of(scopes))),
        names_of(scopes, calls, (name for name, _ in builder.awaits)),
    )
    judged = pack_judged(Judged(calls, methods, tuple(builder.races), habits))
    return FileRead(pack(Summary(scopes, judged)), facts, tuple(calls))


def _calls_by_name(builder: FileBuilder) -> dict[str, list[CallRow]]:
    """All calls but those of builtins that the file does not give another meaning."""
    own = builder.scopes[0].bindings
    found: dict[str, list[CallRow]] = defaultdict(list)
    for row in builder.calls:
        name = row[0]
        if name not in BUILTINS or row[1][0] != "n" or name in own:
            found[name].append(row)
    return dict(found)


def _was_awaited(scopes: list[OpenScope], receiver: Ref, index: int) -> bool:
    if receiver[0] == "w":
        return True
    scope = scopes[index]
    if receiver[0] == "n":
        return any(ref[0] == "w" for ref in scope.bindings.get(receiver[1], ()))
    if receiver[0] == "." and receiver[1] == ("n", "self") and scope.parent >= 0:
        attributes = scopes[scope.parent].attributes.get(receiver[2], ())
        return any(ref[0] == "w" for _, ref in attributes)
    return False


def _habits(builder: FileBuilder, calls: dict[str, list[CallRow]]) -> dict[str, Habit]:
    """How often calls are awaited or left plain, by name and by `receiver.name` (a function: `.name`)."""
    awaited = [key for name, receiver in builder.awaits for key in (name, f"{receiver}.{name}")]
    plain: tuple[list[str], list[str]] = ([], [])
    for name, rows in calls.items():
        for _, callee, scope, sink, *_ in rows:
            holder = builder.scopes[scope]
            if _is_plain(holder, sink):
                receiver = ref_tail(callee[1]) if callee[0] == "." else ""
                plain[not holder.is_async].extend((name, f"{receiver}.{name}"))
    first, second, third = map(Counter, (awaited, *plain))
    return {key: (first[key], second[key], third[key]) for key in {**first, **second, **third}}


def _is_plain(scope: OpenScope, sink: Sink) -> bool:
    if sink[0] == "var":
        uses = scope.uses.get(sink[1], ())
        return bool(uses) and not any(use[0] in ("await", "arg", "box") for use in uses)
    return sink[0] in PLAIN_SINKS
