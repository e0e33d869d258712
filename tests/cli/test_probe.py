"""`jarvis-bench probe`: a line a tier, and the decision."""

from __future__ import annotations

import pytest

from jarvis_bench.cli.probe import Probing, as_text
from jarvis_bench.records import Decision, Status, TierStatus

from .conftest import Command


def test_all_tiers_and_the_decision_are_one_object(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the names that other programs read; nothing is started."""
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", "unix:///nowhere/engine.sock")
    monkeypatch.setenv("JARVIS_BENCH_LOCAL_RAM_FLOOR_BYTES", "0")
    done = command("probe", "--json")
    assert done.code == 0
    assert [tier["tier"] for tier in done.record["tiers"]] == ["docker", "cloud-run", "local"]
    assert all({"tier", "status", "cause", "reason", "seconds"} == set(tier) for tier in done.record["tiers"])
    assert done.record["decision"]["tier"] == "local"
    assert done.record["seconds"] < 5


def test_no_tier_is_a_finding(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, with every reason."""
    monkeypatch.setenv("JARVIS_BENCH_DOCKER_HOST", "unix:///nowhere/engine.sock")
    monkeypatch.setenv("JARVIS_BENCH_LOCAL_RAM_FLOOR_BYTES", str(10**18))
    done = command("probe")
    assert done.code == 1
    assert "no tier" in done.out
    assert "RAM" in done.out


def test_the_lines_are_those_of_the_start_up() -> None:
    """With the sign that JARVIS shows, the status in our words, and times."""
    tiers = (
        TierStatus("docker", Status.STOPPED, "no-container", "Docker: no container", 0.012),
        TierStatus("local", Status.READY, "ok", "Local: Ready", 0.001),
        TierStatus("cloud-run", Status.NOT_INSTALLED, "no-url", "Cloud Run: no service", 0.0),
    )
    text = as_text(Probing(tiers, Decision("local", "Local: Ready"), 0.013, 0.002))
    assert "⚠️ Docker: no container" in text
    assert "✅ Local: Ready" in text
    assert "❌ Cloud Run: no service" in text
    assert "stopped (no-container), 12 ms" in text
    assert "0.002 s of the event loop" in text
