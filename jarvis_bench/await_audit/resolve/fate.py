"""What becomes of a coroutine that is not awaited on the spot: dropped, misused, or kept for later on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.annotations import PLAIN
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import Habits
from jarvis_bench.await_audit.resolve.names import has_decorator
from jarvis_bench.await_audit.resolve.values import Value
from jarvis_bench.await_audit.syntax.model import Ref, Scope, Sink

Verdict = Literal["fine", "unclear", "suspect", "wrong"]

TAKES_COROUTINES = re.compile(
    r"""task|coro|future|await|async_|_async|gather|schedul|spawn|background|defer|shield|timeout|nursery|
    ^(?:wait|wait_for|as_completed|run|start|start_soon|submit|race|select|sync|retry|aclosing|closing|race|partial|
    iscoroutine|isawaitable|syncify|complete|fire_and_forget|run_.*|.*_run|.*_runner|_run|.*_sync|handoff|supervise|
    enter_context|push|call_soon.*|call_later|side_effect|maybe_.*|ensure_.*|execute_.*|invoke|Promise|Lazy.*|
    assertRaises.*|iter_coroutine|drive|throw|send|collect|parallel|concurrently|all_settled|limit|bounded.*|
    with_.*|guard|protect|track|watch|register.*|add_callback|then|apply|map|starmap|loop|block_on|portal|catch)$""",
    re.IGNORECASE | re.VERBOSE,
)
NOT_TAKING = frozenset({"isinstance", "map_err"})
AWAITABLE_NAME = re.compile(
    r"coro|awaitable|future|fut$|^futs?$|task|^aws?$|promise|deferred|^job|^gen$|^operation$|^aw_|_aw$|^worker$",
    re.IGNORECASE,
)
READING_BUILTINS = frozenset({
    "str", "repr", "int", "float", "bool", "len", "print", "bytes", "abs", "round", "getattr", "setattr", "hasattr",
    "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "dict", "frozenset", "range", "format", "ord", "chr", "hash",
    "iter", "enumerate", "zip", "bytearray", "memoryview", "divmod", "pow", "hex", "reversed", "open", "vars", "dir",
    "isinstance", "next",
})  # fmt: skip
LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "warn", "log"})
CONTAINER = frozenset(
    {
        "append",
        "add",
        "extend",
        "insert",
        "appendleft",
        "put",
        "put_nowait",
        "setdefault",
        "update",
        "push",
        "set",
    }
)
HANDING_OUT = frozenset({"items", "values", "pop", "popleft", "popitem", "get"})
COROUTINE_ATTRIBUTES = frozenset({
    "send", "throw", "close", "__await__", "__name__", "__qualname__", "add_done_callback", "cancel", "__class__", "done",
    "result", "exception", "set_name", "get_name", "cancelled",
})  # fmt: skip
ALWAYS_WRONG = frozenset(
    {
        "drop",
        "item",
        "cond",
        "cmp",
        "op",
        "fmt",
        "sub",
        "unpack",
        "with",
        "raise",
        "callee",
        "iter",
        "aiter",
        "awith",
    }
)
RANK = {"unclear": 0, "suspect": 1, "wrong": 2}


@dataclass(slots=True)
class Fates:
    """Judges sinks against the tree and its habits."""

    evaluator: Evaluator
    habits: Habits
    _params: dict[tuple[int, int, int, bool], tuple[Verdict, frozenset[int], frozenset[str]]] = field(
        default_factory=dict
    )

    def of(
        self,
        module: int,
        scope: int,
        sink: Sink,
        name: str,
        line: int = 0,
        *,
        boxed: bool = False,
        depth: int = 0,
    ) -> Verdict:
        """The verdict on a coroutine made by calling `name`, whose value goes to `sink`."""
        kind = sink[0]
        if depth > 5:
            return "unclear"
        if boxed:
            return self._boxed(module, scope, sink, name, line, depth)
        if kind in ALWAYS_WRONG:
            return "wrong"
        if kind == "attr":
            return "fine" if sink[1] in COROUTINE_ATTRIBUTES or sink[1].startswith("cr_") else "wrong"
        if kind == "var":
            return self._variable(module, scope, sink[1], name, line, boxed=False, depth=depth)
        if kind == "set":
            return self._attribute(module, scope, sink[1], name, boxed=False, depth=depth)
        if kind == "ret":
            return self._returned(module, scope, name)
        if kind == "yield":
            return "suspect" if self._is_plain_async(module, scope) else "fine"
        if kind == "arg":
            return self._argument(module, scope, sink, boxed=False, depth=depth)
        if kind == "box":
            return self.of(module, scope, sink[2], name, line, boxed=True, depth=depth + 1)
        return "fine"

    def _function(self, module: int, scope: int) -> Scope:
        return self.evaluator.tree.scope(module, scope)

    def _is_plain_async(self, module: int, scope: int) -> bool:
        function = self._function(module, scope)
        return function.is_async and not has_decorator(function, "fixture")

    def _boxed(self, module: int, scope: int, sink: Sink, name: str, line: int, depth: int) -> Verdict:
        kind = sink[0]
        if kind == "drop":
            return "wrong"
        if kind == "box":
            return self.of(module, scope, sink[2], name, line, boxed=True, depth=depth + 1)
        if kind == "var":
            return self._variable(module, scope, sink[1], name, line, boxed=True, depth=depth)
        if kind == "set":
            return self._attribute(module, scope, sink[1], name, boxed=True, depth=depth)
        if kind == "arg":
            return self._argument(module, scope, sink, boxed=True, depth=depth)
        if kind == "ret":
            return "suspect" if self._is_plain_async(module, scope) else "unclear"
        if kind == "item":
            return self.of(module, scope, sink[1], name, line, depth=depth + 1)
        if kind in ("iter", "aiter"):
            target = sink[1] if len(sink) > 1 else None
            return (
                self._variable(module, scope, target, name, boxed=False, depth=depth) if target else "unclear"
            )
        return "suspect" if kind in ("op", "cmp", "fmt", "cond", "unpack") else "unclear"

    def _variable(
        self, module: int, scope: int, variable: str, name: str, line: int = 0, *, boxed: bool, depth: int
    ) -> Verdict:
        holder = scope
        tree = self.evaluator.tree
        while holder > 0 and variable not in self._function(module, holder).bindings:
            if any(param.name == variable for param in self._function(module, holder).params):
                break
            holder = self._function(module, holder).parent
        record = tree.scope(module, holder)
        many = len(record.bindings.get(variable, ())) > 1 or any(
            one.name == variable for one in record.params
        )
        after = line if many and not AWAITABLE_NAME.search(variable) else 0
        uses = tuple(use for use, last in record.uses.get(variable, ()) if last >= after)
        if record.kind == "class":
            return "unclear"
        if boxed and AWAITABLE_NAME.search(variable):
            return "fine"
        if record.kind == "module":
            return (
                "suspect"
                if uses and not boxed and self._worst(module, holder, uses, name, boxed, depth) == "wrong"
                else "unclear"
            )
        if not uses:
            return "suspect" if boxed or variable in record.uses else "wrong"
        return self._worst(module, holder, uses, name, boxed, depth)

    def _worst(
        self, module: int, scope: int, uses: tuple[Sink, ...], name: str, boxed: bool, depth: int
    ) -> Verdict:
        found: list[Verdict] = []
        for use in uses:
            if use[0] == "await" or (not boxed and use[0] == "free"):
                return "fine"
            if boxed and use[0] == "attr" and use[1] in HANDING_OUT:
                found.append("unclear")
                continue
            if boxed and use[0] in ("attr", "sub", "cond", "cmp", "fmt", "free"):
                found.append("suspect")
                continue
            verdict = self.of(module, scope, use, name, boxed=boxed, depth=depth + 1)
            if verdict == "fine":
                return "fine"
            found.append(verdict)
        if boxed and "unclear" in found:
            return "unclear"
        return max(found, key=lambda verdict: RANK[verdict]) if found else "unclear"

    def _attribute(
        self, module: int, scope: int, attribute: str, name: str, *, boxed: bool, depth: int
    ) -> Verdict:
        uses = tuple(self.habits.attribute_uses(attribute))
        if AWAITABLE_NAME.search(attribute):
            return "fine"
        for use in uses:
            if use[0] == "await":
                return "fine"
            if use[0] == "arg" and TAKES_COROUTINES.search(str(use[1][-1])):
                return "fine"
            if use[0] == "attr" and use[1] in COROUTINE_ATTRIBUTES - {"close", "result", "send"}:
                return "fine"
        if boxed:
            return "unclear" if any(use[0] == "iter" for use in uses) else "suspect"
        wrong = [use for use in uses if use[0] in ALWAYS_WRONG or use[0] == "attr" or _is_reading(use)]
        unclear = [use for use in uses if use[0] in ("ret", "var", "set", "box", "yield", "free")]
        return "wrong" if wrong and not unclear else "suspect"

    def _returned(self, module: int, scope: int, name: str) -> Verdict:
        function = self._function(module, scope)
        if not function.is_async or function.kind == "lambda":
            return "fine"
        declared = self.evaluator.values(module, scope, ("ann", function.annotation))
        if any(value[0] in ("coro", "fut") for value in declared):
            return "fine"
        if self.habits.aggregate.twice.get(function.name) or has_decorator(function, "asynccontextmanager"):
            return "fine"
        return "wrong"

    def _argument(self, module: int, scope: int, sink: Sink, *, boxed: bool, depth: int) -> Verdict:
        _, callee, place = sink
        name = str(callee[-1]) if isinstance(callee[-1], str) else ""
        if isinstance(place, str) and AWAITABLE_NAME.search(place):
            return "fine"
        if callee[0] == "n" and name in READING_BUILTINS:
            return self._builtin(name, boxed=boxed)
        if callee[0] == "." and name in LOGGING and not boxed:
            return "wrong"
        if name in ("format", "join"):
            return "wrong"
        if callee[0] == "." and name in ("extend", "update"):
            return "unclear" if boxed else "suspect"
        if callee[0] == "." and name in CONTAINER:
            return self._stored_in(module, scope, callee[1], depth)
        values = self.evaluator.values(module, scope, callee)
        known = [value for value in values if value[0] in ("fn", "cls")]
        if known and len(known) == len(values):
            verdicts = [self._into(value, callee, place, boxed=boxed, depth=depth) for value in known]
            return min(verdicts, key=lambda verdict: ["fine", "unclear", "suspect", "wrong"].index(verdict))
        takes = TAKES_COROUTINES.search(name) and (not depth or boxed or place in (0, "*"))
        return "fine" if takes else ("unclear" if boxed and not name else "suspect")

    def _builtin(self, name: str, *, boxed: bool) -> Verdict:
        if name in ("isinstance", "iter", "next", "hasattr", "reversed", "vars", "dir", "open"):
            return "suspect" if not boxed and name in ("isinstance", "hasattr", "open") else "unclear"
        if boxed:
            return "wrong" if name in ("any", "all", "sum", "min", "max", "sorted") else "unclear"
        return "wrong"

    def _stored_in(self, module: int, scope: int, owner: Ref, depth: int) -> Verdict:
        if owner[0] == "n":
            return self._variable(module, scope, owner[1], "", boxed=True, depth=depth + 1)
        if owner[0] == ".":
            return self._attribute(module, scope, owner[2], "", boxed=True, depth=depth + 1)
        return "unclear"

    def _into(self, value: Value, callee: Ref, place: int | str, *, boxed: bool, depth: int) -> Verdict:
        """The verdict on a coroutine that becomes a parameter of a known function."""
        module, index = value[1], value[2]
        is_class = value[0] == "cls"
        if is_class:
            found = members.class_member(self.evaluator, (module, index), "__init__", "cls")
            if found[0][0] != "fn":
                return self._field(module, index, place)
            module, index = found[0][1], found[0][2]
        function = self._function(module, index)
        skipped = self._bound(function, module, callee, is_class=is_class)
        position = _position(function, place, skipped)
        if position is None:
            return "unclear"
        return self._parameter(module, index, position, boxed=boxed, depth=depth)

    def _bound(self, function: Scope, module: int, callee: Ref, *, is_class: bool) -> int:
        if function.parent < 0 or self._function(module, function.parent).kind != "class":
            return 0
        return 0 if has_decorator(function, "staticmethod") and not is_class else 1

    def _field(self, module: int, index: int, place: int | str) -> Verdict:
        """A field of a class without its own `__init__`: a dataclass, a model, a named tuple."""
        bindings = self._function(module, index).bindings
        declared = [name for name, refs in bindings.items() if any(ref[0] == "ann" for ref in refs)]
        if isinstance(place, int) and place < len(declared):
            place = declared[place]
        if not isinstance(place, str) or place not in declared:
            return "suspect"
        values = self.evaluator.values(module, index, ("n", place))
        return "fine" if any(one[0] in ("coro", "fut") for one in values) else "suspect"

    def _parameter(self, module: int, index: int, position: int, *, boxed: bool, depth: int) -> Verdict:
        key = (module, index, position, boxed)
        tree, habits = self.evaluator.tree, self.habits
        if key not in self._params:
            self._params[key] = ("unclear", frozenset(), frozenset())
            outer_touched, tree.touched = tree.touched, set()
            outer_keys, habits.consulted = habits.consulted, set()
            verdict = self._judge_parameter(module, index, position, boxed=boxed, depth=depth)
            self._params[key] = (verdict, frozenset(tree.touched), frozenset(habits.consulted))
            tree.touched, habits.consulted = outer_touched, outer_keys
        verdict, touched, consulted = self._params[key]
        tree.touched |= touched
        habits.consulted |= consulted
        return verdict

    def _judge_parameter(self, module: int, index: int, position: int, *, boxed: bool, depth: int) -> Verdict:
        function = self._function(module, index)
        param = function.params[position]
        declared = self.evaluator.values(module, index, ("ann", param.annotation))
        if any(value[0] in ("coro", "fut") for value in declared) or AWAITABLE_NAME.search(param.name):
            return "fine"
        if (
            "Awaitable" in str(param.annotation)
            or "Coroutine" in str(param.annotation)
            or "Future" in str(param.annotation)
        ):
            return "fine"
        if any(value[0] in ("lit", "obj", "tuple", "map") for value in declared) and not boxed:
            plain = all(value[0] != "lit" or value[1] in PLAIN for value in declared)
            return "wrong" if plain and all(value[0] in ("lit", "obj") for value in declared) else "suspect"
        uses = tuple(use for use, _ in function.uses.get(param.name, ()))
        if not uses:
            return "suspect" if function.is_stub or param.kind == "pos" else "unclear"
        if param.kind in ("*", "**"):
            boxed = True
        verdict = self._worst(module, index, uses, function.name, boxed, depth + 1)
        if verdict == "unclear" and TAKES_COROUTINES.search(function.name):
            return "fine"
        return "suspect" if verdict == "unclear" and not boxed else verdict


def _is_reading(use: Sink) -> bool:
    return bool(use[0] == "arg" and use[1][0] == "n" and use[1][1] in READING_BUILTINS)


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
