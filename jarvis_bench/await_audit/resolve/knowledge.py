"""Whether a call gives a coroutine, how sure that is, and how it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jarvis_bench.await_audit.records import Grade
from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import ORDINARY, Habits
from jarvis_bench.await_audit.resolve.values import OPAQUE, Value
from jarvis_bench.await_audit.syntax.builder import ref_tail
from jarvis_bench.await_audit.syntax.model import Call

DOUBLE = re.compile(r"mock|stub|fake|spy|patch", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Colour:
    """The call gives a coroutine; `functions` are the definitions it may reach; `refusal`: why not to await it."""

    grade: Grade
    evidence: str
    functions: tuple[tuple[int, int], ...] = ()
    refusal: str | None = None
    strong: bool = False


@dataclass(slots=True)
class Knowledge:
    """Answers for calls that are not awaited."""

    evaluator: Evaluator
    habits: Habits

    def of(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """The colour of a call, None when it is not known to give a coroutine; `plain`: counted as not awaited."""
        if DOUBLE.search(str(call.callee)) and call.callee[0] == ".":
            return None
        callee = self.evaluator.values(module, call.scope, call.callee)
        results = self.evaluator.values(module, call.scope, ("()", call.callee))
        coroutines = [value for value in results if value[0] == "coro"]
        functions = tuple((value[1], value[2]) for value in callee if value[0] == "fn")
        if coroutines:
            return self._resolved(call, callee, results, functions, plain)
        if any(value[0] not in OPAQUE for value in results) or functions:
            return None
        if any(value[0] not in OPAQUE for value in callee):
            return None
        return self._by_habit(module, call, plain=plain)

    def _resolved(
        self,
        call: Call,
        callee: tuple[Value, ...],
        results: tuple[Value, ...],
        functions: tuple[tuple[int, int], ...],
        plain: bool,
    ) -> Colour | None:
        awaited, unawaited = self.habits.of(call.name)
        where = self._where(functions, call.name)
        counts = self._counts(awaited, unawaited)
        others = [value for value in results if value[0] != "coro"]
        if any(value[0] not in OPAQUE for value in others):
            return None
        override = self._sync_override(functions, call)
        if override:
            return Colour("likely", f"{where}{counts}", functions, override) if awaited > unawaited else None
        unknown_callee = any(value[0] in OPAQUE for value in callee)
        if others or unknown_callee:
            if not awaited or awaited < unawaited:
                return None
            return Colour("likely", f"{where}{counts}", functions, strong=True)
        return Colour("certain", f"{where}{counts}", functions)

    def _where(self, functions: tuple[tuple[int, int], ...], name: str) -> str:
        tree = self.evaluator.tree
        for module, scope in functions:
            record = tree.scope(module, scope)
            said = "defined async" if record.is_async else "gives a coroutine, defined"
            if tree.modules[module].is_library:
                return f"{'.'.join(tree.modules[module].parts)}.{record.qualname} is a coroutine function"
            return f"{said} at {tree.modules[module].path}:{record.line}"
        return f"{name} is declared to give a coroutine"

    @staticmethod
    def _counts(awaited: int, unawaited: int) -> str:
        return f", awaited at {awaited} of {awaited + unawaited} call sites" if awaited else ""

    def _sync_override(self, functions: tuple[tuple[int, int], ...], call: Call) -> str | None:
        """A method that a subclass of the tree defines sync: awaiting it there would fail."""
        if call.callee[0] != ".":
            return None
        tree = self.evaluator.tree
        for module, scope in functions:
            parent = tree.scope(module, scope).parent
            if parent < 0 or tree.scope(module, parent).kind != "class":
                continue
            for below in members.descendants(self.evaluator, (module, parent)):
                for ref in tree.scope(*below).bindings.get(call.name, ()):
                    if ref[0] == "def" and not self._gives_coroutine(below[0], ref[1]):
                        name = tree.scope(*below).qualname
                        return f"`{call.name}` is sync in {name} and async in {tree.scope(module, parent).qualname}"
        return None

    def _gives_coroutine(self, module: int, scope: int) -> bool:
        record = self.evaluator.tree.scope(module, scope)
        if record.kind != "function" or record.is_async:
            return True
        values = self.evaluator.values(module, record.parent, ("()", ("def", scope)))
        return any(value[0] in ("coro", "fut", "?") for value in values)

    def _by_habit(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        scope = self.evaluator.tree.scope(module, call.scope)
        if not scope.is_async:
            return None
        rows = self.habits.definitions.get(call.name)
        is_method = call.callee[0] == "."
        receiver = ref_tail(call.callee[1]) if is_method else ""
        awaited, unawaited = self.habits.of(call.name)
        unawaited -= plain
        total = awaited + unawaited
        if rows and rows.asynchronous and not rows.synchronous and call.name not in ORDINARY:
            if total and awaited < 0.6 * total:
                return None
            path, line = rows.asynchronous[0]
            only = f"defined only async ({len(rows.asynchronous)} of {len(rows.asynchronous)}, first at {path}:{line})"
            strong = awaited >= 2 and unawaited == 0
            return Colour("likely", only + self._counts(awaited, unawaited), strong=strong)
        if is_method and receiver:
            near, plain_near = self.habits.of(f"{receiver}.{call.name}")
            plain_near -= plain
            if near >= 2 and near >= 0.9 * (near + plain_near):
                return Colour(
                    "likely",
                    f"{receiver}.{call.name} is awaited at {near} of {near + plain_near} call sites",
                    strong=near >= 4,
                )
        if awaited >= 6 and awaited >= 0.95 * total and call.name not in ORDINARY:
            return Colour("likely", f"awaited at {awaited} of {total} call sites")
        return None
