"""The local tier's answer to a probe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from jarvis_bench.records import Status
from jarvis_bench.tiers import local
from jarvis_bench.tiers.local import LocalTier, available_ram_bytes

INSTALLED = ("json",)
MISSING = ("no_such_speech_toolkit",)


@pytest.fixture(autouse=True)
def runtime_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local runtime looks installed, also where it is not."""
    monkeypatch.setattr(local, "NEEDED_PACKAGES", INSTALLED)


async def test_enough_free_ram_is_ready() -> None:
    """Packages and RAM are there: the tier can serve, and the reason says how much is free."""
    status = await LocalTier(available_ram=lambda: 8_200_000_000).probe()
    assert (status.tier, status.status, status.cause) == ("local", Status.READY, "ok")
    assert status.reason == "Local: Ready (8.2 GB RAM free)"


@pytest.mark.parametrize(("free", "expected"), [(999_999_999, Status.BUSY), (1_000_000_000, Status.READY)])
async def test_floor_of_free_ram(free: int, expected: Status) -> None:
    """Below the floor the tier is busy, at it it is not."""
    assert (
        await LocalTier(ram_floor_bytes=1_000_000_000, available_ram=lambda: free).probe()
    ).status is expected


async def test_too_little_ram_says_both_numbers() -> None:
    """The reason says how much is free and how much it takes."""
    status = await LocalTier(available_ram=lambda: 500_000_000).probe()
    assert (status.status, status.cause) == (Status.BUSY, "low-ram")
    assert status.reason == "Local: 0.5 GB RAM free, 1.0 GB needed"


async def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the runtime the reason is the command that installs it."""
    monkeypatch.setattr(local, "NEEDED_PACKAGES", INSTALLED + MISSING)
    status = await LocalTier(available_ram=lambda: 8_000_000_000).probe()
    assert (status.status, status.cause) == (Status.NOT_INSTALLED, "missing-extra")
    assert status.reason == "Local: no_such_speech_toolkit not installed (pip install 'jarvis-bench[local]')"


@pytest.mark.parametrize(("limit", "expected"), [("3000000000", 1_000_000_000), ("1000000000", 0)])
def test_container_around_this_process_limits_what_is_free(
    limit: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, what its limit leaves counts, not the host's free RAM."""
    monkeypatch.setattr(local, "CGROUP_LIMITS", ((tmp_path / "max", tmp_path / "current"),))
    (tmp_path / "max").write_text(f"{limit}\n")
    (tmp_path / "current").write_text("2000000000\n")
    assert available_ram_bytes() == expected


def test_container_without_a_limit_limits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`max` is no number: the host's free RAM counts."""
    monkeypatch.setattr(local, "CGROUP_LIMITS", ((tmp_path / "max", tmp_path / "current"),))
    (tmp_path / "max").write_text("max\n")
    assert available_ram_bytes() == pytest.approx(psutil.virtual_memory().available, rel=0.2)


def test_probe_loads_nothing() -> None:
    """Asking does not cost what serving would: no runtime is imported."""
    source = (
        "import asyncio, sys\nfrom jarvis_bench.tiers.local import LocalTier\n"
        "asyncio.run(LocalTier().probe())\nprint(sorted({'torch', 'speechbrain'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", source], text=True) == "[]\n"
