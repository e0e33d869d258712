"""Summaries and facts as bytes and back: plain tuples through `marshal`."""

from __future__ import annotations

import marshal
from typing import Any, TypeAlias

from jarvis_bench.await_audit.syntax.model import Facts, Names, Param, Scope, Sink, Summary

Packed: TypeAlias = bytes | memoryview
PARAMS = Scope._fields.index("params")


def pack(summary: Summary) -> bytes:
    """A summary."""
    return marshal.dumps((list(map(_plain, summary.scopes)), summary.packed_judged))


def unpack(packed: Packed) -> Summary:
    """The summary that `pack` was given."""
    scopes, judged = marshal.loads(packed)
    return Summary(tuple(map(_scope, scopes)), judged)


def pack_facts(facts: Facts) -> bytes:
    """The facts of a file."""
    return marshal.dumps((*facts[:-1], tuple(facts.names)))


def unpack_facts(packed: Packed) -> Facts:
    """The facts that `pack_facts` was given."""
    facts = Facts._make(marshal.loads(packed))
    return facts._replace(names=Names._make(facts.names))


def _plain(scope: Scope) -> tuple[Any, ...]:
    return (*scope[:PARAMS], tuple(map(tuple, scope.params)), *scope[PARAMS + 1 :])


def _scope(row: tuple[Any, ...]) -> Scope:
    if row[PARAMS]:
        row = (*row[:PARAMS], tuple(map(Param._make, row[PARAMS])), *row[PARAMS + 1 :])
    return Scope._make(row)


def visible(summary: Summary) -> bytes:
    """What other files can see of this one: all of its scopes but what functions do with what no caller gave them."""
    rows = []
    for scope in summary.scopes:
        kept = {
            name: tuple(sorted(uses, key=str)) for name in _followed(scope) if (uses := scope.uses.get(name))
        }
        rows.append((*_plain(scope._replace(packed_uses=b"")), kept))
    return marshal.dumps(rows, 2)


def _followed(scope: Scope) -> list[str]:
    """The parameters of a function, and every variable that one of them goes into."""
    names = [param.name for param in scope.params]
    for name in names:
        for sink, _ in scope.uses.get(name, ()):
            names += [variable for variable in _variables(sink) if variable not in names]
    return names


def _variables(sink: Sink) -> list[str]:
    if sink[0] == "var":
        return [sink[1]]
    return [name for part in sink[1:] if isinstance(part, tuple) and part for name in _variables(part)]
