"""Files leave the page cache, and what was done is said in numbers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jarvis_bench.memory.page_cache import CAN_DROP, drop_from_page_cache, resident_bytes, runtime_files
from jarvis_bench.settings import Settings

SIZE = 4 * 1024**2
needs_fadvise = pytest.mark.skipif(not CAN_DROP, reason="posix_fadvise is not offered here")


@pytest.fixture
def folder() -> Path:
    """A folder on the disk that the checkout is on; in memory nothing could be dropped."""
    path = Settings().cache_dir / f"page-cache-{os.getpid()}"
    path.mkdir(parents=True, exist_ok=True)
    return path


@needs_fadvise
def test_written_and_synced_pages_leave_the_cache(folder: Path) -> None:
    """Resident before, not after, and the sentence has the numbers."""
    file = folder / "weights"
    try:
        with file.open("wb") as opened:
            opened.write(bytes(SIZE))
            opened.flush()
            os.fsync(opened.fileno())
        assert resident_bytes(file) == SIZE
        dropped = drop_from_page_cache([folder])
        assert dropped is not None
        assert (dropped.files, dropped.bytes, dropped.resident_before) == (1, SIZE, SIZE)
        assert dropped.resident_after == resident_bytes(file) < SIZE / 10
        assert "1 files of 4 MB" in str(dropped)
    finally:
        file.unlink(missing_ok=True)
        folder.rmdir()


def test_what_is_not_there_is_not_resident(tmp_path: Path) -> None:
    """Neither a missing file nor an empty one disturbs."""
    (tmp_path / "empty").touch()
    assert resident_bytes(tmp_path / "missing") == 0
    assert resident_bytes(tmp_path / "empty") == 0


def test_a_system_without_the_call_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None, so that nobody takes a warm cache for a cold one."""
    monkeypatch.setattr("jarvis_bench.memory.page_cache.CAN_DROP", False)
    assert drop_from_page_cache([tmp_path]) is None


def test_the_files_of_a_runtime_are_its_packages_and_its_model(tmp_path: Path) -> None:
    """The graph's folder, which has the weights beside the graph, and what is imported."""
    graph = tmp_path / "ecapa.onnx"
    graph.touch()
    found = runtime_files("onnx", graph)
    assert found[0] == tmp_path
    assert "numpy" in {path.name for path in found}
