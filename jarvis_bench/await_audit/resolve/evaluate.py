"""Evaluate references against the whole tree."""

from __future__ import annotations

from collections.abc import Callable

from jarvis_bench.await_audit.resolve import calls, declared, members, names
from jarvis_bench.await_audit.resolve.tree import Tree
from jarvis_bench.await_audit.resolve.values import NOTHING, Values, awaited, elements, nth, union
from jarvis_bench.await_audit.syntax.model import Ref

DEPTH = 14
CACHED_DEPTH = 6


class Evaluator:
    """Answers what a reference is, in a given scope of a given module; remembers every answer."""

    def __init__(self, tree: Tree, subclasses: dict[str, list[tuple[int, int]]]) -> None:
        self.tree = tree
        self.subclasses = subclasses
        self._memo: dict[tuple[int, int, Ref], tuple[Values, frozenset[int]]] = {}
        self._depth = 0
        self._handlers: dict[str, Callable[[int, int, Ref], Values]] = {
            "n": lambda module, scope, ref: names.lookup(self, module, scope, ref[1]),
            ".": self._attribute,
            "()": self._call,
            "w": lambda module, scope, ref: awaited(self.values(module, scope, ref[1])),
            "[]": self._item,
            "|": lambda module, scope, ref: union(*(self.values(module, scope, part) for part in ref[1:])),
            "with": lambda module, scope, ref: members.entered(self, self.values(module, scope, ref[1])),
            "awith": lambda module, scope, ref: members.async_entered(
                self, self.values(module, scope, ref[1])
            ),
            "iter": lambda module, scope, ref: elements(self.values(module, scope, ref[1]), ("seq",)),
            "aiter": lambda module, scope, ref: elements(self.values(module, scope, ref[1]), ("agen",)),
            "nth": lambda module, scope, ref: nth(self.values(module, scope, ref[1]), ref[2]),
            "lit": lambda module, scope, ref: (ref,),
            "tuple": self._tuple,
            "def": lambda module, scope, ref: names.definition(self.tree, module, ref[1]),
            "import": lambda module, scope, ref: names.imported(self, module, ref),
            "ann": lambda module, scope, ref: declared.denoted(self, module, scope, ref[1]),
            "alias": self._alias,
            "body": lambda module, scope, ref: calls.body_result(self, module, ref[1]),
            "gen": lambda module, scope, ref: self.values(module, scope, ref[1]),
        }

    def values(self, module: int, scope: int, ref: Ref) -> Values:
        """Everything the reference can be; `NOTHING` when that is not known."""
        key = (module, scope, ref)
        known = self._memo.get(key)
        if known is not None:
            self.tree.touched |= known[1]
            return known[0]
        handler = self._handlers.get(ref[0])
        if handler is None or self._depth >= DEPTH:
            return NOTHING
        self._memo[key] = (NOTHING, frozenset())
        outer, self.tree.touched = self.tree.touched, {module}
        self._depth += 1
        try:
            found = handler(module, scope, ref)
        finally:
            self._depth -= 1
            touched, self.tree.touched = self.tree.touched, outer
            outer |= touched
        if self._depth > CACHED_DEPTH:
            del self._memo[key]
        else:
            self._memo[key] = (found, frozenset(touched))
        return found

    def forget(self) -> None:
        """Let go of all answers."""
        self._memo.clear()
        self._handlers.clear()

    def _attribute(self, module: int, scope: int, ref: Ref) -> Values:
        owners = self.values(module, scope, ref[1])
        return union(*(members.attribute(self, owner, ref[2]) for owner in owners))

    def _call(self, module: int, scope: int, ref: Ref) -> Values:
        if ref[1] == ("n", "super"):
            return names.super_of(self.tree, module, scope)
        return union(*(calls.result(self, value) for value in self.values(module, scope, ref[1])))

    def _alias(self, module: int, scope: int, ref: Ref) -> Values:
        return tuple(("alias", value) for value in declared.denoted(self, module, scope, ref[1]))

    def _item(self, module: int, scope: int, ref: Ref) -> Values:
        found = []
        for value in self.values(module, scope, ref[1]):
            if value[0] in ("seq", "map"):
                found.append(value[1])
            else:
                found.append((value,) if value[0] in ("cls", "alias") else NOTHING)
        return union(*found)

    def _tuple(self, module: int, scope: int, ref: Ref) -> Values:
        return (("tuple", *(self.values(module, scope, part) for part in ref[1:])),)
