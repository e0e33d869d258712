"""Reading in two processes gives what reading in one gives, whatever becomes of the other."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from jarvis_bench.await_audit import collection
from jarvis_bench.await_audit.collection import read_all, read_one

CONTENTS = [b"async def f():\n    g()\n", b"import f\n", b"def broken(:\n", b""]


@pytest.mark.parametrize(
    "worker",
    [
        collection.WORKER,
        pytest.param("import sys; sys.exit(3)", id="dies"),
        pytest.param("print('not what was asked for')", id="talks nonsense"),
        pytest.param("pass", id="says nothing"),
    ],
)
def test_a_share_is_read_here_where_its_worker_fails(monkeypatch: pytest.MonkeyPatch, worker: str) -> None:
    monkeypatch.setattr(collection, "PARALLEL_FROM_BYTES", 0)
    monkeypatch.setattr(collection, "WORKER", worker)
    assert read_all(CONTENTS, 2) == [read_one(content) for content in CONTENTS]


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
