"""What all files say together: counted, so that one file can be taken out and put back in."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jarvis_bench.await_audit.syntax.model import NAMELESS, Definition, Facts, Names, Sink
from jarvis_bench.await_audit.well_known import LIBRARY_METHODS, WELL_KNOWN

ASYNC_BY_NAME = frozenset(
    {"__aenter__", "__aexit__", "__anext__", "aclose", "asend", "athrow", "wait_closed"}
)

Rows = dict[int, Definition]


@dataclass(slots=True)
class Aggregate:
    """Sums over the files of a tree; a file is told by its index in `paths`.

    `sites`: per name, calls awaited, plain in async functions, plain in sync ones. `definitions`: per name and
    file, the lines of async definitions and the number of others. `attribute_uses`: per attribute and sink, the
    number of files. `subclasses`: per last name of a base, the classes. `names`: what may give a coroutine.
    `imports`: per top-level name that is imported, the number of files.
    """

    paths: list[str] = field(default_factory=list)
    sites: dict[str, list[int]] = field(default_factory=dict)
    definitions: dict[str, Rows] = field(default_factory=dict)
    attribute_uses: dict[str, dict[Sink, int]] = field(default_factory=dict)
    twice: dict[str, int] = field(default_factory=dict)
    subclasses: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    imports: dict[str, int] = field(default_factory=dict)

    def add(self, index: int, facts: Facts, sign: int = 1) -> None:
        """Put a file in (`sign` 1) or take it out (-1)."""
        self._count_sites(facts, sign)
        self._count_uses(facts, sign)
        for name in facts.imports:
            self.imports[name] = self.imports.get(name, 0) + sign
        for name in facts.twice_awaited:
            self.twice[name] = self.twice.get(name, 0) + sign
        self._sort_classes(index, facts, sign)
        for name, row in facts.definitions.items():
            rows = self.definitions.setdefault(name, {})
            if sign > 0:
                rows[index] = row
            else:
                rows.pop(index, None)

    def _count_sites(self, facts: Facts, sign: int) -> None:
        for key, row in facts.habits.items():
            counts = self.sites.get(key)
            if counts is None:
                self.sites[key] = [row[0], row[1], row[2]]
                continue
            for column in range(3):
                counts[column] += sign * row[column]

    def _count_uses(self, facts: Facts, sign: int) -> None:
        for name, sinks in facts.attribute_uses.items():
            counts = self.attribute_uses.setdefault(name, {})
            for sink in sinks:
                counts[sink] = counts.get(sink, 0) + sign
                if not counts[sink]:
                    del counts[sink]

    def _sort_classes(self, index: int, facts: Facts, sign: int) -> None:
        """Put the classes of a file under their bases, or take them away."""
        for name, scope in facts.classes:
            if sign > 0:
                insort(self.subclasses.setdefault(name, []), (index, scope))
            else:
                self.subclasses[name].remove((index, scope))

    def pack(self) -> tuple[Any, ...]:
        """As plain containers, for `marshal`."""
        return (
            self.paths,
            self.sites,
            self.definitions,
            self.attribute_uses,
            self.twice,
            self.subclasses,
            self.names,
            self.imports,
        )


def keys_of(facts: Facts) -> set[str]:
    """Under which keys of a snapshot a file counts: a letter for what is counted, and the name."""
    return {
        *(f"s{key}" for key in facts.habits),
        *(f"a{name}" for name in facts.attribute_uses),
        *(f"t{name}" for name in facts.twice_awaited),
        *(f"c{name}" for name, _ in facts.classes),
        *(f"d{name}" for name in facts.definitions),
    }


def snapshot(aggregate: Aggregate, keys: Iterable[str]) -> dict[str, object]:
    """The present state under the keys, to be compared later."""
    found: dict[str, object] = {}
    for key in keys:
        name = key[1:]
        if key[0] == "s":
            found[key] = tuple(aggregate.sites.get(name, (0, 0, 0)))
        elif key[0] == "d":
            found[key] = dict(aggregate.definitions.get(name, {}))
        elif key[0] == "c":
            found[key] = tuple(aggregate.subclasses.get(name, ()))
        elif key[0] == "t":
            found[key] = bool(aggregate.twice.get(name))
        else:
            found[key] = frozenset(aggregate.attribute_uses.get(name, ()))
    return found


def async_names(files: Iterable[Names], known: Iterable[str] = ()) -> set[str]:
    """Every name whose call may give a coroutine: what the files know of, what is known before, what passes it on."""
    names = {NAMELESS, "anext", *ASYNC_BY_NAME, *known, *(pair.partition(".")[2] for pair in WELL_KNOWN)}
    names.update(*LIBRARY_METHODS.values())
    passing: list[tuple[str, tuple[str, ...]]] = []
    for file in files:
        names.update(file.known)
        passing += file.passing
    for _ in range(4):
        added = {name for name, sources in passing if name not in names and not names.isdisjoint(sources)}
        if not added:
            break
        names |= added
    return names
