"""Builds that fail: clear words, and nothing left on the engine or the disk."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.build_context import build_context
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.image import Image, build_image, image_name
from jarvis_bench.tiers.docker.wheels import fetch_wheels, requirements
from tests.kit.tiny_disk import tiny_disk

from .real_engine import BASE_IMAGE, TINY, import_tiny


@pytest.mark.engine
async def test_an_image_of_today_is_not_built_again(image: Image, settings: Settings) -> None:
    again = await build_image(settings, Engine())
    assert (again.id, again.built) == (image.id, False)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("base", "words"),
    [("jarvis-bench-test-no-such-base:1", "its base .* cannot be had"), (TINY, "could not be built: ")],
    ids=["no-base", "base-without-python"],
)
async def test_a_bad_base_is_told_and_nothing_is_left(
    engine: Any, weights: Weights, settings: Settings, base: str, words: str
) -> None:
    import_tiny(engine)
    before = set(engine.images(quiet=True, all=True))
    bad = dataclasses.replace(settings, docker_base_image=base, docker_image="jarvis-bench-test-bad")
    with pytest.raises(TierFailed, match=words):
        await build_image(bad, Engine())
    assert set(engine.images(quiet=True, all=True)) == before
    assert not engine.containers(all=True, filters={"label": "io.jarvis-bench.owner", "status": "created"})
    engine.remove_image(TINY)


@pytest.mark.engine
async def test_an_interrupted_build_leaves_nothing(engine: Any, weights: Weights, settings: Settings) -> None:
    before = set(engine.images(quiet=True, all=True))
    other = dataclasses.replace(settings, docker_image="jarvis-bench-test-cut")
    heard = threading.Event()
    building = asyncio.create_task(build_image(other, Engine(), say=lambda line: heard.set()))
    while not heard.is_set() and not building.done():
        await asyncio.sleep(0.001)
    building.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await building
    left = set(engine.images(quiet=True, all=True)) - before
    names = [name for i in left for name in engine.inspect_image(i)["RepoTags"]]
    assert names == []


@pytest.mark.engine
async def test_an_image_that_is_not_ours_is_left_alone(
    engine: Any, weights: Weights, settings: Settings
) -> None:
    theirs = dataclasses.replace(settings, docker_image="jarvis-bench-test-theirs")
    engine.tag(BASE_IMAGE, "jarvis-bench-test-theirs", "onnx")
    try:
        with pytest.raises(TierFailed, match="is not ours"):
            await build_image(theirs, Engine())
        name = image_name(theirs, "onnx")
        assert engine.inspect_image(name)["Id"] == engine.inspect_image(BASE_IMAGE)["Id"]
    finally:
        engine.remove_image("jarvis-bench-test-theirs:onnx")


async def test_wheels_that_cannot_be_fetched_say_why_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No index, no links: pip's own reason, and no half-filled folder."""
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UsageError, match="could not be fetched: No matching distribution"):
        await fetch_wheels(Settings(cache_dir=tmp_path), "onnx", "x86_64")
    assert list((tmp_path / "wheels").iterdir()) == []


async def test_an_unknown_runtime_or_processor_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'onnx'"):
        requirements("onyx")
    with pytest.raises(UsageError, match="unknown processor"):
        await fetch_wheels(Settings(cache_dir=tmp_path), "onnx", "riscv64")


def test_the_onnx_image_has_no_torch_and_the_other_has() -> None:
    """By the package's own metadata."""
    small = {requirement.split(">")[0] for requirement in requirements("onnx")}
    large = {requirement.split(">")[0] for requirement in requirements("speechbrain")}
    assert {"onnxruntime", "starlette"} <= small
    assert not {"torch", "speechbrain", "docker"} & small
    assert {"torch", "speechbrain", "starlette"} <= large
    assert "onnxruntime" not in large


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tiny_disk(tmp_path / "disk") as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk.path))
        with (
            pytest.raises(UsageError, match="no room for the build context"),
            build_context([("model/graph", b"x" * 4 * 2**20)]),
        ):
            pass
        assert list(disk.path.iterdir()) == []


def test_the_same_parts_make_the_same_bytes() -> None:
    parts: list[tuple[str, Path | bytes]] = [("a", b"1"), ("Dockerfile", Path(__file__))]
    with build_context(parts) as one, build_context(parts) as other:
        assert one.read() == other.read()
