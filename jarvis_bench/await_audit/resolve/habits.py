"""How a project uses its names: defined only as async? awaited nearly everywhere?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jarvis_bench.await_audit.syntax.model import Habit, Scope, Summary

NOT_COROUTINE = frozenset({"asynccontextmanager", "property", "overload", "async_property", "cached_property", "setter"})
ASYNC_BY_NAME = frozenset({"__aenter__", "__aexit__", "__anext__", "aclose", "asend", "athrow", "wait_closed"})
ORDINARY = frozenset(
    name for kind in (str, bytes, list, dict, set, tuple, int, float, type(iter([])), object, BaseException)
    for name in dir(kind)
) | frozenset({
    "put", "put_nowait", "get_nowait", "task_done", "read", "write", "close", "open", "flush", "readline", "readlines",
    "send", "recv", "connect", "start", "stop", "run", "cancel", "result", "done", "set", "is_set", "wait", "acquire",
    "release", "locked", "submit", "shutdown", "info", "debug", "warning", "error", "exception", "log", "call", "next",
    "match", "search", "group", "load", "loads", "dump", "dumps", "parse", "exists", "mkdir", "unlink", "appendleft", "push",
    "time", "sleep", "now", "patch", "seek", "tell", "stat", "truncate", "accept", "fileno", "signal", "rename", "remove", "register", "emit", "name", "type", "id", "value", "data", "main", "test", "handle",
})  # fmt: skip


@dataclass(slots=True)
class Definitions:
    """Where a name is defined, as which colour: `(path, line)` each."""

    asynchronous: list[tuple[str, int]] = field(default_factory=list)
    synchronous: int = 0


@dataclass(slots=True)
class Habits:
    """The definitions and call sites of all names of a tree."""

    definitions: dict[str, Definitions] = field(default_factory=lambda: defaultdict(Definitions))
    sites: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))

    def add_definitions(self, path: str, scopes: Sequence[Scope]) -> None:
        """Count the functions of one file."""
        for scope in scopes:
            if scope.kind == "function" and scope.name:
                in_class = scope.parent >= 0 and scopes[scope.parent].kind == "class"
                row = self.definitions[f".{scope.name}" if in_class else scope.name]
                if not _is_coroutine_function(scope):
                    row.synchronous += not (scope.is_stub and _says_awaitable(scope))
                else:
                    row.asynchronous.append((path, scope.line))

    def add_sites(self, habits: dict[str, Habit]) -> None:
        """Count the call sites of one file."""
        for key, row in habits.items():
            counts = self.sites[key]
            for column in range(3):
                counts[column] += row[column]

    def of(self, key: str) -> tuple[int, int]:
        """How many calls in async functions are awaited, and how many are not."""
        row = self.sites.get(key)
        return (row[0], row[1]) if row else (0, 0)


def _is_coroutine_function(scope: Scope) -> bool:
    if not scope.is_async or scope.is_generator:
        return False
    return not any(decorator[-1] in NOT_COROUTINE for decorator in scope.decorators)


def _says_awaitable(scope: Scope) -> bool:
    return any(word in str(scope.annotation) for word in ("Awaitable", "Coroutine", "Future"))


def async_names(summaries: Iterable[Summary]) -> set[str]:
    """Every name whose call may give a coroutine: async functions, what passes them on, aliases, awaited names."""
    names: set[str] = set(ASYNC_BY_NAME)
    passing: list[tuple[str, tuple[str, ...]]] = []
    for summary in summaries:
        names |= {key for key, row in summary.habits.items() if row[0] and "." not in key}
        for scope in summary.scopes:
            if scope.kind == "function" and (scope.is_async or _says_awaitable(scope)):
                names.add(scope.name)
            elif scope.kind == "function":
                passing.append((scope.name, tuple(str(ref[1][-1]) for ref in scope.returns if ref[0] == "()")))
            if scope.kind == "function":
                names |= {param.name for param in scope.params}
                names |= {name for name, refs in scope.bindings.items() if refs[0][0] not in ("def", "import")}
            for name, assigned in scope.attributes.items():
                if any(ref[0] == "ann" for _, ref in assigned):
                    names.add(name)
                passing.append((name, tuple(str(ref[-1]) for _, ref in assigned if ref[0] in ("n", "."))))
            for name, refs in scope.bindings.items():
                if any(ref[0] == "ann" for ref in refs):
                    names.add(name)
                passing += [(name, (str(ref[-1]),)) for ref in refs if ref[0] in ("n", ".", "import") and ref[-1] != name]
    for _ in range(4):
        added = {name for name, sources in passing if name not in names and any(one in names for one in sources)}
        if not added:
            break
        names |= added
    return names
