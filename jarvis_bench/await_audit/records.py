"""What the auditor takes and gives, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Grade = Literal["certain", "likely"]

RULES = ("missing-await", "missing-method", "racy-async-singleton", "hidden-coroutine")
"""The names of all rules, in the order of their documentation."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One insertion: `text` (ASCII) goes in front of the byte `offset_bytes` of the file as it is on disk."""

    offset_bytes: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What would cure a finding: insertions, or the reason why none is made.

    `description` says in one line what is or must be done. `refused` is None exactly when `edits` can be
    applied; `grade` says whether `apply_fixes` takes it by itself or only with `likely=True`.
    """

    description: str
    grade: Grade = "likely"
    edits: tuple[Edit, ...] = ()
    refused: str | None = None

    @property
    def applicable(self) -> bool:
        """Whether there is something to insert."""
        return self.refused is None and bool(self.edits)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, where it belongs.

    Lines and columns count from 1, columns in characters; `end_column` is the column after the last character.
    `path` is as found from the given path. `function` is the qualified name of the enclosing function, empty
    at module level; `source` is the text of line `line`, without its end of line. `message` says what is wrong,
    `evidence` in one line how it is known.
    """

    path: Path
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    grade: Grade
    message: str
    evidence: str
    fix: Fix
    function: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file that could not be audited, and why, in one line."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """How to audit.

    `root` is the folder whose Python files are read for definitions and habits, whatever `paths` are reported;
    None: the common project folder of the paths (the nearest with `.git` or `pyproject.toml`, else the paths).
    `rules`: report only these. `exclude`: glob patterns against the path relative to the root. `python`: an
    interpreter whose installed packages are read for library coroutines; None: none are read, the built-in table
    of the standard library is used alone. `cache_dir`: None keeps no cache. `jobs`: processes, 0 = one per core.
    """

    root: Path | None = None
    rules: tuple[str, ...] = RULES
    exclude: tuple[str, ...] = ()
    python: Path | None = None
    cache_dir: Path | None = None
    jobs: int = 0


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything one audit found; `findings` and `problems` are sorted by path, line and column.

    `files_read` counts the files that were read for definitions, `lines_read` their lines, `files_reported`
    those that findings could be reported for (`reported` names them), `files_from_cache` those whose summary was taken
    from the cache.
    """

    findings: tuple[Finding, ...]
    problems: tuple[FileProblem, ...]
    files_read: int
    files_reported: int = 0
    lines_read: int = 0
    files_from_cache: int = 0
    reported: tuple[Path, ...] = ()
