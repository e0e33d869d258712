"""The verdicts on a whole tree: taken from the cache, brought up to date for what has changed, or made anew."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from jarvis_bench.await_audit.cache import Cache, CachedFile
from jarvis_bench.await_audit.discovery import SourceFile
from jarvis_bench.await_audit.installed import installed_modules
from jarvis_bench.await_audit.library import library_modules
from jarvis_bench.await_audit.records import RULES, Finding
from jarvis_bench.await_audit.repair.findings import findings_of, pack_finding, unpack_finding
from jarvis_bench.await_audit.repair.source import open_source
from jarvis_bench.await_audit.resolve.aggregate import (
    Aggregate,
    async_names,
    keys_of,
    snapshot,
)
from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion, analyse
from jarvis_bench.await_audit.resolve.tree import Module, module_parts
from jarvis_bench.await_audit.rules.registry import ALL_RULES
from jarvis_bench.await_audit.shares import done_in_shares
from jarvis_bench.await_audit.syntax.facts import names_of
from jarvis_bench.await_audit.syntax.packing import Packed, unpack, unpack_facts, visible

Files = dict[str, CachedFile]
Verdict = tuple[tuple[tuple[Any, ...], ...], tuple[int, ...], frozenset[str]]
MOST_CHANGED = 20


@dataclass(frozen=True, slots=True)
class TreeState:
    """All good files of a tree in order, with their verdicts, and whether anything differs from the cache."""

    files: Files
    aggregate: Packed
    is_new: bool

    def findings(self, file: SourceFile) -> tuple[Finding, ...]:
        """The findings of one file, with their fixes."""
        return tuple(unpack_finding(file.path, row) for row in self.files[file.relative].findings or ())

    def with_findings(self, reported: Iterable[SourceFile]) -> TreeState:
        """Read the reported files that have verdicts, and work out their findings where they are not known."""
        files = dict(self.files)
        for file in reported:
            one = files[file.relative]
            if one.findings is None:
                files[file.relative] = replace(one, findings=_findings(file, one))
        changed = any(files[name] is not one for name, one in self.files.items())
        return replace(self, files=files, is_new=self.is_new or changed)


def _findings(file: SourceFile, one: CachedFile) -> tuple[tuple[Any, ...], ...]:
    if not one.suspicions:
        return ()
    source = open_source(file.path.read_bytes())
    return tuple(
        map(pack_finding, findings_of(file.path, source, (Suspicion(*row) for row in one.suspicions)))
    )


def judge_tree(
    files: Files, old: Cache, wanted: Collection[str], folders: tuple[Path, ...] = (), jobs: int = 1
) -> TreeState:
    """Bring the verdicts of the `wanted` among `files` (good ones only, sorted by name) up to date.

    `folders` are where installed packages lie; `jobs` processes judge a whole tree, 0 = one per core.
    What is not wanted is left unjudged where its verdicts may have changed.
    """
    before = {name: one for name, one in old.files.items() if not one.reason}
    if list(before) == list(files) and old.aggregate:
        changed = [name for name in files if files[name].digest != before[name].digest]
        if not changed and all(files[name].suspicions is not None for name in wanted if name in files):
            same = all(files[name].mtime_ns == before[name].mtime_ns for name in files)
            return TreeState(files, old.aggregate, is_new=not same)
        updated = (
            _update(files, before, changed, old, wanted, folders) if len(changed) <= MOST_CHANGED else None
        )
        if updated is not None:
            return updated
    return _judge_all(files, wanted, folders, jobs)


def _modules(files: Files) -> list[Module]:
    modules = []
    for name, one in files.items():
        parts, is_package = module_parts(name)
        modules.append(Module(name, parts, is_package, partial(unpack, one.packed)))
    return modules


def _libraries(
    aggregate: Aggregate, folders: tuple[Path, ...]
) -> tuple[tuple[Module, ...], tuple[Module, ...]]:
    """The stubs, and the installed packages, which replace the stubs of the same name."""
    imported = _imported(aggregate)
    own = {module_parts(path)[0][:1] for path in aggregate.paths}
    installed = (
        installed_modules(folders, imported - {name for parts in own for name in parts}) if folders else ()
    )
    there = {module.parts[0] for module in installed}
    return library_modules(imported - there), installed


def _judge_all(files: Files, wanted: Collection[str], folders: tuple[Path, ...], jobs: int) -> TreeState:
    aggregate, names = Aggregate(list(files)), []
    for index, one in enumerate(files.values()):
        facts = unpack_facts(one.facts)
        aggregate.add(index, facts)
        names.append(facts.names)
    stubs, installed = _libraries(aggregate, folders)
    aggregate.names = async_names([*names, *(names_of(stub.summary.scopes) for stub in stubs)])
    modules = [*_modules(files), *stubs, *installed]
    judged = _judge(
        {name: _unjudged(one) for name, one in files.items()}, wanted, analyse(modules, aggregate), jobs
    )
    return TreeState(judged, marshal.dumps(aggregate.pack()), is_new=True)


def _unjudged(one: CachedFile) -> CachedFile:
    return replace(one, suspicions=None, deps=(), keys=frozenset(), findings=None)


def _judge(files: Files, wanted: Collection[str], analysis: Analysis, jobs: int) -> Files:
    """The files, with verdicts on those that are wanted and have none; the analysis is used up."""
    order = {name: index for index, name in enumerate(files)}
    left = [index for name, index in order.items() if name in wanted and files[name].suspicions is None]
    verdicts = done_in_shares(left, partial(_verdict, analysis), jobs)
    judged = {
        name: _judged(one, verdicts[order[name]]) if order[name] in verdicts else one
        for name, one in files.items()
    }
    analysis.forget()
    return judged


def _verdict(analysis: Analysis, index: int) -> Verdict:
    """The suspicions in one file, and the files and keys that they rest on."""
    tree = analysis.tree
    tree.touched, tree.consulted = set(), set()
    found = [
        astuple(suspicion) for name, rule in ALL_RULES if name in RULES for suspicion in rule(analysis, index)
    ]
    return tuple(found), tuple(tree.touched), frozenset(tree.consulted)


def _judged(one: CachedFile, verdict: Verdict) -> CachedFile:
    suspicions, deps, keys = verdict
    return replace(one, suspicions=suspicions, deps=deps, keys=keys, findings=None)


def _update(
    files: Files,
    before: Files,
    changed: Sequence[str],
    old: Cache,
    wanted: Collection[str],
    folders: tuple[Path, ...],
) -> TreeState | None:
    """Judge again what a change can reach; None when it may reach anything."""
    modules = _modules(files)
    aggregate = Aggregate(*marshal.loads(old.aggregate))
    imported = _imported(aggregate)
    order = {name: index for index, name in enumerate(files)}
    seen: dict[str, object] = {}
    fresh = {order[name] for name in changed}
    reached = set(fresh)
    for name in changed:
        index = order[name]
        was, now = unpack_facts(before[name].facts), unpack_facts(files[name].facts)
        keys = keys_of(was) | keys_of(now)
        seen |= {key: value for key, value in snapshot(aggregate, keys).items() if key not in seen}
        aggregate.add(index, was, -1)
        aggregate.add(index, now)
        if visible(unpack(before[name].packed)) != visible(modules[index].summary):
            reached |= {other for other, one in enumerate(before.values()) if index in one.deps}
    if _imported(aggregate) != imported:
        return None
    differing = {key for key, value in snapshot(aggregate, seen).items() if value != seen[key]}
    reached |= _keyed(before.values(), differing) | _add_names(aggregate, files, before, fresh)
    for more in _libraries(aggregate, folders):
        modules += more
    left = {name: _unjudged(one) if order[name] in reached else one for name, one in files.items()}
    return TreeState(
        _judge(left, wanted, analyse(modules, aggregate), 1), marshal.dumps(aggregate.pack()), is_new=True
    )


def _imported(aggregate: Aggregate) -> frozenset[str]:
    return frozenset(name for name, count in aggregate.imports.items() if count)


def _keyed(before: Iterable[CachedFile], differing: set[str]) -> set[int]:
    """The files whose verdicts rest on any of the keys."""
    return {index for index, one in enumerate(before) if not differing.isdisjoint(one.keys)}


def _add_names(
    aggregate: Aggregate,
    files: Files,
    before: Files,
    fresh: set[int],
) -> set[int]:
    """Take in the async names of fresh files, and of those that pass these on; gives all files that call one."""
    reached: set[int] = set()
    present = list(files.values())
    while fresh:
        names = [unpack_facts(present[index].facts).names for index in sorted(fresh)]
        added = async_names(names, aggregate.names) - aggregate.names
        aggregate.names |= added
        called = [f"\0{name}\0".encode() for name in added]
        fresh = {
            index
            for index, one in enumerate(before.values())
            if index not in reached and any(name in one.called for name in called)
        }
        reached |= fresh
    return reached
