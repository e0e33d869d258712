"""What the habits of the tree say of a call whose definition is out of sight."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jarvis_bench.await_audit.records import Grade
from jarvis_bench.await_audit.resolve.aggregate import ASYNC_BY_NAME
from jarvis_bench.await_audit.resolve.colour import Colour, counts
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.habits import BUILTIN, ORDINARY, Definitions, Habits
from jarvis_bench.await_audit.syntax.facts import ASYNC_TWINS, imports_of
from jarvis_bench.await_audit.syntax.model import Call, Scope, ref_tail
from jarvis_bench.await_audit.well_known import BOT_LIBRARIES, LIBRARY_METHODS, WELL_KNOWN

ASYNC_HALF = re.compile(r"(?:^|/)_?(?:aio|async|asyncio|asynchronous)(?:/|_|\.py)|_(?:async|aio)(?:/|\.py)")
MOST_DISGUISED = 6
GENERIC = frozenset(
    {"func", "fn", "f", "function", "callback", "cb", "predicate", "method", "factory", "call", "callable"}
)
NO_TWIN = re.compile(
    r"^(?:apply|map|starmap|is|has|to|ensure|make|as|sync_to|run|use|set|with|wrap)_async$|^_"
)


@dataclass(slots=True)
class ByHabit:
    """Colours by names: defined only as async, awaited elsewhere, or known of a library."""

    evaluator: Evaluator
    habits: Habits

    def of(self, module: int, call: Call, *, plain: bool, known: bool) -> Colour | None:
        """The colour of a call in an async function; `known`: the receiver is known, what the method gives is not."""
        scope = self.evaluator.tree.scope(module, call.scope)
        if not scope.is_async or call.sink[0] in ("aiter", "awith") or _is_entered_sync(scope, call):
            return None
        if call.callee[0] != ".":
            return self._of_name(module, call, plain=plain, known=known)
        if call.callee[1] == ("()", ("n", "super")):
            return None
        by_name = self._by_telling_name(module, call, known=known)
        if by_name is not None:
            return by_name
        callee = self.evaluator.values(module, call.scope, call.callee)
        is_foreign = any(value[0] == "ext" for value in callee)
        if not known and not is_foreign and call.name != scope.name:
            return self._of_stranger(module, call, f"{ref_tail(call.callee[1])}.{call.name}", plain=plain)
        return self._of_acquaintance(module, call, plain=plain, known=known, is_foreign=is_foreign)

    def _by_telling_name(self, module: int, call: Call, *, known: bool) -> Colour | None:
        if call.name in ASYNC_BY_NAME:
            return Colour("likely", f"{call.name} is a coroutine by its protocol", strong=True)
        if not known and call.sink[0] not in ("arg", "box") and self._is_async_twin(call.name):
            return Colour("likely", f"{call.name} is by its name the async twin of a sync method")
        if not known and self._is_of_library(module, call.name):
            return Colour("likely", f"{call.name} is a coroutine of the library imported here")
        key = f"{ref_tail(call.callee[1])}.{call.name}"
        if key in WELL_KNOWN and self._imports_bot_library(module):
            return Colour("likely", f"{key} is a coroutine of the bot library imported here", strong=True)
        return None

    def _of_name(self, module: int, call: Call, *, plain: bool, known: bool) -> Colour | None:
        """A bare name: that of a library's function says nothing where the tree has a function of that name."""
        callee = self.evaluator.values(module, call.scope, call.callee)
        if not any(value[0] == "ext" for value in callee):
            if known or call.name == self.evaluator.tree.scope(module, call.scope).name:
                return self._of_acquaintance(module, call, plain=plain, known=known, is_foreign=False)
            return self._of_stranger(module, call, f".{call.name}", plain=plain)
        if self.habits.definitions(call.name) or self._is_never_awaited_here(module, f".{call.name}"):
            return None
        return self._same_receiver(f".{call.name}", call, plain=plain)

    def _of_stranger(self, module: int, call: Call, key: str, *, plain: bool) -> Colour | None:
        found = self._only_async(module, call, plain=plain)
        if found is not None or self._is_never_awaited_here(module, key):
            return found
        return self._same_receiver(key, call, plain=plain) or self._mostly_awaited(call, plain=plain)

    def _of_acquaintance(
        self, module: int, call: Call, *, plain: bool, known: bool, is_foreign: bool
    ) -> Colour | None:
        """An object of which something is known, or a function that calls its namesake: only strong habits count."""
        key = f"{ref_tail(call.callee[1])}.{call.name}" if call.callee[0] == "." else f".{call.name}"
        found = self._same_receiver(key, call, plain=plain, is_foreign=is_foreign)
        if self._is_never_awaited_here(module, key):
            found = None
        if not known and not is_foreign and (found is None or not found.strong):
            found = self._only_async(module, call, plain=plain)
        return found if found is not None and found.strong else None

    def of_double(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """A test double is what its test makes of it: only the other calls of the same one tell."""
        if not self.evaluator.tree.scope(module, call.scope).is_async:
            return None
        found = self._same_receiver(f"{ref_tail(call.callee[1])}.{call.name}", call, plain=plain)
        return found if found is not None and found.strong else None

    def of_perhaps(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        """What is declared to give a value or an awaitable: the other calls on the same object tell."""
        if call.callee[0] != "." or not self.evaluator.tree.scope(module, call.scope).is_async:
            return None
        key = f"{_receiver(call)}.{call.name}"
        found = self._same_receiver(key, call, plain=plain, is_foreign=True)
        is_other = self._is_never_awaited_here(module, key)
        return found if found is not None and found.strong and not is_other else None

    def _is_never_awaited_here(self, module: int, key: str) -> bool:
        """A file that calls it several times and never awaits it means something else by the name."""
        judged = self.evaluator.tree.modules[module].summary.judged
        receiver, _, name = key.rpartition(".")
        if judged.habits.get(key, (0, 0, 0))[0]:
            return False
        same = [call for call in judged.calls(name) if _receiver(call) == receiver]
        return len(same) > 1

    def _is_async_twin(self, name: str) -> bool:
        rows = self.habits.definitions(f".{name}")
        is_named = name in ASYNC_TWINS or (name.endswith("_async") and not NO_TWIN.search(name))
        return is_named and (rows is None or not rows.synchronous)

    def _imports_bot_library(self, module: int) -> bool:
        return not imports_of(self.evaluator.tree.modules[module].summary.scopes).isdisjoint(BOT_LIBRARIES)

    def _is_of_library(self, module: int, name: str) -> bool:
        named = [library for library, methods in LIBRARY_METHODS.items() if name in methods]
        return bool(named) and not imports_of(self.evaluator.tree.modules[module].summary.scopes).isdisjoint(
            named
        )

    def _only_async(self, module: int, call: Call, *, plain: bool) -> Colour | None:
        name = f".{call.name}" if call.callee[0] == "." else call.name
        rows = self.habits.definitions(name)
        if call.name in ORDINARY or not rows:
            return None
        if self._may_be_of_a_module(call):
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
        if awaited < 0.75 * total:
            return None
        path, line = places[0]
        count = len(places)
        is_distinct = (
            call.name != here.name and "_" in call.name.strip("_") and awaited >= 4 and not unawaited
        )
        grade: Grade = "certain" if is_distinct else "likely"
        only = f"defined only async ({count} of {count}, first at {path}:{line})"
        return Colour(grade, only + counts(awaited, total - awaited), strong=awaited >= 2 and not unawaited)

    def _may_be_of_a_module(self, call: Call) -> bool:
        """`utils.find()` with an unknown `utils`, where the tree has a sync function `find`."""
        if call.callee[0] != "." or call.callee[1][0] != "n":
            return False
        rows = self.habits.definitions(call.name)
        return rows is not None and rows.synchronous > 0

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
        """Packages that come in two colours: the definitions of the caller's own folder count, or of its own half."""
        here = self.evaluator.tree.modules[module].path
        folder = here.rpartition("/")[0]
        rows = self.habits.definitions(name, lambda path: path.startswith(f"{folder}/")) if folder else None
        if rows is None and ASYNC_HALF.search(here):
            return self._only_async_in_its_half(name)
        awaited, unawaited = self.habits.of(call.name)
        if not rows or not rows.asynchronous or rows.synchronous or not awaited or unawaited > plain:
            return None
        path, line = rows.asynchronous[0]
        only = f"defined only async in {folder} ({path}:{line})"
        return Colour("likely", only + counts(awaited, 0))

    def _only_async_in_its_half(self, name: str) -> Colour | None:
        """The caller lies in a folder or file that is called async, and so does the one definition of that colour."""
        rows = self.habits.definitions(name, ASYNC_HALF.search)
        if rows is None or rows.synchronous or not rows.asynchronous:
            return None
        path, line = rows.asynchronous[0]
        return Colour("likely", f"defined only async in the async half of the tree ({path}:{line})")

    def _same_receiver(self, key: str, call: Call, *, plain: bool, is_foreign: bool = False) -> Colour | None:
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
        is_chained = call.callee[0] == "." and call.callee[1][0] == "()"
        if is_chained or (call.name in ORDINARY and call.sink[0] in ("arg", "box", "ret")):
            return None
        awaited, unawaited = self.habits.of(call.name)
        total = awaited + unawaited - plain
        least, share = (
            (25, 0.98) if call.name in BUILTIN else (10, 0.97) if call.name in ORDINARY else (3, 0.9)
        )
        if awaited < least or awaited < share * total:
            return None
        return Colour(
            "likely",
            f"{call.name} is awaited at {awaited} of {total} other call sites",
            strong=awaited >= 6,
            is_habit=True,
        )


def _receiver(call: Call) -> str:
    return ref_tail(call.callee[1]) if call.callee[0] == "." else ""


def _is_entered_sync(scope: Scope, call: Call) -> bool:
    """What a plain `with` has bound is hardly ever async."""
    if call.callee[0] != "." or call.callee[1][0] != "n":
        return False
    refs = scope.bindings.get(call.callee[1][1], ())
    return bool(refs) and all(ref[0] == "with" for ref in refs)
