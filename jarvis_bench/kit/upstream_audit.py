"""The document's own audit, done over: what a given tree of JARVIS holds."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit import AuditOptions, audit
from jarvis_bench.errors import UsageError

FACTORIES = ("get_session_manager", "get_port_manager", "get_proxy_manager", "get_connection_manager")
SHOWN = 20
# Places that the document names in the tree after its fix, and what it says stands there.
NAMED_LINES = (
    ("start_system.py", 15356, "from enum import Enum"),
    ("start_system.py", 16016, "async def get_docker_daemon_manager("),
    ("start_system.py", 17130, "v10.6: CRITICAL FIX"),
    ("start_system.py", 17131, "docker_manager = await get_docker_daemon_manager()"),
    (
        "backend/core/voice_authentication_layer.py",
        246,
        "self._vbia_adapter = await get_tiered_vbia_adapter()",
    ),
)


@dataclass(frozen=True, slots=True)
class Factory:
    """One of the factories that the document calls synchronous, and where the tree defines it, as `path:line`."""

    name: str
    sync: tuple[str, ...]
    asynchronous: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedLine:
    """One place, as `path:line`, that the document names, and whether what it says stands there (if it was `read`)."""

    place: str
    text: str
    read: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class UpstreamAudit:
    """Findings over a whole tree, counted as `rule (grade)`; `missing` names the first missing awaits by place."""

    files: int
    lines: int
    not_audited: int
    counts: dict[str, int]
    missing: tuple[str, ...]
    factories: tuple[Factory, ...]
    named_lines: tuple[NamedLine, ...] = ()


def audit_upstream(tree: Path) -> UpstreamAudit:
    """Audit a checkout of JARVIS.

    Raises:
        UsageError: there is no such folder, or nothing in it could be read.
    """
    if not tree.is_dir():
        raise UsageError(
            f"no folder {tree}: --set jarvis=PATH names a checkout of JARVIS, from the root (/…)"
        )
    result = audit([tree], AuditOptions(root=tree))
    if not result.files_reported:
        raise UsageError(
            f"no Python file in {tree} could be read: --set jarvis=PATH names a checkout of JARVIS"
        )
    missing = [finding for finding in result.findings if finding.rule == "missing-await"]
    missing.sort(key=lambda finding: finding.grade)  # certain first
    return UpstreamAudit(
        files=result.files_reported,
        lines=result.lines_read,
        not_audited=len(result.problems),
        counts=dict(Counter(f"{one.rule} ({one.grade})" for one in result.findings)),
        missing=tuple(
            f"{one.path.relative_to(tree)}:{one.line} ({one.grade}) {one.source.strip()}"
            for one in missing[:SHOWN]
        ),
        factories=find_factories(tree),
        named_lines=tuple(read_named_line(tree, *named) for named in NAMED_LINES),
    )


def read_named_line(tree: Path, path: str, line: int, text: str) -> NamedLine:
    """Whether a line of the tree holds a text; a file that is not there, or ends before it, was not read."""
    try:
        lines = (tree / path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    read = len(lines) >= line
    return NamedLine(f"{path}:{line}", text, read, read and text in lines[line - 1])


def find_factories(tree: Path) -> tuple[Factory, ...]:
    """Where a tree defines the factories, by colour."""
    sync: dict[str, list[str]] = {name: [] for name in FACTORIES}
    asynchronous: dict[str, list[str]] = {name: [] for name in FACTORIES}
    for path in sorted(tree.rglob("*.py")):
        for node in _definitions(path):
            found = asynchronous if isinstance(node, ast.AsyncFunctionDef) else sync
            found[node.name].append(f"{path.relative_to(tree)}:{node.lineno}")
    return tuple(Factory(name, tuple(sync[name]), tuple(asynchronous[name])) for name in FACTORIES)


def _definitions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    try:
        content = path.read_bytes()
        if not any(name.encode() in content for name in FACTORIES):
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the tree's own literals
            nodes = list(ast.walk(ast.parse(content)))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []  # counted by the audit
    return [
        node
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in FACTORIES
    ]
