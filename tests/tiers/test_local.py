"""The local tier's answer to a probe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import RequestRefused, TierFailed, UsageError
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers import local
from jarvis_bench.tiers.local import LocalTier, available_ram_bytes

INSTALLED = (("json",), "serve")
MISSING = (("json", "no_such_speech_toolkit"), "serve")


@pytest.fixture(autouse=True)
def runtime_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local runtime looks installed, also where it is not."""
    monkeypatch.setitem(local.NEEDED_PACKAGES, "onnx", INSTALLED)


async def test_enough_free_ram_is_ready() -> None:
    """Packages and RAM are there: the tier can serve, and the reason says how much is free."""
    status = await LocalTier(available_ram=lambda: 8_200_000_000).probe()
    assert (status.tier, status.status, status.cause) == ("local", Status.READY, "ok")
    assert status.reason == "Local: Ready (8.2 GB RAM free)"


@pytest.mark.parametrize(("free", "expected"), [(999_999_999, Status.BUSY), (1_000_000_000, Status.READY)])
async def test_floor_of_free_ram(free: int, expected: Status) -> None:
    """Below the floor the tier is busy, at it it is not."""
    tier = LocalTier(Settings(local_ram_floor_bytes=1_000_000_000), available_ram=lambda: free)
    assert (await tier.probe()).status is expected


async def test_too_little_ram_says_both_numbers() -> None:
    """The reason says how much is free and how much it takes."""
    status = await LocalTier(available_ram=lambda: 500_000_000).probe()
    assert (status.status, status.cause) == (Status.BUSY, "low-ram")
    assert status.reason == "Local: 0.5 GB RAM free, 1.0 GB needed"


async def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the runtime the reason is the command that installs it."""
    monkeypatch.setitem(local.NEEDED_PACKAGES, "onnx", MISSING)
    status = await LocalTier(available_ram=lambda: 8_000_000_000).probe()
    assert (status.status, status.cause) == (Status.NOT_INSTALLED, "missing-extra")
    assert status.reason == "Local: no_such_speech_toolkit not installed (pip install 'jarvis-bench[serve]')"


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
        "asyncio.run(LocalTier().probe())\nprint(sorted({'torch', 'speechbrain', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", source], text=True) == "[]\n"


def test_page_cache_nobody_works_on_counts_as_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes it back before it refuses memory."""
    monkeypatch.setattr(local, "CGROUP_LIMITS", ((tmp_path / "max", tmp_path / "current"),))
    (tmp_path / "max").write_text("3000000000\n")
    (tmp_path / "current").write_text("2000000000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 500000000\nactive_file 7\n")
    assert available_ram_bytes() == 1_500_000_000


async def test_the_first_clip_starts_the_model_and_stop_ends_it() -> None:
    """Embedding, memory by metric, and no process afterwards; then it can be started again."""
    tier = LocalTier()
    (clip, *_) = load_clips(tier.settings.data_dir, [1.0])
    assert await tier.memory() == ()
    answer = await tier.embed(clip.samples)
    assert answer.vector.shape == (192,)
    figures = {reading.metric: reading.bytes for reading in await tier.memory()}
    assert 50_000_000 < figures["pss"] <= figures["vm-hwm"]
    await tier.stop()
    assert await tier.memory() == ()
    again = await tier.embed(clip.samples)
    assert (again.vector == answer.vector).all()
    await tier.aclose()


async def test_a_killed_model_process_fails_one_clip() -> None:
    """The failure says what happened; the next clip gets a new process."""
    tier = LocalTier()
    (clip, *_) = load_clips(tier.settings.data_dir, [1.0])
    await tier.start()
    (child,) = (child for child in psutil.Process().children() if "ecapa.worker" in " ".join(child.cmdline()))
    child.kill()
    with pytest.raises(TierFailed) as caught:
        await tier.embed(clip.samples)
    assert (caught.value.status.status, caught.value.status.cause) == (Status.BROKEN, "worker-died")
    assert (await tier.embed(clip.samples)).vector.shape == (192,)
    await tier.aclose()


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.zeros(1599, np.float32), "clip_too_short"),
        (np.zeros(480_001, np.float32), "clip_too_long"),
        (np.full(16_000, np.nan, np.float32), "not_finite"),
    ],
)
async def test_what_the_service_refuses_is_refused_here(samples: np.ndarray, code: str) -> None:
    """The same bounds and codes; no model is started for it."""
    tier = LocalTier()
    with pytest.raises(RequestRefused) as caught:
        await tier.embed(samples)
    assert caught.value.code == code
    assert await tier.memory() == ()


async def test_too_little_ram_starts_nothing() -> None:
    """Starting says why not."""
    with pytest.raises(TierFailed, match=r"0\.5 GB RAM free"):
        await LocalTier(available_ram=lambda: 500_000_000).start()


def test_an_unknown_runtime_is_a_usage_error() -> None:
    """The known ones are named."""
    with pytest.raises(UsageError, match="onnx"):
        LocalTier(Settings(runtime="onx"))
