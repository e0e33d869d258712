"""How a project uses its names: defined only as async? awaited nearly everywhere?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.resolve.aggregate import Aggregate
from jarvis_bench.await_audit.resolve.tree import Tree
from jarvis_bench.await_audit.syntax.model import Sink

BUILTIN = frozenset(
    name
    for kind in (str, bytes, list, dict, set, tuple, int, float, type(iter([])), object, BaseException)
    for name in dir(kind)
)
OF_PATHS = frozenset(name for name in dir(Path) if not name.startswith("_"))
ORDINARY = BUILTIN | OF_PATHS | frozenset({
    "put", "put_nowait", "get_nowait", "task_done", "read", "write", "close", "open", "flush",
    "readline", "readlines", "send", "recv", "connect", "start", "stop", "run", "cancel", "result",
    "done", "set", "is_set", "wait", "acquire", "release", "locked", "submit", "shutdown", "info",
    "debug", "warning", "error", "exception", "log", "call", "next", "match", "search", "group", "load",
    "loads", "dump", "dumps", "parse", "exists", "mkdir", "unlink", "appendleft", "push", "time",
    "sleep", "now", "patch", "seek", "tell", "stat", "truncate", "accept", "fileno", "signal", "rename",
    "remove", "register", "emit", "name", "type", "id", "value", "data", "main", "test", "handle",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definitions:
    """Where a name is defined, as which colour: `(path, line)` of the async ones, the number of the others."""

    asynchronous: list[tuple[str, int]]
    synchronous: int


@dataclass(slots=True)
class Habits:
    """The definitions and call sites of all names of a tree; the tree notes what was asked for."""

    aggregate: Aggregate
    tree: Tree

    def definitions(
        self, name: str, chosen: Callable[[str], object] = lambda path: True
    ) -> Definitions | None:
        """The definitions of a method (`.name`) or function (`name`) in the whole tree, or in the chosen paths."""
        self.tree.consulted.add(f"d{name}")
        paths = self.aggregate.paths
        rows = self.aggregate.definitions.get(name, {})
        rows = {index: row for index, row in rows.items() if chosen(paths[index])}
        if not rows:
            return None
        found = [(paths[index], line) for index in sorted(rows) for line in rows[index][0]]
        return Definitions(found, sum(row[1] for row in rows.values()))

    def modules_defining(self, name: str) -> list[int]:
        """The modules that define a method (`.name`) or function (`name`)."""
        self.tree.consulted.add(f"d{name}")
        return sorted(self.aggregate.definitions.get(name, {}))

    def of(self, key: str) -> tuple[int, int]:
        """How many calls in async functions are awaited, and how many are not."""
        self.tree.consulted.add(f"s{key}")
        row = self.aggregate.sites.get(key)
        return (row[0], row[1]) if row else (0, 0)

    def plain_in_sync(self, key: str) -> int:
        """How many calls in sync functions are left plain."""
        self.tree.consulted.add(f"s{key}")
        row = self.aggregate.sites.get(key)
        return row[2] if row else 0

    def attribute_uses(self, name: str) -> Iterable[Sink]:
        """Where the values of all attributes of this name go."""
        self.tree.consulted.add(f"a{name}")
        return self.aggregate.attribute_uses.get(name, ())

    def is_awaited_twice(self, name: str) -> bool:
        """Whether anything awaits what awaiting a function of this name gives."""
        self.tree.consulted.add(f"t{name}")
        return bool(self.aggregate.twice.get(name))
