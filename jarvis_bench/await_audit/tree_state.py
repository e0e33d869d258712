"""The verdicts on a whole tree: taken from the cache, brought up to date for what has changed, or made anew."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial

from jarvis_bench.await_audit.cache import Cache, CachedFile
from jarvis_bench.await_audit.library import library_modules
from jarvis_bench.await_audit.records import RULES
from jarvis_bench.await_audit.resolve.aggregate import Aggregate, async_names, classes_of, snapshot
from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion, aggregated, analyse
from jarvis_bench.await_audit.resolve.tree import Module, module_parts
from jarvis_bench.await_audit.rules.registry import ALL_RULES
from jarvis_bench.await_audit.syntax.model import Summary
from jarvis_bench.await_audit.syntax.packing import unpack

Files = dict[str, CachedFile]
MOST_CHANGED = 20


@dataclass(frozen=True, slots=True)
class TreeState:
    """All good files of a tree in order, with their verdicts, and whether anything differs from the cache."""

    files: Files
    aggregate: memoryview | bytes
    is_new: bool

    def suspicions(self, name: str) -> list[Suspicion]:
        """The verdicts on one file."""
        return [Suspicion(*row) for row in self.files[name].suspicions]


def judge_tree(files: Files, old: Cache) -> TreeState:
    """Bring the verdicts of `files` (good ones only, sorted by name) up to date."""
    before = {name: one for name, one in old.files.items() if not one.reason}
    if list(before) == list(files) and old.aggregate:
        changed = [name for name in files if files[name].digest != before[name].digest]
        if not changed:
            same = all(files[name].mtime_ns == before[name].mtime_ns for name in files)
            return TreeState(files, old.aggregate, is_new=not same)
        updated = _update(files, before, changed, old) if len(changed) <= MOST_CHANGED else None
        if updated is not None:
            return updated
    return _judge_all(files)


def _modules(files: Files) -> list[Module]:
    modules = []
    for name, one in files.items():
        parts, is_package = module_parts(name)
        modules.append(Module(name, parts, is_package, partial(_load, one.packed)))
    return [*modules, *library_modules()]


def _load(packed: memoryview | bytes) -> Summary:
    return unpack(marshal.loads(packed))


def _judge_all(files: Files) -> TreeState:
    modules = _modules(files)
    aggregate = aggregated(modules)
    analysis = analyse(modules, aggregate)
    judged = {name: _judged(analysis, index, one) for index, (name, one) in enumerate(files.items())}
    return TreeState(judged, marshal.dumps(aggregate.pack()), is_new=True)


def _judged(analysis: Analysis, index: int, one: CachedFile) -> CachedFile:
    """The file with its verdicts and what they rest on."""
    analysis.tree.touched, analysis.habits.consulted = set(), set()
    found = [
        astuple(suspicion) for name, rule in ALL_RULES if name in RULES for suspicion in rule(analysis, index)
    ]
    touched, consulted = analysis.tree.touched, analysis.habits.consulted
    return replace(one, suspicions=tuple(found), deps=tuple(touched), keys=frozenset(consulted))


def _update(files: Files, before: Files, changed: Sequence[str], old: Cache) -> TreeState | None:
    """Judge again what a change can reach; None when it may reach anything."""
    modules = _modules(files)
    aggregate = Aggregate(*marshal.loads(old.aggregate))
    order = {name: index for index, name in enumerate(files)}
    files = dict(files)
    touched: set[str] = set()
    seen: dict[str, object] = {}
    reached = {order[name] for name in changed}
    for name in changed:
        index = order[name]
        was, now = _load(before[name].packed), modules[index].summary
        if classes_of(was) != classes_of(now) or was.twice_awaited != now.twice_awaited:
            return None
        keys = _keys(was) | _keys(now)
        seen |= {key: value for key, value in snapshot(aggregate, keys).items() if key not in seen}
        aggregate.add(index, was, -1)
        touched |= aggregate.add(index, now) | keys
        if files[name].interface != before[name].interface:
            reached |= {other for other, one in enumerate(before.values()) if index in one.deps}
    added = async_names([modules[order[name]].summary for name in changed], aggregate.names) - aggregate.names
    aggregate.names |= added
    differing = {key for key, value in snapshot(aggregate, seen).items() if value != seen[key]}
    reached |= _reached(before.values(), differing, added)
    analysis = analyse(modules, aggregate)
    names = list(files)
    for index in reached:
        files[names[index]] = _judged(analysis, index, files[names[index]])
    return TreeState(files, marshal.dumps(aggregate.pack()), is_new=True)


def _keys(summary: Summary) -> set[str]:
    return Aggregate().add(0, summary)


def _reached(before: Iterable[CachedFile], differing: set[str], added: set[str]) -> set[int]:
    called = [f"\0{name}\0".encode() for name in added]
    return {
        index
        for index, one in enumerate(before)
        if not differing.isdisjoint(one.keys) or any(name in one.called for name in called)
    }
