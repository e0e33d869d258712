"""A run's folder: `reports/RUN/` with run.json, environment.json, tables, notebooks and pages.

Every file is written beside its place and moved there, so that none is ever half-written.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.errors import OutputError
from jarvis_bench.records import Json

if TYPE_CHECKING:
    import pandas as pd

NEEDED_BYTES = 200_000_000
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where one run keeps its results.

    Raises, from every method that writes:
        OutputError: the folder cannot be written, or the disk is full.
    """

    path: Path

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file, all or nothing."""
        return self._write(name, lambda work: work.write_text(text, encoding="utf-8"))

    def write_json(self, name: str, value: Json) -> Path:
        """Write a JSON file, all or nothing."""
        return self.write_text(name, json.dumps(value, indent=1, ensure_ascii=False) + "\n")

    def read_json(self, name: str) -> Json:
        """What `write_json` wrote."""
        value: Json = json.loads((self.path / name).read_text(encoding="utf-8"))
        return value

    def write_table(self, name: str, table: pd.DataFrame) -> Path:
        """Write a table as parquet, all or nothing."""
        return self._write(name, lambda work: table.to_parquet(work, index=False))

    def read_table(self, name: str) -> pd.DataFrame:
        """What `write_table` wrote."""
        import pandas as pd

        return pd.read_parquet(self.path / name)

    def has(self, name: str) -> bool:
        """Whether the file is there and not empty."""
        path = self.path / name
        return path.is_file() and path.stat().st_size > 0

    def _write(self, name: str, write: object) -> Path:
        path = self.path / name
        work: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, work_name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            os.close(handle)
            work = Path(work_name)
            write(work)  # type: ignore[operator]
            work.chmod(0o644)
            work.replace(path)
        except OSError as exc:
            raise OutputError(f"cannot write {path}: {_cure(exc)}") from exc
        finally:
            if work is not None:
                work.unlink(missing_ok=True)
        return path


def _cure(exc: OSError) -> str:
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "no space left on the disk; free some, or choose another folder with --out"
    return f"{exc.strerror or exc}; choose another folder with --out"


def digest(folder: RunFolder, name: str) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256((folder.path / name).read_bytes()).hexdigest()


def by_hand_folder(home: Path) -> RunFolder:
    """Where a notebook that nobody gave a folder to keeps its results."""
    return RunFolder(home / "reports" / "by-hand")


@contextmanager
def new_run_folder(reports: Path, profile: str) -> Iterator[RunFolder]:
    """A fresh folder below `reports`, for as long as no other run uses `reports`.

    Raises:
        OutputError: `reports` cannot be written, has no room, is in use, or its `latest` is not ours.
    """
    with _alone_in(reports):
        yield RunFolder(_make(reports, profile))


@contextmanager
def kept_run_folder(reports: Path, name: str) -> Iterator[RunFolder]:
    """The folder of this name below `reports`, with all that is in it already; raises as `new_run_folder` does."""
    with _alone_in(reports):
        path = reports / name
        try:
            path.mkdir(exist_ok=True)
        except OSError as exc:
            raise OutputError(f"cannot make {path}: {_cure(exc)}") from exc
        yield RunFolder(path)


@contextmanager
def _alone_in(reports: Path) -> Iterator[None]:
    try:
        reports.mkdir(parents=True, exist_ok=True)
        lock = (reports / ".lock").open("a+", encoding="utf-8")
    except OSError as exc:
        raise OutputError(f"cannot write to {reports}: {_cure(exc)}") from exc
    with lock:
        _take(lock.fileno(), reports)
        # First of all, so that a full disk is told in words and not by the lock's own line.
        _check(reports)
        _sign(lock.fileno(), reports)
        yield


def _take(handle: int, reports: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        holder = (reports / ".lock").read_text(encoding="utf-8").strip() or "unknown"
        raise OutputError(
            f"{reports} is in use by another run (process {holder}): wait for it, or choose another folder with --out"
        ) from exc


def _sign(handle: int, reports: Path) -> None:
    """Say in the lock who holds it."""
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
    except OSError as exc:
        raise OutputError(f"cannot write to {reports}: {_cure(exc)}") from exc


def _check(reports: Path) -> None:
    latest = reports / LATEST
    if latest.exists() and not latest.is_symlink():
        raise OutputError(f"{latest} is in the way: it must be a link to the latest run; move it away")
    free = shutil.disk_usage(reports).free
    if free < NEEDED_BYTES:
        raise OutputError(
            f"no space in {reports}: {free / 1e6:.0f} MB free, {NEEDED_BYTES / 1e6:.0f} MB needed; "
            "free some, or choose another folder with --out"
        )


def _make(reports: Path, profile: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(100):
        path = reports / (f"{stamp}-{profile}" + (f"-{number}" if number else ""))
        try:
            path.mkdir()
        except FileExistsError:
            continue
        except OSError as exc:
            raise OutputError(f"cannot make {path}: {_cure(exc)}") from exc
        return path
    raise OutputError(f"cannot make a folder for the run in {reports}")


def point_latest(folder: RunFolder) -> None:
    """Make `reports/latest` a link to this run, in one step."""
    reports = folder.path.parent
    work = reports / f".{LATEST}-{os.getpid()}"
    try:
        work.unlink(missing_ok=True)
        work.symlink_to(folder.path.name)
        work.replace(reports / LATEST)
    except OSError as exc:
        raise OutputError(f"cannot set {reports / LATEST}: {_cure(exc)}") from exc
