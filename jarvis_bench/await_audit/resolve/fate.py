"""What becomes of a coroutine that is not awaited on the spot: dropped, misused, or kept for later on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field

from jarvis_bench.await_audit.resolve.arguments import Arguments
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import Habits
from jarvis_bench.await_audit.resolve.names import has_decorator, is_called_by_framework
from jarvis_bench.await_audit.resolve.vocabulary import (
    ALWAYS_WRONG,
    AWAITABLE_NAME,
    COROUTINE_ATTRIBUTES,
    FUTURE_ATTRIBUTES,
    HANDING_OUT,
    IMPOSSIBLE,
    INSPECTING,
    RANK,
    READING_BUILTINS,
    TAKES_COROUTINES,
    Verdict,
)
from jarvis_bench.await_audit.syntax.model import Scope, Sink

RARELY_TAKEN = 4
"""Where at most one in so many uses of an attribute goes, by its name, to what takes coroutines, it may hold none."""


@dataclass(slots=True)
class Fates:
    """Judges sinks against the tree and its habits."""

    evaluator: Evaluator
    habits: Habits
    arguments: Arguments = field(init=False)

    def __post_init__(self) -> None:
        self.arguments = Arguments(self)

    def of(
        self,
        module: int,
        scope: int,
        sink: Sink,
        line: int = 0,
        *,
        sure: bool = False,
        boxed: bool = False,
        depth: int = 0,
    ) -> Verdict:
        """The verdict on a coroutine (`sure`: and no future or task) whose value goes to `sink`."""
        kind = sink[0]
        if depth > 5:
            return "unclear"
        if boxed:
            return self._boxed(module, scope, sink, line, depth, sure=sure)
        if kind in ALWAYS_WRONG:
            return "fine" if kind in ("awith", "aiter") and not sure else "wrong"
        if kind == "attr":
            return "fine" if _has(sink[1], sure=sure) else "wrong"
        if kind in ("var", "set", "arg"):
            return self._moved(module, scope, sink, line, sure=sure, boxed=False, depth=depth)
        if kind == "ret":
            return self._returned(module, scope)
        if kind == "yield":
            return "suspect" if self._is_plain_async(module, scope) else "fine"
        if kind == "box":
            return self.of(module, scope, sink[2], line, sure=sure, boxed=True, depth=depth + 1)
        return "fine"

    def _moved(
        self, module: int, scope: int, sink: Sink, line: int, *, sure: bool, boxed: bool, depth: int
    ) -> Verdict:
        """Into a variable, an attribute or an argument."""
        if sink[0] == "var":
            return self.variable(module, scope, sink[1], line, sure=sure, boxed=boxed, depth=depth)
        if sink[0] == "set":
            return self.attribute(sink[1], boxed=boxed)
        return self.arguments.verdict(module, scope, sink, boxed=boxed, depth=depth)

    def scope_of(self, module: int, scope: int) -> Scope:
        """One scope of the tree."""
        return self.evaluator.tree.scope(module, scope)

    def _is_plain_async(self, module: int, scope: int) -> bool:
        function = self.scope_of(module, scope)
        return function.is_async and not has_decorator(function, "fixture")

    def _boxed(self, module: int, scope: int, sink: Sink, line: int, depth: int, *, sure: bool) -> Verdict:
        """The verdict when the coroutine lies in a list, dict or tuple."""
        kind = sink[0]
        if kind == "drop":
            return "wrong"
        if kind == "box":
            return self.of(module, scope, sink[2], line, sure=sure, boxed=True, depth=depth + 1)
        if kind in ("var", "set", "arg"):
            return self._moved(module, scope, sink, line, sure=sure, boxed=True, depth=depth)
        if kind == "ret":
            return "suspect" if self._is_plain_async(module, scope) else "unclear"
        if kind == "item":
            return self.of(module, scope, sink[1], line, sure=sure, depth=depth + 1)
        if kind == "iter" and sink[1]:
            return self.variable(module, scope, sink[1], sure=sure, boxed=False, depth=depth)
        return "suspect" if kind in ("cmp", "fmt", "cond", "unpack") else "unclear"

    def variable(
        self, module: int, scope: int, variable: str, line: int = 0, *, sure: bool, boxed: bool, depth: int
    ) -> Verdict:
        """The verdict on a coroutine (`boxed`: a container of some) that is bound to a name in line `line`."""
        holder = self._holder(module, scope, variable)
        record = self.scope_of(module, holder)
        if record.kind == "class":
            return "unclear"
        if boxed and AWAITABLE_NAME.search(variable):
            return "fine"
        is_param = any(one.name == variable for one in record.params)
        many = is_param or len(record.bindings.get(variable, ())) > 1
        after = line if many and not AWAITABLE_NAME.search(variable) else 0
        uses = tuple(use for use, last in record.uses.get(variable, ()) if last >= after)
        if uses and all(use == ("attr", "close") for use in uses):
            return "fine" if boxed or AWAITABLE_NAME.search(variable) else "suspect"
        if record.kind == "module":
            found = self.worst(module, holder, uses, sure=sure, boxed=boxed, depth=depth, single=not many)
            return "suspect" if found == "wrong" and not boxed else "unclear"
        if not uses:
            return "suspect" if boxed or variable in record.uses else "wrong"
        return self.worst(module, holder, uses, sure=sure, boxed=boxed, depth=depth, single=not many)

    def _holder(self, module: int, scope: int, variable: str) -> int:
        """The scope that the name belongs to."""
        while scope > 0:
            record = self.scope_of(module, scope)
            if variable in record.bindings or any(param.name == variable for param in record.params):
                return scope
            scope = record.parent
        return max(scope, 0)

    def worst(
        self,
        module: int,
        scope: int,
        uses: tuple[Sink, ...],
        *,
        sure: bool,
        boxed: bool,
        depth: int,
        single: bool = False,
    ) -> Verdict:
        """The verdict on all uses together: one that awaits settles it, else the worst counts.

        `single`: all uses are of one value. Then what no coroutine can be used as outweighs a function that only
        sounds as if it took coroutines.
        """
        found: list[Verdict] = []
        is_handed_on = is_impossible = False
        is_read = any(use[0] == "attr" and not _has(use[1], sure=sure) for use in uses)
        for use in uses:
            if use[0] == "attr" and (use[1] == "__class__" or (is_read and _has(use[1], sure=sure))):
                continue  # what has other attributes too is no coroutine
            if use[0] == "await" or (not boxed and use[0] == "free") or _is_inspected(use):
                return "fine"
            verdict = self._use_of_box(use) if boxed else None
            verdict = verdict or self.of(module, scope, use, sure=sure, boxed=boxed, depth=depth + 1)
            is_impossible |= verdict == "wrong" and use[0] in IMPOSSIBLE
            is_handed_on |= verdict == "fine"
            found.append(verdict)
        if is_handed_on:
            return "wrong" if is_impossible and single and not boxed else "fine"
        if boxed and "unclear" in found:
            return "unclear"
        worst = max(found, key=lambda verdict: RANK[verdict]) if found else "unclear"
        is_mixed = not single and not self.scope_of(module, scope).is_async and set(found) != {worst}
        return "suspect" if is_mixed and worst == "wrong" else worst

    @staticmethod
    def _use_of_box(use: Sink) -> Verdict | None:
        if use[0] == "attr":
            return "unclear" if use[1] in HANDING_OUT else "suspect"
        return "suspect" if use[0] in ("sub", "cond", "cmp", "fmt", "free") else None

    def attribute(self, attribute: str, *, boxed: bool) -> Verdict:
        """The verdict on a coroutine that is kept in an attribute: by all uses of attributes of that name."""
        uses = tuple(self.habits.attribute_uses(attribute))
        is_double = attribute in ("side_effect", "return_value")
        taken = [use for use in uses if _is_awaiting(use)]
        is_taken = any(use[0] != "arg" for use in taken) or len(taken) * RARELY_TAKEN > len(uses)
        if is_double or AWAITABLE_NAME.search(attribute) or is_taken:
            return "fine"
        if boxed:
            return "unclear" if any(use[0] == "iter" for use in uses) else "suspect"
        wrong = [use for use in uses if use[0] in ALWAYS_WRONG or use[0] == "attr" or _is_reading(use)]
        unclear = [use for use in uses if use[0] in ("ret", "var", "set", "box", "yield", "free")]
        return "wrong" if wrong and not unclear and not taken else "suspect"

    def _returned(self, module: int, scope: int) -> Verdict:
        function = self.scope_of(module, scope)
        if not function.is_async or function.kind == "lambda":
            return "fine"
        said = self.evaluator.values(module, scope, ("ann", function.annotation))
        if any(value[0] in ("coro", "fut") for value in said):
            return "fine"
        if self.habits.is_awaited_twice(function.name) or has_decorator(function, "asynccontextmanager"):
            return "fine"
        return "suspect" if is_called_by_framework(function) else "wrong"


def _has(attribute: str, *, sure: bool) -> bool:
    """Whether a coroutine has such an attribute; unless it is `sure` to be one, a future counts as well."""
    known = COROUTINE_ATTRIBUTES if sure else COROUTINE_ATTRIBUTES | FUTURE_ATTRIBUTES
    return attribute in known or attribute.startswith("cr_")


def _is_inspected(use: Sink) -> bool:
    return use[0] == "arg" and str(use[1][-1]) in INSPECTING


def _is_awaiting(use: Sink) -> bool:
    if use[0] == "arg":
        return TAKES_COROUTINES.search(str(use[1][-1])) is not None
    kept_open = (COROUTINE_ATTRIBUTES | FUTURE_ATTRIBUTES) - {"close", "result", "send"}
    return use[0] == "await" or (use[0] == "attr" and use[1] in kept_open)


def _is_reading(use: Sink) -> bool:
    return bool(use[0] == "arg" and use[1][0] == "n" and use[1][1] in READING_BUILTINS)
