"""Whether a call gives a coroutine, how sure that is, and how it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.by_habit import ByHabit
from jarvis_bench.await_audit.resolve.colour import Colour, counts
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import Habits
from jarvis_bench.await_audit.resolve.standard import is_of_standard_object, is_standard
from jarvis_bench.await_audit.resolve.values import NOTHING, OPAQUE, Values
from jarvis_bench.await_audit.syntax.model import NAMELESS, Call, Sink

Functions: TypeAlias = tuple[tuple[int, int], ...]
STARTERS = frozenset(
    {"create_task", "ensure_future", "run_in_executor", "create_future", "Task", "Future", "submit"}
)
ASKS_THE_COLOUR = re.compile(r"is_?(?:async|coroutine)", re.IGNORECASE)
DOUBLE = re.compile(r"[Mm]ock|(?<![a-zA-Z])(?:fake|spy|patched)")


@dataclass(slots=True)
class Knowledge:
    """Answers for calls that are not awaited."""

    evaluator: Evaluator
    habits: Habits
    by_habit: ByHabit = field(init=False)

    def __post_init__(self) -> None:
        self.by_habit = ByHabit(self.evaluator, self.habits)

    def of(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """The colour of a call, None when it is not known to give a coroutine; `plain`: counted as not awaited."""
        found = self._of(module, call, plain=plain)
        return (
            None if found is not None and not found.functions and self._is_inspected(module, call) else found
        )

    def _is_inspected(self, module: int, call: Call) -> bool:
        """Whether the code asks of what colour the called function is, and so may call it both ways."""
        uses: list[Sink] = []
        if call.callee[0] == "n":
            scope = call.scope
            while scope >= 0:
                record = self.evaluator.tree.scope(module, scope)
                uses += [use for use, _ in record.uses.get(call.name, ())]
                scope = record.parent
        elif call.callee[0] == ".":
            uses += self.habits.attribute_uses(call.name)
        return any(use[0] == "arg" and ASKS_THE_COLOUR.search(str(use[1][-1])) for use in uses)

    def _of(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        if DOUBLE.search(str(call.callee)) and call.callee[0] == ".":
            return self.by_habit.of_double(module, call, plain=plain)
        callee = self.evaluator.values(module, call.scope, call.callee)
        results = self.evaluator.values(module, call.scope, ("()", call.callee))
        functions = tuple((value[1], value[2]) for value in callee if value[0] == "fn")
        if call.callee == ("n", "anext") and callee == NOTHING:
            return Colour("certain", "anext gives an awaitable")
        if any(value[0] == "coro" for value in results):
            return self._resolved(module, call, callee, results, plain=plain)
        if any(value[0] == "fut" for value in results) and not any(value[0] == "obj" for value in results):
            kinds = {value[0] for value in callee}
            is_meant = ("callable" in kinds and kinds <= {"callable", *OPAQUE}) or (
                _is_enterable(results) and call.sink[0] == "drop"
            )
            if any(value[0] not in ("fut", "acm", *OPAQUE) for value in results):
                return self.by_habit.of_perhaps(module, call, plain=plain)
            return self._awaitable(call, results, functions, plain=plain, is_meant=is_meant)
        if self.habits.of(call.name)[0] and self._is_awaitable_object(module, call, results):
            return self._awaitable(call, results, functions, plain=plain, is_meant=False)
        if any(value[0] not in OPAQUE for value in results) or is_standard(callee):
            return None
        if is_of_standard_object(self.evaluator, module, call):
            return None
        known = any(value[0] not in OPAQUE for value in callee)
        is_object = all(value[0] == "obj" for value in callee)
        if known and (
            (call.callee[0] != "." and not is_object)
            or any(self._says_its_result(function) for function in functions)
        ):
            return None
        return self.by_habit.of(module, call, plain=plain, known=known)

    def _awaitable(
        self, call: Call, results: Values, functions: Functions, *, plain: bool, is_meant: bool
    ) -> Colour | None:
        """A future or task: dropping it may be meant, using it as its result is not.

        `is_meant`: to be awaited. A callback that is declared to give an awaitable is most often a coroutine function,
        and what can be entered as well, such as a request, does nothing before.
        """
        is_handle = call.name in STARTERS and call.name != "run_in_executor"
        if is_handle or any(value[0] not in ("fut", "acm", "obj", *OPAQUE) for value in results):
            return None
        if call.sink[0] in ("awith", "aiter"):
            return None
        is_kept = call.sink[0] in ("drop", "ret", "arg", "box", "set") and not is_meant
        if is_kept and not self._is_meant_to_be_awaited(call, plain=plain):
            return None
        awaited, unawaited = self.habits.of(call.name)
        return Colour(
            "likely",
            self._where(functions, call.name) + counts(awaited, unawaited),
            functions,
            strong=True,
        )

    def _is_awaitable_object(self, module: int, call: Call, results: Values) -> bool:
        """Objects that can be awaited, where the call is not followed by anything that they can do themselves."""
        if call.sink[0] in ("attr", "box", "item") or not all(value[0] == "obj" for value in results):
            return False
        used = {call.sink}
        if call.sink[0] == "var":
            scope = self.evaluator.tree.scope(module, call.scope)
            used = {use for use, _ in scope.uses.get(call.sink[1], ())}
        if any(use[0] in ("attr", "aiter", "awith", "await", "arg") and use != call.sink for use in used):
            return False
        return all(
            members.class_member(self.evaluator, value[1:], "__await__", "obj") != NOTHING
            for value in results
        )

    def _is_meant_to_be_awaited(self, call: Call, *, plain: bool) -> bool:
        if call.name in ("gather", "shield") or (call.sink[0] == "ret" and call.name == "run_in_executor"):
            return True
        awaited, unawaited = self.habits.of(call.name)
        unawaited += self.habits.plain_in_sync(call.name)
        if call.name == "run_in_executor":
            return awaited >= max(15, 4 * (unawaited - plain))
        return call.name not in STARTERS and awaited >= max(1, 3 * (unawaited - plain))

    def _resolved(
        self, module: int, call: Call, callee: Values, results: Values, *, plain: bool
    ) -> Colour | None:
        functions = tuple((value[1], value[2]) for value in callee if value[0] == "fn")
        awaited, unawaited = self.habits.of(call.name)
        where = self._where(functions, call.name)
        told = counts(awaited, unawaited)
        if call.name == NAMELESS:
            is_async = self.evaluator.tree.scope(module, call.scope).is_async
            return (
                Colour("likely", "declared to give a coroutine", functions, strong=True) if is_async else None
            )
        others = [value for value in results if value[0] not in ("coro", "fut", "extobj")]
        if any(value[0] not in OPAQUE for value in others):
            return self.by_habit.of_perhaps(module, call, plain=plain)
        override = self._sync_override(functions, call)
        if override:
            return (
                Colour("likely", f"{where}{told}", functions, override, strong=True)
                if awaited > unawaited
                else None
            )
        is_of_two_colours = any(not self._gives_coroutine(*function) for function in functions)
        unknown_callee = is_of_two_colours or any(value[0] in OPAQUE for value in callee)
        if unknown_callee and not self.evaluator.tree.scope(module, call.scope).is_async:
            return None
        if (others or unknown_callee) and is_of_standard_object(self.evaluator, module, call):
            return None
        if others or unknown_callee:
            is_fallback = not others and functions and any(value[0] == "ext" for value in callee)
            if not is_fallback and not self._is_rather_awaited(module, call, plain=plain):
                return None
            return Colour("likely", f"{where}{told}", functions, strong=True)
        is_callback = any(value[0] == "callable" for value in callee)
        return Colour("likely" if is_callback else "certain", f"{where}{told}", functions)

    def _is_rather_awaited(self, module: int, call: Call, *, plain: bool) -> bool:
        """Where a definition says async but is not all there is to it: other calls are awaited, or there are none."""
        awaited, unawaited = self.habits.of(call.name)
        if awaited:
            return awaited >= unawaited
        if call.sink[0] in ("arg", "box", "set"):
            return False
        is_alone = unawaited <= plain and not self.habits.plain_in_sync(call.name)
        return is_alone and self.evaluator.tree.scope(module, call.scope).is_async

    def _where(self, functions: Functions, name: str) -> str:
        tree = self.evaluator.tree
        for module, scope in functions:
            record = tree.scope(module, scope)
            said = "defined async" if record.is_async else "gives a coroutine, defined"
            if tree.modules[module].is_library:
                return f"{'.'.join(tree.modules[module].parts)}.{record.qualname} is a coroutine function"
            return f"{said} at {tree.modules[module].path}:{record.line}"
        return f"{name} is declared to give a coroutine"

    def _sync_override(self, functions: Functions, call: Call) -> str | None:
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

    def _says_its_result(self, function: tuple[int, int]) -> bool:
        scope = self.evaluator.tree.scope(*function)
        return not scope.is_async and scope.annotation is not None


def _is_enterable(results: Values) -> bool:
    return {value[0] for value in results} == {"fut", "acm"}
