"""Containers or processes: which, and why."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import UsageError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator.container_instance import EMULATOR_LABEL, ContainerInstance
from jarvis_bench.tiers.cloud_run.emulator.housing import housing
from jarvis_bench.tiers.cloud_run.emulator.process_instance import ProcessInstance
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from jarvis_bench.tiers.docker.image import Image

AUTO = EmulatorSettings(instances="auto")
ASKED_FOR = EmulatorSettings(instances="container")


@pytest.fixture
def no_engine(tmp_path: Path, weights: Weights) -> Settings:
    return Settings(weights="seeded", docker_host=f"unix://{tmp_path}/docker.sock")


async def chosen(emulated: EmulatorSettings, settings: Settings) -> tuple[str, str]:
    async with housing(emulated, settings) as found:
        wanted = ContainerInstance if found.kind == "container" else ProcessInstance
        assert isinstance(found.make("instance-1"), wanted)
        return found.kind, found.why


async def test_processes_where_they_are_asked_for(no_engine: Settings) -> None:
    assert await chosen(EmulatorSettings(), no_engine) == ("process", "asked for")


async def test_processes_where_there_is_no_engine(no_engine: Settings) -> None:
    kind, why = await chosen(AUTO, no_engine)
    assert kind == "process"
    assert why.startswith("Docker: ")


async def test_containers_that_cannot_be_had_are_refused_with_the_reason(no_engine: Settings) -> None:
    with pytest.raises(UsageError, match=r"no containers for instances: Docker: "):
        await chosen(ASKED_FOR, no_engine)


@pytest.mark.engine
async def test_containers_where_an_engine_and_the_image_are_there(image: Image, settings: Settings) -> None:
    assert await chosen(AUTO, settings) == ("container", "an engine and our image are there")
    assert await chosen(ASKED_FOR, settings) == ("container", "asked for")


@pytest.mark.engine
async def test_processes_where_there_is_no_image_or_one_with_other_weights(
    image: Image, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = dataclasses.replace(settings, docker_image="jarvis-bench-test-absent")
    kind, why = await chosen(AUTO, missing)
    assert kind == "process"
    assert (
        "no image jarvis-bench-test-absent:onnx (build it: jarvis-bench docker build --runtime onnx)" in why
    )

    async def other(*_: object, **__: object) -> Image:
        return dataclasses.replace(image, weights_sha256="0" * 64)

    monkeypatch.setattr("jarvis_bench.tiers.cloud_run.emulator.housing.find_image", other)
    kind, why = await chosen(AUTO, settings)
    assert (kind, "has other weights" in why) == ("process", True)


@pytest.mark.engine
async def test_what_a_block_that_fails_leaves_behind_is_removed(
    engine: Any, image: Image, settings: Settings
) -> None:
    names = []
    with contextlib.suppress(RuntimeError):
        async with housing(ASKED_FOR, settings) as found:
            instance = found.make("instance-1")
            assert isinstance(instance, ContainerInstance)
            names.append(instance.container)
            await instance.start()
            assert engine.inspect_container(instance.container)["Config"]["Labels"][EMULATOR_LABEL]
            raise RuntimeError("scripted")
    (name,) = names
    assert not engine.containers(all=True, filters={"name": name})
