"""Summaries as plain tuples and back, so that `marshal` can keep them."""

from __future__ import annotations

import marshal
from typing import Any

from jarvis_bench.await_audit.syntax.model import Call, MethodUse, Param, Race, Scope, Summary


def pack(summary: Summary) -> tuple[Any, ...]:
    """A summary as tuples, dicts, strings and numbers only."""
    scopes = tuple(_plain(scope) for scope in summary.scopes)
    calls = {name: tuple(tuple(call) for call in calls) for name, calls in summary.calls.items()}
    methods = tuple(tuple(use) for use in summary.methods)
    races = tuple(tuple(race) for race in summary.races)
    return (scopes, calls, methods, races, *summary[4:])


def unpack(packed: tuple[Any, ...]) -> Summary:
    """The summary that `pack` was given."""
    scopes, calls, methods, races, *rest = packed
    return Summary(
        tuple(_scope(row) for row in scopes),
        {name: tuple(map(Call._make, rows)) for name, rows in calls.items()},
        tuple(map(MethodUse._make, methods)),
        tuple(map(Race._make, races)),
        *rest,
    )


def _plain(scope: Scope) -> tuple[Any, ...]:
    return tuple(tuple(map(tuple, part)) if part is scope.params else part for part in scope)


def _scope(row: tuple[Any, ...]) -> Scope:
    scope = Scope._make(row)
    return scope._replace(params=tuple(map(Param._make, scope.params))) if scope.params else scope


def visible(summary: Summary) -> bytes:
    """What other files can see of this one: everything of its scopes but how functions use their own names."""
    rows = []
    for scope in summary.scopes:
        kept = {
            param.name: tuple(sorted(uses, key=str))
            for param in scope.params
            if (uses := scope.uses.get(param.name))
        }
        rows.append(_plain(scope._replace(uses=kept)))
    return marshal.dumps(rows, 2)
