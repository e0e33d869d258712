"""What all files say together: counted, so that one file can be taken out and put back in."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jarvis_bench.await_audit.syntax.builder import NAMELESS
from jarvis_bench.await_audit.syntax.model import Scope, Sink, Summary
from jarvis_bench.await_audit.well_known import LIBRARY_METHODS, WELL_KNOWN

NOT_COROUTINE = frozenset(
    {"asynccontextmanager", "property", "overload", "async_property", "cached_property", "setter"}
)
ASYNC_BY_NAME = frozenset(
    {"__aenter__", "__aexit__", "__anext__", "aclose", "asend", "athrow", "wait_closed"}
)

ASYNC_TWINS = frozenset({
    "ainvoke", "abatch", "agenerate", "apredict", "arun", "acall", "aget_relevant_documents", "aadd_documents",
    "aadd_texts", "asimilarity_search", "acreate", "afirst", "alast", "acount", "aexists", "asave", "adelete",
    "aupdate", "aget", "aget_or_create", "aupdate_or_create", "abulk_create", "arefresh_from_db", "aquery",
    "aretrieve", "acomplete", "achat", "aget_object_or_404", "aupdate_state", "aget_state",
})  # fmt: skip
"""Async twins of sync methods as LangChain, Django and their like name them."""

Rows = dict[int, tuple[tuple[int, ...], int]]


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

    def add(self, index: int, summary: Summary, sign: int = 1) -> None:
        """Put a file in (`sign` 1) or take it out (-1)."""
        self._count_sites(summary, sign)
        self._count_uses(summary, sign)
        for name in imports_of(summary):
            self.imports[name] = self.imports.get(name, 0) + sign
        for name in summary.twice_awaited:
            self.twice[name] = self.twice.get(name, 0) + sign
        self._sort_classes(index, summary, sign)
        for name, row in definitions_of(summary.scopes).items():
            rows = self.definitions.setdefault(name, {})
            if sign > 0:
                rows[index] = row
            else:
                rows.pop(index, None)

    def _count_sites(self, summary: Summary, sign: int) -> None:
        for key, row in summary.habits.items():
            counts = self.sites.get(key)
            if counts is None:
                self.sites[key] = [row[0], row[1], row[2]]
                continue
            for column in range(3):
                counts[column] += sign * row[column]

    def _count_uses(self, summary: Summary, sign: int) -> None:
        for name, sinks in summary.attribute_uses.items():
            counts = self.attribute_uses.setdefault(name, {})
            for sink in sinks:
                counts[sink] = counts.get(sink, 0) + sign
                if not counts[sink]:
                    del counts[sink]

    def _sort_classes(self, index: int, summary: Summary, sign: int) -> None:
        """Put the classes of a file under their bases, or take them away."""
        for name, scope in classes_of(summary):
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


def keys_of(summary: Summary) -> set[str]:
    """Under which keys of a snapshot a file counts: a letter for what is counted, and the name."""
    return {
        *(f"s{key}" for key in summary.habits),
        *(f"a{name}" for name in summary.attribute_uses),
        *(f"t{name}" for name in summary.twice_awaited),
        *(f"c{name}" for name, _ in classes_of(summary)),
        *(f"d{name}" for name in definitions_of(summary.scopes)),
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


def imports_of(summary: Summary) -> set[str]:
    """The top-level names of all absolute imports of a file."""
    return {
        ref[1].partition(".")[0]
        for scope in summary.scopes
        for rows in scope.bindings.values()
        for ref in rows
        if ref[0] == "import" and not ref[2]
    }


def classes_of(summary: Summary) -> list[tuple[str, int]]:
    """Every class of a file, once for each of its bases, under the last name of the base."""
    found = []
    for index, scope in enumerate(summary.scopes):
        for base in scope.bases:
            plain = base[1] if base[0] == "gen" else base
            found.append((str(plain[-1]), index))
    return found


def definitions_of(scopes: tuple[Scope, ...]) -> dict[str, tuple[tuple[int, ...], int]]:
    """The functions of a file by name, methods with a dot in front."""
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    for scope in scopes:
        if scope.kind == "function" and scope.name:
            in_class = scope.parent >= 0 and scopes[scope.parent].kind == "class"
            name = f".{scope.name}" if in_class else scope.name
            lines, others = found.get(name, ((), 0))
            if _is_coroutine_function(scope):
                found[name] = ((*lines, scope.line), others)
            elif not (scope.is_stub and _says_awaitable(scope)):
                found[name] = (lines, others + 1)
    return found


def _is_coroutine_function(scope: Scope) -> bool:
    if not scope.is_async or scope.is_generator:
        return False
    return not any(decorator[-1] in NOT_COROUTINE for decorator in scope.decorators)


def _says_awaitable(scope: Scope) -> bool:
    return any(word in str(scope.annotation) for word in ("Awaitable", "Coroutine", "Future"))


def async_names(summaries: Iterable[Summary], known: Iterable[str] = ()) -> set[str]:
    """Every name whose call may give a coroutine: async functions, what passes them on, aliases, awaited names."""
    names = {NAMELESS, "anext", *ASYNC_BY_NAME, *known, *(pair.partition(".")[2] for pair in WELL_KNOWN)}
    names.update(*LIBRARY_METHODS.values())
    passing: list[tuple[str, tuple[str, ...]]] = []
    for summary in summaries:
        names |= {key for key, row in summary.habits.items() if row[0] and "." not in key}
        names |= {name for name in summary.calls if name in ASYNC_TWINS or name.endswith("_async")}
        for scope in summary.scopes:
            names |= _declared_names(scope)
            passing += _passing_names(scope)
    for _ in range(4):
        added = {name for name, sources in passing if name not in names and not names.isdisjoint(sources)}
        if not added:
            break
        names |= added
    return names


def _declared_names(scope: Scope) -> set[str]:
    """What is async by itself, or bound to something that only evaluation can tell."""
    names = {name for name, rows in scope.attributes.items() for _, ref in rows if ref[0] == "ann"}
    if scope.kind != "function":
        names |= {name for name, refs in scope.bindings.items() for ref in refs if ref[0] == "ann"}
    else:
        names |= {param.name for param in scope.params}
        for name, refs in scope.bindings.items():
            if refs[0][0] not in ("def", "import") or any(ref[0] == "ann" for ref in refs):
                names.add(name)
        if scope.is_async or _says_awaitable(scope):
            names.add(scope.name)
    return names


def _passing_names(scope: Scope) -> list[tuple[str, tuple[str, ...]]]:
    """Names that may stand for another: sync functions for what they return, aliases, attributes."""
    found = [
        (name, tuple(str(ref[-1]) for _, ref in rows if ref[0] in ("n", ".")))
        for name, rows in scope.attributes.items()
    ]
    for name, refs in scope.bindings.items():
        found += [
            (name, (str(ref[-1]),)) for ref in refs if ref[0] in ("n", ".", "import") and ref[-1] != name
        ]
    if scope.kind == "function":
        found.append((scope.name, tuple(str(ref[1][-1]) for ref in scope.returns if ref[0] == "()")))
    return found
