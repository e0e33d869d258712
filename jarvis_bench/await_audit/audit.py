"""The entry point: paths in, findings out."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.collection import Reading, read_all, read_content
from jarvis_bench.await_audit.discovery import SourceFile, project_root, source_files
from jarvis_bench.await_audit.library import library_modules
from jarvis_bench.await_audit.records import AuditOptions, AuditResult, FileProblem, Finding
from jarvis_bench.await_audit.repair.findings import findings_of
from jarvis_bench.await_audit.repair.source import open_source
from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion, analyse
from jarvis_bench.await_audit.resolve.tree import Module, module_parts
from jarvis_bench.await_audit.rules.registry import ALL_RULES
from jarvis_bench.await_audit.syntax.packing import unpack


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its content and what it gave."""

    file: SourceFile
    content: bytes
    reading: Reading


def audit(paths: Sequence[Path], options: AuditOptions | None = None) -> AuditResult:
    """Audit the files and folders `paths`; a path that does not exist is a `FileProblem`."""
    options = options or AuditOptions()
    problems = [FileProblem(path, "does not exist") for path in paths if not path.exists()]
    present = [path for path in paths if path.exists()]
    if not present:
        return AuditResult((), tuple(problems), 0)
    root = options.root or project_root(present)
    reads, unreadable = _read(source_files(root, present, options.exclude), options)
    problems += unreadable
    problems += [FileProblem(one.file.path, one.reading.reason) for one in reads if one.reading.reason and one.file.reported]
    good = [one for one in reads if not one.reading.reason]
    modules = [_module(one) for one in good]
    analysis = analyse([*modules, *library_modules()])
    findings = [
        finding
        for index, one in enumerate(good)
        if one.file.reported
        for finding in _findings(analysis, index, one, options)
    ]
    return AuditResult(
        tuple(sorted(findings, key=lambda one: (str(one.path), one.line, one.column))),
        tuple(sorted(problems, key=lambda one: str(one.path))),
        len(good),
        sum(one.file.reported for one in good),
        sum(module.summary.lines for module in modules),
        reported=tuple(one.file.path for one in good if one.file.reported),
    )


def _read(files: Sequence[SourceFile], options: AuditOptions) -> tuple[list[_Read], list[FileProblem]]:
    contents = [(file, read_content(file)) for file in files]
    problems = [FileProblem(file.path, content) for file, content in contents if isinstance(content, str) and file.reported]
    readable = [(file, content) for file, content in contents if isinstance(content, bytes)]
    readings = read_all([content for _, content in readable], options.jobs)
    return [_Read(*pair, reading) for pair, reading in zip(readable, readings, strict=True)], problems


def _module(one: _Read) -> Module:
    parts, is_package = module_parts(one.file.relative)
    return Module(one.file.relative, parts, is_package, unpack(marshal.loads(one.reading.packed)))


def _findings(analysis: Analysis, index: int, one: _Read, options: AuditOptions) -> Iterator[Finding]:
    found = suspicions(analysis, index, options.rules)
    if found:
        yield from findings_of(one.file.path, open_source(one.content), found)


def suspicions(analysis: Analysis, index: int, rules: Sequence[str]) -> list[Suspicion]:
    """What the wanted rules say of one module."""
    return [found for name, rule in ALL_RULES if name in rules for found in rule(analysis, index)]
