"""Summaries and facts as bytes and back: plain tuples through `marshal`."""

from __future__ import annotations

import marshal
from typing import Any, TypeAlias

from jarvis_bench.await_audit.syntax.model import Facts, Names, Param, Scope, Summary

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
    """What other files can see of this one: everything of its scopes but how functions use their own names."""
    rows = []
    for scope in summary.scopes:
        kept = {
            param.name: tuple(sorted(uses, key=str))
            for param in scope.params
            if (uses := scope.uses.get(param.name))
        }
        rows.append((*_plain(scope._replace(packed_uses=b"")), kept))
    return marshal.dumps(rows, 2)
