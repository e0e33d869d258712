"""The bug in its smallest form, its two relatives, and the size of the fix; all run, none told."""

from __future__ import annotations

import gc
import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.records import Reproduction
from jarvis_bench.reproduction.reproduce import EXHIBITS, STARTUP
from jarvis_bench.reproduction.warning_log import recorded_warnings

EXHIBIT_PACKAGE = "jarvis_bench.startup"


@dataclass(frozen=True, slots=True)
class UnawaitedCall:
    """What one call of the async factory gives, without and with `await`, by type name."""

    without_await: str
    with_await: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SilentAdapter:
    """The adapter that was kept without `await`: what is kept, what the layer believes, what works."""

    kept_type: str
    believes_ready: bool
    verified: bool
    error: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelatedFaults:
    """All three; `missing_import_error` is what importing the module without its `Enum` import raises."""

    call: UnawaitedCall
    adapter: SilentAdapter
    missing_import_error: str | None


@dataclass(frozen=True, slots=True)
class MissingAwait:
    """What notebook 01 shows: the bug in a real start-up, and its relatives."""

    reproduction: Reproduction
    related: RelatedFaults


@dataclass(frozen=True, slots=True)
class FixSize:
    """The words by which v10.6 differs from v10.5, and which of the two compile."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    compiles: tuple[str, ...]


async def related_faults() -> RelatedFaults:
    """Run the three small exhibits in this process."""
    return RelatedFaults(await _unawaited_call(), await _silent_adapter(), _missing_import_error())


async def _unawaited_call() -> UnawaitedCall:
    with recorded_warnings() as warnings:
        module = _fresh("v10_5")
        without_await = type(module.get_docker_daemon_manager()).__name__
        gc.collect()
        with_await = type(await module.get_docker_daemon_manager()).__name__
    return UnawaitedCall(without_await, with_await, tuple(warnings))


async def _silent_adapter() -> SilentAdapter:
    error = None
    with recorded_warnings() as warnings:
        layer = _fresh("silent_adapter").VoiceAuthenticationLayer()
        verified = False
        try:
            await layer.initialize()
            verified = (await layer.authenticate([0.0] * 192))["verified"]
        except Exception as exc:
            error = f"{type(exc).__name__}: {exc}"
        kept, believes = type(layer._adapter).__name__, layer.is_ready()
        del layer
        gc.collect()
    return SilentAdapter(kept, believes, verified, error, tuple(warnings))


def _missing_import_error() -> str | None:
    try:
        _fresh("missing_enum_import")
    except NameError as exc:
        return f"{type(exc).__name__}: {exc}"
    return None


def _fresh(name: str) -> Any:
    sys.modules.pop(f"{EXHIBIT_PACKAGE}.{name}", None)
    return importlib.import_module(f"{EXHIBIT_PACKAGE}.{name}")


def fix_size(before: Path = EXHIBITS["v10.5"], after: Path = EXHIBITS["v10.6"]) -> FixSize:
    """Compare two versions word by word, and compile both."""
    added, removed = _different_words(_words(before), _words(after))
    compiles = tuple(version for version, path in EXHIBITS.items() if _compiles(path))
    return FixSize(added, removed, compiles)


def _different_words(before: list[str], after: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from difflib import SequenceMatcher

    added: list[str] = []
    removed: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += before[a:b]
            added += after[c:d]
    return tuple(added), tuple(removed)


def _words(path: Path) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", path.read_text(encoding="utf-8"))


def _compiles(path: Path) -> bool:
    """What `python -m py_compile` does, without writing a file."""
    try:
        compile(path.read_bytes(), str(path), "exec")
    except SyntaxError:
        return False
    return True


def exhibit_lines(version: str, first: str, count: int) -> str:
    """`count` lines of a version's source from the first line that contains `first`, numbered."""
    path = EXHIBITS.get(version, STARTUP / f"{version}.py")
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if first in line)
    return "\n".join(
        f"{number + 1:4} {lines[number]}" for number in range(start, min(start + count, len(lines)))
    )
