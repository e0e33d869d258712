"""What becomes of a coroutine that is passed to a function: taken as one, or read as its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.declared import PLAIN
from jarvis_bench.await_audit.resolve.names import has_decorator
from jarvis_bench.await_audit.resolve.values import Value
from jarvis_bench.await_audit.resolve.vocabulary import (
    ASSERTING,
    AWAITABLE_NAME,
    CONTAINER,
    LOGGING,
    READING_BUILTINS,
    RESULT_NAME,
    TAKES_COROUTINES,
    Verdict,
)
from jarvis_bench.await_audit.syntax.model import Ref, Scope, Sink

if TYPE_CHECKING:
    from jarvis_bench.await_audit.resolve.fate import Fates

SEVERITY: tuple[Verdict, ...] = ("fine", "unclear", "suspect", "wrong")
DECLARED = frozenset({"lit", "obj", "tuple", "map", "seq", "cls", "agen"})
"""Kinds of declared values that no coroutine can be."""
PLAIN_MODULES = frozenset({
    "json", "os", "re", "math", "datetime", "base64", "hashlib", "struct", "pathlib", "textwrap", "shutil",
    "decimal", "statistics", "html", "urllib", "csv", "random", "time", "uuid", "zlib", "binascii", "ipaddress",
})  # fmt: skip
WAIT = (".", ("n", "asyncio"), "wait")
Known = tuple[Verdict, frozenset[int], frozenset[str]]


@dataclass(slots=True)
class Arguments:
    """Judges arguments, by what the called function does with its parameter where that is known."""

    fates: Fates
    _params: dict[tuple[int, int, int, bool, int], Known] = field(default_factory=dict)

    def verdict(self, module: int, scope: int, sink: Sink, *, boxed: bool, depth: int) -> Verdict:
        """The verdict on a coroutine that becomes an argument of a call."""
        _, callee, place = sink
        name = str(callee[-1]) if isinstance(callee[-1], str) else ""
        if isinstance(place, str) and AWAITABLE_NAME.search(place):
            return "fine"
        if callee == WAIT and place == 0 and not boxed:
            return "wrong"  # a collection is wanted
        by_name = self._by_name(callee, name, boxed=boxed)
        if by_name is not None:
            return by_name
        if (
            callee[0] == "."
            and name in CONTAINER
            and place in (0, 1 if name in ("insert", "setdefault") else 0)
        ):
            return self._stored_in(module, scope, callee[1], depth)
        values = self.fates.evaluator.values(module, scope, callee)
        known = [value for value in values if value[0] in ("fn", "cls")]
        if known and len(known) == len(values):
            verdicts = [self._into(value, callee, place, boxed=boxed, depth=depth) for value in known]
            return min(verdicts, key=lambda verdict: SEVERITY.index(verdict))
        if not boxed and values and all(_is_of_plain_module(value) for value in values):
            return "wrong"
        is_near = not depth and not isinstance(place, str)
        takes = TAKES_COROUTINES.search(name) and (is_near or boxed or place in (0, "*"))
        return "fine" if takes else ("unclear" if boxed and not name else "suspect")

    def _by_name(self, callee: Ref, name: str, *, boxed: bool) -> Verdict | None:
        if callee[0] == "n" and name in READING_BUILTINS:
            return self._builtin(name, boxed=boxed)
        if callee[0] == "n" and name in ("type", "id", "callable"):
            return "fine" if name == "callable" else "unclear"
        if ASSERTING.match(name) and not boxed:
            return "wrong"
        if name in ("format", "join") or (callee[0] == "." and name in LOGGING and not boxed):
            return "wrong"
        if callee[0] == "." and name in ("extend", "update"):
            return "unclear" if boxed else "suspect"
        return None

    def _builtin(self, name: str, *, boxed: bool) -> Verdict:
        if name in ("iter", "next", "reversed") and not boxed:
            return "wrong"
        if name in ("isinstance", "iter", "next", "hasattr", "reversed", "vars", "dir", "open"):
            return "suspect" if not boxed and name in ("isinstance", "hasattr", "open") else "unclear"
        if boxed:
            return "wrong" if name in ("any", "all", "sum", "min", "max", "sorted") else "unclear"
        return "wrong"

    def _stored_in(self, module: int, scope: int, owner: Ref, depth: int) -> Verdict:
        """Into a container; one that is called after results is not filled with coroutines."""
        if owner[0] == "n":
            verdict = self.fates.variable(module, scope, owner[1], sure=False, boxed=True, depth=depth + 1)
            return "suspect" if verdict == "unclear" and RESULT_NAME.search(owner[1]) else verdict
        return self.fates.attribute(owner[2], boxed=True) if owner[0] == "." else "unclear"

    def _into(self, value: Value, callee: Ref, place: int | str, *, boxed: bool, depth: int) -> Verdict:
        """The verdict on a coroutine that becomes a parameter of a known function."""
        module, index = value[1], value[2]
        is_class = value[0] == "cls"
        if is_class:
            found = members.class_member(self.fates.evaluator, (module, index), "__init__", "cls")
            if found[0][0] != "fn":
                return self._field(module, index, place)
            module, index = found[0][1], found[0][2]
        function = self.fates.scope_of(module, index)
        skipped = self._bound(function, module, callee, is_class=is_class)
        position = _position(function, place, skipped)
        if position is None:
            return "unclear"
        param = function.params[position]
        uses = function.uses.get(param.name, ())
        if (
            param.kind == "**"
            and not boxed
            and uses
            and all(use[0] == "arg" and use[2] == "**" for use, _ in uses)
        ):
            return "suspect"  # only handed on, by a name that does not say what it is
        return self._parameter(module, index, position, boxed=boxed, depth=depth)

    def _bound(self, function: Scope, module: int, callee: Ref, *, is_class: bool) -> int:
        if function.parent < 0 or self.fates.scope_of(module, function.parent).kind != "class":
            return 0
        return 0 if has_decorator(function, "staticmethod") and not is_class else 1

    def _field(self, module: int, index: int, place: int | str) -> Verdict:
        """A field of a class without its own `__init__`: a dataclass, a model, a named tuple."""
        bindings = self.fates.scope_of(module, index).bindings
        declared = [name for name, refs in bindings.items() if any(ref[0] == "ann" for ref in refs)]
        if isinstance(place, int) and place < len(declared):
            place = declared[place]
        if not isinstance(place, str) or place not in declared:
            return "suspect"
        values = self.fates.evaluator.values(module, index, ("n", place))
        if any(one[0] in ("coro", "fut") for one in values):
            return "fine"
        is_plain = all(one[0] == "obj" or (one[0] == "lit" and one[1] in PLAIN) for one in values)
        return "wrong" if is_plain else "suspect"

    def _parameter(self, module: int, index: int, position: int, *, boxed: bool, depth: int) -> Verdict:
        key = (module, index, position, boxed, depth)
        tree = self.fates.evaluator.tree
        if key not in self._params:
            self._params[key] = ("unclear", frozenset(), frozenset())
            outer_touched, tree.touched = tree.touched, set()
            outer_keys, tree.consulted = tree.consulted, set()
            verdict = self._judge_parameter(module, index, position, boxed=boxed, depth=depth)
            self._params[key] = (verdict, frozenset(tree.touched), frozenset(tree.consulted))
            tree.touched, tree.consulted = outer_touched, outer_keys
        verdict, touched, consulted = self._params[key]
        tree.touched |= touched
        tree.consulted |= consulted
        return verdict

    def _judge_parameter(self, module: int, index: int, position: int, *, boxed: bool, depth: int) -> Verdict:
        function = self.fates.scope_of(module, index)
        param = function.params[position]
        declared = self.fates.evaluator.values(module, index, ("ann", param.annotation))
        if any(value[0] in ("coro", "fut") for value in declared) or AWAITABLE_NAME.search(param.name):
            return "fine"
        if any(word in str(param.annotation) for word in ("Awaitable", "Coroutine", "Future")):
            return "fine"
        if any(value[0] in DECLARED for value in declared) and not boxed:
            plain = all(value[0] != "lit" or value[1] in PLAIN for value in declared)
            return "wrong" if plain and all(value[0] in ("lit", "obj") for value in declared) else "suspect"
        uses = tuple(use for use, _ in function.uses.get(param.name, ()))
        if not uses:
            return "suspect" if function.is_stub or param.kind == "pos" else "unclear"
        if param.kind in ("*", "**"):
            boxed = True
        single = param.name not in function.bindings
        verdict = self.fates.worst(
            module, index, uses, sure=False, boxed=boxed, depth=depth + 1, single=single
        )
        if verdict == "unclear" and TAKES_COROUTINES.search(function.name):
            return "fine"
        return "suspect" if verdict == "unclear" and not boxed else verdict


def _is_of_plain_module(value: Value) -> bool:
    """A function of a module of the standard library that only reads values."""
    return value[0] == "ext" and str(value[1]).partition(".")[0] in PLAIN_MODULES


def _position(function: Scope, place: int | str, skipped: int) -> int | None:
    params = function.params
    if isinstance(place, str):
        for position, param in enumerate(params):
            if param.name == place:
                return position
        rest = "**" if place != "*" else "*"
        return next((position for position, param in enumerate(params) if param.kind == rest), None)
    positional = [position for position, param in enumerate(params) if param.kind == "pos"][skipped:]
    if place < len(positional):
        return positional[place]
    return next((position for position, param in enumerate(params) if param.kind == "*"), None)
