"""The findings an old tree already has, kept in a file, so that only new ones are told.

An entry names a finding by file, rule, function and source line, never by line number: code may move within its
file. Where the line itself was rewritten, an entry still takes a finding with the same message in the same
function. Each entry takes as many findings as it counts, so one more of the same kind is new.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.await_audit.failures import AuditUsageError
from jarvis_bench.await_audit.records import Finding

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One kind of finding at one place; `path` is relative to the folder of the baseline, with forward slashes."""

    path: str
    rule: str
    function: str
    source: str
    message: str


def write_baseline(path: Path, findings: Sequence[Finding]) -> None:
    """Keep these findings as known; the file is sorted, so that it makes small differences in version control.

    Raises:
        AuditUsageError: the file cannot be written.
    """
    counted = Counter(_entry(finding, path.parent) for finding in findings)
    entries = [
        {
            "path": entry.path,
            "rule": entry.rule,
            "function": entry.function,
            "source": entry.source,
            "message": entry.message,
            "count": count,
        }
        for entry, count in sorted(counted.items())
    ]
    content = json.dumps({"schema_version": SCHEMA_VERSION, "findings": entries}, indent=1) + "\n"
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as exc:
        raise AuditUsageError(f"cannot write the baseline {path}: {exc.strerror}") from exc


def read_baseline(path: Path) -> Counter[Entry]:
    """The known findings with their counts.

    Raises:
        AuditUsageError: there is no such file, or it is no baseline.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise AuditUsageError(
            f"cannot read the baseline {path}: {exc.strerror}; --write-baseline {path} makes one"
        ) from exc
    except ValueError as exc:
        raise AuditUsageError(f"{path} is no baseline: {exc}; --write-baseline makes it anew") from exc
    try:
        if content["schema_version"] != SCHEMA_VERSION:
            raise AuditUsageError(
                f"{path} is a baseline of schema {content['schema_version']}, this program reads {SCHEMA_VERSION}; "
                "--write-baseline makes it anew"
            )
        entries: Counter[Entry] = Counter()
        for one in content["findings"]:
            names = ("path", "rule", "function", "source", "message")
            entries[Entry(*(str(one[name]) for name in names))] += int(one["count"])
    except (KeyError, TypeError, ValueError) as exc:
        raise AuditUsageError(f"{path} is no baseline: {exc!r}; --write-baseline makes it anew") from exc
    return entries


def split_known(
    findings: Sequence[Finding], known: Counter[Entry], folder: Path
) -> tuple[list[Finding], list[Finding], int]:
    """The new findings, the known ones, and how many known ones occur no longer.

    Args:
        folder: the folder of the baseline.
    """
    left = Counter(known)
    entries = [_entry(finding, folder) for finding in findings]
    taken = [_take(left, entry) for entry in entries]
    loose = Counter(_loose(entry) for entry in left.elements())
    for number, entry in enumerate(entries):
        if not taken[number] and loose[_loose(entry)]:
            loose[_loose(entry)] -= 1
            taken[number] = True
    new = [finding for finding, is_known in zip(findings, taken, strict=True) if not is_known]
    old = [finding for finding, is_known in zip(findings, taken, strict=True) if is_known]
    return new, old, loose.total()


def _take(left: Counter[Entry], entry: Entry) -> bool:
    if not left[entry]:
        return False
    left[entry] -= 1
    return True


def _loose(entry: Entry) -> tuple[str, ...]:
    return entry.path, entry.rule, entry.function, entry.message


def _entry(finding: Finding, folder: Path) -> Entry:
    path = Path(os.path.relpath(finding.path, folder)).as_posix()
    return Entry(path, finding.rule, finding.function, " ".join(finding.source.split()), finding.message)
