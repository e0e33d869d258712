"""The process of known size, used by hand in this process."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from jarvis_bench.memory.allocating_process import Blocks, write_pages
from jarvis_bench.process_memory import HAS_PROC, read_cheap

SIZE = 8 * 1024**2


@pytest.fixture
def blocks(tmp_path: Path) -> Blocks:
    """Nothing held yet, and a file of the size."""
    path = tmp_path / "file"
    path.write_bytes(bytes(SIZE))
    return Blocks(SIZE, path)


@pytest.mark.skipif(not HAS_PROC, reason="resident pages are read from /proc")
def test_only_touched_pages_are_resident(blocks: Blocks) -> None:
    """Address space costs nothing until it is written; given back, it is gone at once."""
    before = read_cheap(os.getpid())["rss"]
    blocks.allocate()
    assert read_cheap(os.getpid())["rss"] - before < SIZE / 2
    blocks.touch()
    assert read_cheap(os.getpid())["rss"] - before > SIZE / 2
    blocks.free()
    assert read_cheap(os.getpid())["rss"] - before < SIZE / 2


def test_every_page_is_written() -> None:
    """One byte each, so that all are there."""
    with mmap.mmap(-1, 4 * mmap.PAGESIZE) as block:
        write_pages(block)
        assert [block[place] for place in range(0, len(block), mmap.PAGESIZE)] == [1] * 4
        assert block[1] == 0


def test_a_file_is_mapped_and_let_go(blocks: Blocks) -> None:
    """Letting go of what is not held is an error, not silence."""
    assert blocks.map_file() == "ok"
    assert blocks.unmap_file() == "ok"
    with pytest.raises(KeyError):
        blocks.unmap_file()
