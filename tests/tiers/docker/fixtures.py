"""The machine's engine, our image on it, and a container's name that is the test's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.image import Image, build_image
from jarvis_bench.tiers.known_clip import KnownClip, compute_known_vector

from .real_engine import BASE_IMAGE, IMAGE, NAME, SOCKET, TEST_LABEL, connect, missing


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    """The tests' own client of the machine's engine, with the base image on it."""
    try:
        client = connect(SOCKET)
        client.inspect_image(BASE_IMAGE)
    except docker.errors.ImageNotFound:
        missing(f"there is no image {BASE_IMAGE} (.ci/base-image makes it)")
    except docker.errors.DockerException as exc:
        missing(f"there is no engine at {SOCKET}: {exc}")
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="session")
def known(weights: Weights) -> KnownClip:
    """The known clip with the vector of the seeded weights."""
    return asyncio.run(compute_known_vector(Settings(weights="seeded")))


@pytest.fixture(scope="session")
def image(engine: Any, weights: Weights) -> Image:
    """Our image, built from this checkout; its layers stay on the engine for the next time."""
    settings = Settings(weights="seeded", docker_base_image=BASE_IMAGE, docker_image=IMAGE)
    return asyncio.run(build_image(settings, Engine()))


@pytest.fixture
def settings(engine: Any) -> Iterator[Settings]:
    """Settings with a container of our own, which is gone afterwards whatever happened; a free port."""
    yield Settings(
        weights="seeded",
        docker_base_image=BASE_IMAGE,
        docker_image=IMAGE,
        container_name=NAME,
        docker_port=0,
    )
    with contextlib.suppress(docker.errors.NotFound):
        engine.remove_container(NAME, force=True, v=True)
    (label,) = (f"{key}={value}" for key, value in TEST_LABEL.items())
    for found in engine.containers(all=True, filters={"label": label}):
        engine.remove_container(found["Id"], force=True, v=True)
