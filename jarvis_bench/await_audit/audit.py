"""The entry point: paths in, findings out."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jarvis_bench.await_audit.cache import Cache, CachedFile, cache_path, load_cache, save_cache
from jarvis_bench.await_audit.collection import digest_of, read_all
from jarvis_bench.await_audit.discovery import SourceFile, project_root, source_files
from jarvis_bench.await_audit.installed import search_path
from jarvis_bench.await_audit.memory_pause import without_collection
from jarvis_bench.await_audit.records import AuditOptions, AuditResult, FileProblem
from jarvis_bench.await_audit.tree_state import judge_tree


def audit(paths: Sequence[Path], options: AuditOptions | None = None) -> AuditResult:
    """Audit the files and folders `paths`; a path that does not exist is a `FileProblem`.

    Everything under the root is read for definitions and habits; findings and problems are given for what lies
    under `paths`.
    """
    with without_collection():
        return _audit(paths, options or AuditOptions())


def _audit(paths: Sequence[Path], options: AuditOptions) -> AuditResult:
    problems = [
        FileProblem(path, "a link that leads nowhere" if path.is_symlink() else "does not exist")
        for path in paths
        if not path.exists()
    ]
    present = [path for path in paths if path.exists()]
    if not present:
        return AuditResult((), tuple(problems), 0)
    root = options.root or project_root(present)
    sources = {
        file.relative: file
        for file in source_files(root, present, options.exclude, chosen=options.root is not None)
    }
    folders = search_path(options.python) if options.python is not None else ()
    kept = cache_path(options.cache_dir, root, folders) if options.cache_dir is not None else None
    old = load_cache(kept) if kept is not None else Cache()
    files, unreadable = _files(sources, old, options.jobs)
    from_cache = sum(one.digest == old.files[name].digest for name, one in files.items() if name in old.files)
    problems += [
        FileProblem(sources[name].path, reason) for name, reason in unreadable if sources[name].reported
    ]
    problems += [
        FileProblem(sources[name].path, one.reason)
        for name, one in files.items()
        if one.reason and sources[name].reported
    ]
    wanted = {name for name in files if sources[name].reported}
    state = judge_tree(
        {name: one for name, one in files.items() if not one.reason}, old, wanted, folders, options.jobs
    )
    reported = [sources[name] for name in state.files if sources[name].reported]
    state = state.with_findings(reported)
    if kept is not None and state.is_new:
        bad = {name: one for name, one in files.items() if one.reason}
        save_cache(kept, Cache({**bad, **state.files}, state.aggregate))
    findings = [one for file in reported for one in state.findings(file) if one.rule in options.rules]
    return AuditResult(
        tuple(sorted(findings, key=lambda one: (str(one.path), one.line, one.column))),
        tuple(sorted(problems, key=lambda one: str(one.path))),
        len(state.files),
        len(reported),
        sum(one.lines for one in state.files.values()),
        from_cache,
        tuple(file.path for file in reported),
    )


def _files(
    sources: dict[str, SourceFile], old: Cache, jobs: int
) -> tuple[dict[str, CachedFile], list[tuple[str, str]]]:
    """Every readable file, from the cache where it has not changed, and those that cannot be read."""
    found: dict[str, CachedFile] = {}
    contents: dict[str, bytes] = {}
    stamps: dict[str, tuple[int, int]] = {}
    unreadable: list[tuple[str, str]] = []
    for name, file in sources.items():
        try:
            status = file.path.stat()
            if not stat.S_ISREG(status.st_mode):
                unreadable.append((name, "is no regular file"))  # reading a pipe would wait for ever
                continue
            stamps[name] = status.st_size, status.st_mtime_ns
            known = old.files.get(name)
            if known is not None and (known.size, known.mtime_ns) == stamps[name]:
                found[name] = known
            else:
                contents[name] = file.path.read_bytes()
        except OSError as error:
            unreadable.append((name, f"cannot be read: {error.strerror or type(error).__name__}"))
    _take_by_content(found, contents, old, stamps)
    readings = read_all(list(contents.values()), jobs)
    for (name, content), reading in zip(contents.items(), readings, strict=True):
        lines = content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))
        found[name] = CachedFile(
            *stamps[name],
            reading.digest,
            reading.reason,
            lines,
            reading.packed,
            reading.facts,
            reading.called,
        )
    return {name: found[name] for name in sources if name in found}, unreadable


def _take_by_content(
    found: dict[str, CachedFile], contents: dict[str, bytes], old: Cache, stamps: dict[str, tuple[int, int]]
) -> None:
    """A file whose time has changed but whose content has not needs no second reading."""
    for name in list(contents):
        known = old.files.get(name)
        if known is not None and known.digest == digest_of(contents[name]):
            size, mtime_ns = stamps[name]
            found[name] = replace(known, size=size, mtime_ns=mtime_ns)
            del contents[name]
