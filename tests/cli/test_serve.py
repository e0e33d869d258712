"""`jarvis-bench serve` refuses what it cannot do before it listens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jarvis_bench.cli.serve import serve_embeddings, usable_cores
from jarvis_bench.errors import UsageError


def test_unknown_runtime_names_the_nearest() -> None:
    """A typing mistake is an error at once, not a service that never gets ready."""
    with pytest.raises(UsageError, match="unknown runtime 'speechbrian'; did you mean 'speechbrain'"):
        serve_embeddings(runtime="speechbrian", host="127.0.0.1", port=0, threads=1, json=False)


def test_impossible_port_is_an_error() -> None:
    """It names the number."""
    with pytest.raises(UsageError, match="no port has the number 70000"):
        serve_embeddings(runtime="speechbrain", host="127.0.0.1", port=70_000, threads=1, json=False)


def test_containers_quota_bounds_the_threads(tmp_path: Path) -> None:
    """`docker run --cpus 1` on a large host gets one thread, not one a core of the host."""
    cores = len(os.sched_getaffinity(0))
    quota = tmp_path / "cpu.max"
    assert usable_cores(quota) == cores
    for text, expected in (("max 100000", cores), ("50000 100000", 1), ("100000 100000", 1)):
        quota.write_text(text + "\n")
        assert usable_cores(quota) == expected
