"""Whether a call gives a coroutine, how sure that is, and how it is known."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TypeAlias

from jarvis_bench.await_audit.records import Grade
from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.aggregate import ASYNC_BY_NAME, ASYNC_TWINS, imports_of
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import BUILTIN, ORDINARY, Definitions, Habits
from jarvis_bench.await_audit.resolve.values import NOTHING, OPAQUE, Values
from jarvis_bench.await_audit.syntax.builder import NAMELESS, ref_tail
from jarvis_bench.await_audit.syntax.model import Call, Scope
from jarvis_bench.await_audit.third_party import BOT_LIBRARIES, LIBRARY_METHODS, WELL_KNOWN

Functions: TypeAlias = tuple[tuple[int, int], ...]
MOST_DISGUISED = 6
STARTERS = frozenset(
    {"create_task", "ensure_future", "run_in_executor", "create_future", "Task", "Future", "submit"}
)
GENERIC = frozenset(
    {"func", "fn", "f", "function", "callback", "cb", "predicate", "method", "factory", "call", "callable"}
)
# Objects of these modules, and all that their methods give, are plain; and those whose own methods are.
PLAIN = frozenset({"pathlib", "datetime", "decimal", "fractions", "re", "os", "time", "json", "subprocess"})
STREAMS = frozenset({("typing.IO",), ("typing.BinaryIO",), ("typing.TextIO",)})
SYNC_OBJECTS = PLAIN | {"threading", "socket", "queue", "collections", "sqlite3", "logging", "tempfile", "io"}
NO_TWIN = re.compile(r"^(?:apply|map|starmap|is|has|to|ensure|make|as|sync_to|run|use|set|with|wrap)_async$|^_")
DOUBLE = re.compile(r"[Mm]ock|(?<![a-zA-Z])(?:fake|spy|patched)")


@dataclass(frozen=True, slots=True)
class Colour:
    """The call gives a coroutine; `functions` are the definitions it may reach; `refusal`: why not to await it.

    `is_habit`: only other calls of the name tell.
    """

    grade: Grade
    evidence: str
    functions: tuple[tuple[int, int], ...] = ()
    refusal: str | None = None
    strong: bool = False
    is_habit: bool = False


@dataclass(slots=True)
class Knowledge:
    """Answers for calls that are not awaited."""

    evaluator: Evaluator
    habits: Habits

    def of(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """The colour of a call, None when it is not known to give a coroutine; `plain`: counted as not awaited."""
        if DOUBLE.search(str(call.callee)) and call.callee[0] == ".":
            return self._of_double(module, call, plain=plain)
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
            return self._awaitable(call, results, functions, plain=plain, is_meant=is_meant)
        if self._is_awaitable_object(module, call, results):
            return self._awaitable(call, results, functions, plain=plain, is_meant=False)
        if any(value[0] not in OPAQUE for value in results) or _is_standard(callee):
            return None
        if self._of_standard_object(module, call):
            return None
        known = any(value[0] not in OPAQUE for value in callee)
        is_object = all(value[0] == "obj" for value in callee)
        if known and (
            (call.callee[0] != "." and not is_object)
            or any(self._says_its_result(function) for function in functions)
        ):
            return None
        return self._by_habit(module, call, plain=plain, known=known)

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
            self._where(functions, call.name) + self._counts(awaited, unawaited),
            functions,
            strong=True,
        )

    def _of_double(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """A test double is what its test makes of it: only the other calls of the same one tell."""
        if not self.evaluator.tree.scope(module, call.scope).is_async:
            return None
        found = self._same_receiver(f"{ref_tail(call.callee[1])}.{call.name}", call, plain=plain)
        return found if found is not None and found.strong else None

    def _is_awaitable_object(self, module: int, call: Call, results: Values) -> bool:
        """Objects that can be awaited, where the call is not followed by anything that they can do themselves."""
        if call.sink[0] in ("attr", "box", "item") or not all(value[0] == "obj" for value in results):
            return False
        used = {call.sink}
        if call.sink[0] == "var":
            scope = self.evaluator.tree.scope(module, call.scope)
            used = {use for use, _ in scope.uses.get(call.sink[1], ())}
        if any(use[0] in ("attr", "aiter", "awith", "await", "arg") and use not in (call.sink,) for use in used):
            return False
        return all(
            members.class_member(self.evaluator, value[1:], "__await__", "obj") != NOTHING for value in results
        )

    def _is_meant_to_be_awaited(self, call: Call, *, plain: bool) -> bool:
        if call.name in ("gather", "shield") or (call.sink[0] == "ret" and call.name == "run_in_executor"):
            return True
        awaited, unawaited = self.habits.of(call.name)
        unawaited += self.habits.plain_in_sync(call.name)
        if call.name == "run_in_executor":
            return awaited >= max(3, 4 * (unawaited - plain))
        return call.name not in STARTERS and awaited >= max(1, 3 * (unawaited - plain))

    def _resolved(
        self, module: int, call: Call, callee: Values, results: Values, *, plain: bool
    ) -> Colour | None:
        functions = tuple((value[1], value[2]) for value in callee if value[0] == "fn")
        awaited, unawaited = self.habits.of(call.name)
        where = self._where(functions, call.name)
        counts = self._counts(awaited, unawaited)
        if call.name == NAMELESS:
            is_async = self.evaluator.tree.scope(module, call.scope).is_async
            return Colour("likely", "declared to give a coroutine", functions, strong=True) if is_async else None
        others = [value for value in results if value[0] not in ("coro", "fut", "extobj")]
        if any(value[0] not in OPAQUE for value in others):
            return None
        override = self._sync_override(functions, call)
        if override:
            return (
                Colour("likely", f"{where}{counts}", functions, override, strong=True)
                if awaited > unawaited
                else None
            )
        unknown_callee = any(value[0] in OPAQUE for value in callee)
        if others or unknown_callee:
            is_fallback = not others and functions and any(value[0] == "ext" for value in callee)
            if not is_fallback and not self._is_rather_awaited(module, call, plain=plain):
                return None
            return Colour("likely", f"{where}{counts}", functions, strong=True)
        return Colour("certain", f"{where}{counts}", functions)

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

    @staticmethod
    def _counts(awaited: int, unawaited: int) -> str:
        return f", awaited at {awaited} of {awaited + unawaited} call sites" if awaited else ""

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

    def _by_habit(self, module: int, call: Call, *, plain: bool, known: bool) -> Colour | None:
        scope = self.evaluator.tree.scope(module, call.scope)
        if not scope.is_async:
            return None
        is_method = call.callee[0] == "."
        if call.sink[0] in ("aiter", "awith") or _is_entered_sync(scope, call):
            return None
        if is_method and call.callee[1] == ("()", ("n", "super")):
            return None
        receiver = ref_tail(call.callee[1]) if is_method else ""
        if call.name in ASYNC_BY_NAME and is_method:
            return Colour("likely", f"{call.name} is a coroutine by its protocol", strong=True)
        if is_method and not known and self._is_async_twin(call.name):
            return Colour("likely", f"{call.name} is by its name the async twin of a sync method")
        if is_method and not known and self._is_of_library(module, call.name):
            return Colour("likely", f"{call.name} is a coroutine of the library imported here")
        if f"{receiver}.{call.name}" in WELL_KNOWN and self._imports_bot_library(module):
            return Colour(
                "likely",
                f"{receiver}.{call.name} is a coroutine of the bot library imported here",
                strong=True,
            )
        callee = self.evaluator.values(module, call.scope, call.callee)
        if self._is_never_awaited_here(module, f"{receiver}.{call.name}"):
            return None
        is_foreign = any(value[0] == "ext" for value in callee)
        if is_foreign and not is_method:
            is_own = self.habits.definitions(call.name) is not None
            return None if is_own else self._same_receiver(f".{call.name}", call, plain=plain)
        if known or is_foreign or call.name == scope.name:
            found = self._same_receiver(f"{receiver}.{call.name}", call, plain=plain, is_foreign=is_foreign)
            if not (known or is_foreign) and (found is None or not found.strong):
                found = self._only_async(module, call, plain=plain)
            return found if found is not None and found.strong else None
        return (
            self._only_async(module, call, plain=plain)
            or self._same_receiver(f"{receiver}.{call.name}", call, plain=plain)
            or self._mostly_awaited(call, plain=plain)
        )

    def _is_never_awaited_here(self, module: int, key: str) -> bool:
        """A file that calls it several times and never awaits it means something else by the name."""
        awaited, in_async, in_sync = self.evaluator.tree.modules[module].summary.habits.get(key, (0, 0, 0))
        return not awaited and in_async + in_sync > 1

    def _is_async_twin(self, name: str) -> bool:
        rows = self.habits.definitions(f".{name}")
        is_named = name in ASYNC_TWINS or (name.endswith("_async") and not NO_TWIN.search(name))
        return is_named and (rows is None or not rows.synchronous)

    def _of_standard_object(self, module: int, call: Call) -> bool:
        """A method of an object of the standard library, or of what a plain value such as a path gives."""
        if call.callee[0] == "." and _is_plain_data(self.evaluator.values(module, call.scope, call.callee[1])):
            return True
        ref, is_direct = call.callee, True
        while ref[0] in (".", "()"):
            ref = ref[1]
            for value in self.evaluator.values(module, call.scope, ref):
                root = str(value[1]).partition(".")[0] if value[0] in ("ext", "extobj") else ""
                is_stream = value[1:] in STREAMS
                if root in PLAIN or is_stream or (is_direct and value[0] == "extobj" and root in SYNC_OBJECTS):
                    return True
            is_direct = False
        return False

    def _says_its_result(self, function: tuple[int, int]) -> bool:
        scope = self.evaluator.tree.scope(*function)
        return not scope.is_async and scope.annotation is not None

    def _imports_bot_library(self, module: int) -> bool:
        return not imports_of(self.evaluator.tree.modules[module].summary).isdisjoint(BOT_LIBRARIES)

    def _is_of_library(self, module: int, name: str) -> bool:
        named = [library for library, methods in LIBRARY_METHODS.items() if name in methods]
        return bool(named) and not imports_of(self.evaluator.tree.modules[module].summary).isdisjoint(named)

    def _only_async(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        name = f".{call.name}" if call.callee[0] == "." else call.name
        rows = self.habits.definitions(name)
        if call.name in ORDINARY or not rows:
            return None
        here = self.evaluator.tree.scope(module, call.scope)
        path = self.evaluator.tree.modules[module].path
        places = [place for place in rows.asynchronous if place != (path, here.line)]
        if not places and not rows.synchronous:
            return None
        if rows.synchronous:
            disguised = self._disguised(name, rows)
            if not disguised:
                return self._only_async_nearby(module, call, name, plain=plain)
            places = [*places, *disguised]
        awaited, unawaited = self.habits.of(call.name)
        unawaited -= plain
        total = awaited + unawaited
        if awaited < 0.6 * total:
            return None
        path, line = places[0]
        count = len(places)
        is_distinct = call.name != here.name and "_" in call.name.strip("_") and awaited >= 4 and not unawaited
        grade: Grade = "certain" if is_distinct else "likely"
        only = f"defined only async ({count} of {count}, first at {path}:{line})"
        return Colour(
            grade, only + self._counts(awaited, total - awaited), strong=awaited >= 2 and not unawaited
        )

    def _disguised(self, name: str, rows: Definitions) -> list[tuple[str, int]]:
        """Where the sync definitions are, if there are few and every one of them returns a coroutine."""
        if rows.synchronous > MOST_DISGUISED:
            return []
        tree, plain = self.evaluator.tree, name.lstrip(".")
        found = []
        for module in self.habits.modules_defining(name):
            for index, scope in enumerate(tree.modules[module].summary.scopes):
                if scope.name == plain and scope.kind == "function" and not scope.is_async:
                    values = self.evaluator.values(module, scope.parent, ("()", ("def", index)))
                    if any(value[0] != "coro" for value in values):
                        return []
                    found.append((tree.modules[module].path, scope.line))
        return found

    def _only_async_nearby(self, module: int, call: Call, name: str, *, plain: bool) -> Colour | None:
        """Packages that come in two colours: the definitions of the caller's own folder count."""
        folder = self.evaluator.tree.modules[module].path.rpartition("/")[0]
        rows = self.habits.definitions(name, f"{folder}/") if folder else None
        awaited, unawaited = self.habits.of(call.name)
        if not rows or not rows.asynchronous or rows.synchronous or not awaited or unawaited > plain:
            return None
        path, line = rows.asynchronous[0]
        only = f"defined only async in {folder} ({path}:{line})"
        return Colour("likely", only + self._counts(awaited, 0))

    def _same_receiver(
        self, key: str, call: Call, *, plain: bool, is_foreign: bool = False
    ) -> Colour | None:
        awaited, unawaited = self.habits.of(key)
        unawaited -= plain
        total = awaited + unawaited
        share = 1.0 if is_foreign else 0.9 if call.name in ORDINARY else 0.75
        least = 5 if key[1:] in GENERIC else 2 if call.name in BUILTIN and not key.startswith(".") else 1
        if key.startswith("?") or awaited < least or awaited < share * total:
            return None
        shown = key.lstrip(".")
        return Colour(
            "likely",
            f"{shown} is awaited at {awaited} of {total} other call sites",
            strong=awaited >= 2,
            is_habit=True,
        )

    def _mostly_awaited(self, call: Call, *, plain: bool) -> Colour | None:
        awaited, unawaited = self.habits.of(call.name)
        total = awaited + unawaited - plain
        least, share = (
            (25, 0.98) if call.name in BUILTIN else (6, 0.97) if call.name in ORDINARY else (3, 0.9)
        )
        if awaited < least or awaited < share * total:
            return None
        return Colour(
            "likely",
            f"{call.name} is awaited at {awaited} of {total} other call sites",
            strong=awaited >= 6,
            is_habit=True,
        )


def _is_plain_data(receiver: Values) -> bool:
    """Texts, numbers and containers have no coroutine methods."""
    return all(value[0] in ("lit", "seq", "map", "tuple") and value[1:] != ("None",) for value in receiver)


def _is_enterable(results: Values) -> bool:
    return {value[0] for value in results} == {"fut", "acm"}


def _is_entered_sync(scope: Scope, call: Call) -> bool:
    """What a plain `with` has bound is hardly ever async."""
    if call.callee[0] != "." or call.callee[1][0] != "n":
        return False
    refs = scope.bindings.get(call.callee[1][1], ())
    return bool(refs) and all(ref[0] == "with" for ref in refs)


def _is_standard(callee: Values) -> bool:
    """A function of the standard library outside asyncio is sync."""
    roots = (str(value[1]).partition(".")[0] for value in callee if value[0] in ("ext", "extobj"))
    return any(root in sys.stdlib_module_names and root != "asyncio" for root in roots)
