"""The container's RAM over its life, on a real engine and without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.kit.container_memory import measure_container
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.image import Image
from tests.tiers.docker.real_engine import NAME


async def test_without_an_engine_the_note_says_why(tmp_path: Path) -> None:
    """No rows, no error: a report is made without Docker, too."""
    nowhere = Settings(docker_host=f"unix://{tmp_path}/none.sock", cache_dir=tmp_path)
    found = await measure_container([1.0], settings=nowhere, progress=list[str]().append)
    assert found.rows == ()
    assert found.note.startswith("Docker not measured: Docker: ")


@pytest.mark.engine
async def test_each_phase_has_dockers_figure_and_the_peak(
    engine: Any, image: Image, settings: Settings
) -> None:
    """And the container is gone afterwards; one that the user runs has another name and is left alone."""
    found = await measure_container([1.0], settings=settings, progress=list[str]().append)
    assert "MB of it beyond its base (measured)" in found.note
    phases = {row.phase for row in found.rows}
    assert phases == {"ready", "embed 1 s"}
    for phase in phases:
        metrics = {row.metric: row.bytes for row in found.rows if row.phase == phase}
        assert metrics.keys() >= {"docker-stats", "cgroup-anon", "cgroup-file", "cgroup-peak"}
        assert 0 < metrics["docker-stats"] <= metrics["cgroup-peak"]
    assert not engine.containers(all=True, filters={"name": NAME})
