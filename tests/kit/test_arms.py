"""What `versus` takes for an arm."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.kit import arms
from jarvis_bench.kit.arms import Arm, ReadyArm, as_words, open_arm, parse_arm, prepare_arm
from jarvis_bench.settings import Settings

SETTINGS = Settings(weights="seeded")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("local", Arm("local", "onnx", 1, "seeded")),
        ("local:speechbrain", Arm("local:speechbrain", "speechbrain", 1, "seeded")),
        ("runtime=openvino,threads=2", Arm("runtime=openvino,threads=2", "openvino", 2, "seeded")),
        ("local,slowdown=0.1", Arm("local,slowdown=0.1", "onnx", 1, "seeded", slowdown=0.1)),
        ("http://host:1/x", Arm("http://host:1/x", "onnx", 1, "seeded", url="http://host:1/x")),
        ("HEAD~1", Arm("HEAD~1", "onnx", 1, "seeded", commit="HEAD~1")),
        ("@main,runtime=onnx", Arm("@main,runtime=onnx", "onnx", 1, "seeded", commit="main")),
        ("commit=v1,weights=auto", Arm("commit=v1,weights=auto", "onnx", 1, "auto", commit="v1")),
    ],
)
def test_an_arm_is_read_from_one_word(text: str, expected: Arm) -> None:
    """Tier and runtime, settings, a URL, or a commit."""
    assert parse_arm(text, SETTINGS) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("local:onxx", "'onnx'"),
        ("runtime=tensorrt", "'tensorrt'"),
        ("local,thread=2", "'threads'"),
        ("threads=two", "'two'"),
        ("threads=0", "threads: 0"),
        ("slowdown=-1", "slowdown: -1"),
        ("local,threads", "KEY=VALUE"),
        ("http://host,threads=2", "slowdown"),
        ("docker", "http://127.0.0.1:8080"),
    ],
)
def test_what_is_wrong_is_named_with_the_cure(text: str, said: str) -> None:
    """Before anything is started."""
    with pytest.raises(UsageError) as caught:
        parse_arm(text, SETTINGS)
    assert said in str(caught.value)


def test_an_injected_slowdown_stands_in_the_result() -> None:
    """Nobody can take it for a measurement of the product."""
    assert as_words(parse_arm("local,slowdown=0.1", SETTINGS))["slowdown"] == "10%, injected"


@pytest.mark.model
async def test_an_arm_of_this_machine_is_a_fresh_process(weights: Weights) -> None:
    """It says what it computed for, and is gone afterwards."""
    clip = load_clips(SETTINGS.data_dir, (1.0,))[0]
    ready = await prepare_arm(parse_arm("local:onnx", SETTINGS), SETTINGS, None)
    assert ready.weights is not None
    assert ready.weights.sha256 == weights.sha256
    async with open_arm(ready, None) as embed:
        assert (await embed(clip) or 0) > 0


async def test_a_service_that_is_not_there_gives_no_number() -> None:
    """NothingMeasured, with the address."""
    clip = load_clips(SETTINGS.data_dir, (1.0,))[0]
    async with open_arm(ReadyArm(parse_arm("http://127.0.0.1:9", SETTINGS)), None) as embed:
        with pytest.raises(NothingMeasured, match=r"127\.0\.0\.1:9"):
            await embed(clip)


async def test_a_slowdown_lengthens_each_request_by_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the arm's own clock: 2 s and a half of that."""
    now_s = 100.0

    async def embed(_: object) -> None:
        nonlocal now_s
        now_s += 2.0

    async def tick(_: float) -> None:
        nonlocal now_s
        now_s += 0.25

    monkeypatch.setattr(time, "perf_counter", lambda: now_s)
    monkeypatch.setattr(asyncio, "sleep", tick)
    await arms._slowed(embed, 0.5)(None)  # type: ignore[arg-type]  # the clip is not looked at
    assert now_s == pytest.approx(103.0)


async def test_a_commit_that_exports_no_graph_is_told(tmp_path: Path, weights: Weights) -> None:
    """With the runtime that needs none."""
    (tmp_path / "jarvis_bench").mkdir()
    (tmp_path / "jarvis_bench" / "__init__.py").touch()
    with pytest.raises(NothingMeasured, match="runtime=speechbrain"):
        await prepare_arm(parse_arm("local:onnx", SETTINGS), SETTINGS, tmp_path)
