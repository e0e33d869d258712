"""Our own decision, observed as the exhibits are."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.records import Status
from jarvis_bench.reproduction.current_version import observe_current
from jarvis_bench.settings import read_settings
from jarvis_bench.tiers.configured import configured_tiers


async def test_settings_decide_which_tiers_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without engine, service and RAM nothing is chosen; the reason names all three, and no error is swallowed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    monkeypatch.setenv("JARVIS_BENCH_LOCAL_RAM_FLOOR_BYTES", "9000000000000000")
    tiers = configured_tiers(read_settings())
    result = await observe_current("current", "test", tiers, deadline_s=2.0)
    assert (result.version, result.world, result.error) == ("current", "test", None)
    assert result.docker.status is Status.NOT_INSTALLED
    assert result.decision.tier is None
    for tier in ("Docker", "Cloud Run", "Local"):
        assert f"{tier}: " in result.decision.reason
    assert (result.second_caller.same, result.second_caller.ready) == (True, True)
    assert result.warnings == ()
