"""Summaries and facts as bytes and back: plain tuples through `marshal`."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, TypeAlias

from jarvis_bench.await_audit.syntax.model import (
    Call,
    Facts,
    Habit,
    MethodUse,
    Names,
    Param,
    Race,
    Ref,
    Scope,
    Sink,
    Summary,
)

Packed: TypeAlias = bytes | memoryview
CallRow: TypeAlias = tuple[str, Ref, int, Sink, int, int, int, int]
"""The fields of a `Call`: records by the hundred thousand are made only where they are judged."""


def pack(
    scopes: Sequence[Scope],
    calls: dict[str, list[CallRow]],
    methods: Sequence[MethodUse],
    races: Sequence[Race],
    habits: dict[str, Habit],
) -> bytes:
    """A summary, from its parts."""
    return marshal.dumps((
        list(map(_plain, scopes)), calls, list(map(tuple, methods)), list(map(tuple, races)), habits
    ))  # fmt: skip


def unpack(packed: Packed) -> Summary:
    """The summary that `pack` was given."""
    scopes, calls, methods, races, habits = marshal.loads(packed)
    return Summary(
        tuple(map(_scope, scopes)),
        {name: tuple(map(Call._make, rows)) for name, rows in calls.items()},
        tuple(map(MethodUse._make, methods)),
        tuple(map(Race._make, races)),
        habits,
    )


def pack_facts(facts: Facts) -> bytes:
    """The facts of a file."""
    return marshal.dumps((*facts[:-1], tuple(facts.names)))


def unpack_facts(packed: Packed) -> Facts:
    """The facts that `pack_facts` was given."""
    facts = Facts._make(marshal.loads(packed))
    return facts._replace(names=Names._make(facts.names))


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
