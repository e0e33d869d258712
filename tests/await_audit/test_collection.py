"""Reading in two processes gives what reading in one gives, whatever becomes of the other."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from jarvis_bench.await_audit import collection
from jarvis_bench.await_audit.collection import read_all, read_one

CONTENTS = [b"async def f():\n    g()\n", b"import f\n", b"def broken(:\n", b""]


TAKES = "import os; os.read(0, 1); "
"""A worker that has taken a portion."""


@pytest.mark.parametrize(
    "worker",
    [
        pytest.param(TAKES + "import sys; sys.exit(3)", id="dies"),
        pytest.param(TAKES + "print('not what was asked for')", id="talks nonsense"),
        pytest.param(TAKES, id="says nothing"),
    ],
)
def test_what_a_failing_worker_has_taken_is_read_here(monkeypatch: pytest.MonkeyPatch, worker: str) -> None:
    monkeypatch.setattr(collection, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(collection, "WORKER", worker)
    monkeypatch.setattr(collection, "drawn", lambda pipe: iter(()))
    assert read_all(CONTENTS, 2) == [read_one(content) for content in CONTENTS]


def test_a_worker_reads_what_this_process_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, where this process draws nothing and is not able to read."""
    expected = [read_one(content) for content in CONTENTS]
    monkeypatch.setattr(collection, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(collection, "drawn", lambda pipe: iter(()))
    monkeypatch.setattr(collection, "read_one", None)
    assert read_all(CONTENTS, 2) == expected


def test_without_temporary_files_all_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Any:
        raise OSError("read-only file system")

    monkeypatch.setattr(collection, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(collection, "TemporaryFile", none)
    assert read_all(CONTENTS, 2) == [read_one(content) for content in CONTENTS]


def test_an_interruption_leaves_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed and waited for on the way out."""
    started: list[Any] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    def interrupt(_: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(collection, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(collection, "WORKER", "import time; time.sleep(60)")
    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(collection, "read_one", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_all(CONTENTS, 2)
    assert [process.returncode for process in started] == [-9]
