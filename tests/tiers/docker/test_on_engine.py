"""The whole tier on a real engine: each state provoked for real, and read with the test's own calls."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import docker
import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.events import ContainerEvent, watch
from jarvis_bench.tiers.docker.image import Image
from jarvis_bench.tiers.known_clip import KnownClip, cosine

from .real_engine import BASE_IMAGE, NAME, TEST_LABEL, until

pytestmark = pytest.mark.engine
MIB = 2**20


@contextlib.asynccontextmanager
async def tier_of(settings: Settings, known: KnownClip, **options: Any) -> AsyncIterator[DockerTier]:
    """The tier, its connections closed afterwards."""
    tier = DockerTier(settings, known=known, **options)
    try:
        yield tier
    finally:
        await tier.aclose()


@pytest.fixture
async def started(image: Image, settings: Settings, known: KnownClip) -> AsyncIterator[DockerTier]:
    """A started tier."""
    async with tier_of(settings, known) as tier:
        await tier.start()
        yield tier


async def told(tier: DockerTier) -> tuple[Status, str]:
    status = await tier.probe()
    return status.status, status.cause


def speech(count: int) -> list[NDArray[np.float32]]:
    """Clips of 1 to 10 s, no two alike; most are short, for the test's own time, and one has the full 10 s."""
    whole = np.concatenate([clip.samples for clip in load_clips(Settings().data_dir, [10.0])])
    random = np.random.default_rng(4)
    lengths = ((1.0 + 9.0 * np.linspace(0.0, 1.0, count) ** 6) * 16_000).astype(int)
    random.shuffle(lengths)
    starts = [int(random.integers(0, len(whole) - length)) for length in lengths]
    return [whole[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def gone(engine: Any) -> bool:
    """Whether no container of the test's name is left."""
    return not engine.containers(all=True, filters={"name": NAME})


def health(engine: Any) -> str:
    """The engine's own word."""
    return str(engine.inspect_container(NAME)["State"]["Health"]["Status"])


async def test_from_nothing_to_an_embedding_and_back(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    """No container, started, ready, asked, measured, stopped; and nothing is left."""
    assert image.added_bytes is not None
    assert image.added_bytes <= 280e6
    async with tier_of(settings, known) as tier:
        assert await told(tier) == (Status.STOPPED, "no-container")
        await tier.start()
        status = await tier.probe()
        assert status.reason == "Docker: Ready (daemon running, container healthy)"
        about = engine.inspect_container(NAME)
        assert await tier.embed(speech(1)[0]) is not None
        await tier.stop()
        assert await told(tier) == (Status.STOPPED, "no-container")
        assert await tier.memory() == ()
    assert gone(engine)
    host = about["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert (host["Memory"], host["MemorySwap"]) == (settings.docker_memory_bytes,) * 2
    assert host["PidsLimit"] == 128
    assert about["Config"]["User"] == "10001:10001"
    assert [b["HostIp"] for b in about["NetworkSettings"]["Ports"]["8080/tcp"]] == ["127.0.0.1"]
    assert about["Config"]["Healthcheck"]["Test"][0] == "CMD"


async def test_a_container_that_comes_up_is_starting_and_then_ready(engine: Any, started: DockerTier) -> None:
    """Restarted by the test itself; nothing else is told on the way."""
    engine.restart(NAME, timeout=5)  # audit: ignore[missing-await] docker-py
    seen = [await told(started)]
    until_s = time.monotonic() + 20.0
    while seen[-1][0] is not Status.READY and time.monotonic() < until_s:
        seen.append(await told(started))
    assert seen[0] == (Status.STARTING, "container-starting")
    assert seen[-1] == (Status.READY, "ok")
    assert {status for status, _ in seen} == {Status.STARTING, Status.READY}


async def test_a_hundred_clips_leave_the_container_small(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    """`docker stats` at rest at most 160 MiB, the kernel's high-water mark at most 256; both as docker counts them."""
    async with tier_of(settings, known, threads=2) as tier:
        await tier.start()
        for clip in speech(100):
            await tier.embed(clip)
        found = {reading.metric: reading.bytes for reading in await tier.memory()}
    stats = engine.stats(NAME, stream=False)["memory_stats"]
    detail = stats["stats"]
    inactive = detail.get("total_inactive_file", detail.get("inactive_file"))
    assert abs(found["docker-stats"] - (stats["usage"] - inactive)) < 2 * MIB
    assert found["docker-stats"] <= 160 * MIB
    assert found["cgroup-peak"] <= 256 * MIB
    assert found["cgroup-anon"] + found["cgroup-file"] == pytest.approx(found["cgroup-usage"], rel=0.2)


async def test_the_container_computes_what_we_do(image: Image, started: DockerTier, known: KnownClip) -> None:
    """The known clip, sent as any other, gives the vector that our own runtime gave."""
    clip = load_clips(Settings().data_dir, [1.0])[0]
    expected = known.vector(image.weights_sha256)
    assert expected is not None
    assert cosine((await started.embed(clip.samples)).vector, expected) >= 0.9999


async def test_two_starters_end_with_one_container(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    async with tier_of(settings, known) as one, tier_of(settings, known) as other:
        await asyncio.gather(one.start(), other.start())
        assert await told(one) == await told(other) == (Status.READY, "ok")
    assert len(engine.containers(all=True, filters={"name": NAME})) == 1


async def test_pause_and_death_are_told_and_mended(engine: Any, started: DockerTier) -> None:
    """Paused, killed, and stopped behind our back; `start` makes it ready again each time."""
    engine.pause(NAME)
    assert await told(started) == (Status.STOPPED, "paused")
    await started.start()
    assert await told(started) == (Status.READY, "ok")
    engine.kill(NAME)
    until(lambda: not engine.inspect_container(NAME)["State"]["Running"])
    assert await told(started) == (Status.STOPPED, "container-died")
    with pytest.raises(TierFailed):
        await started.embed(speech(1)[0])
    await started.start()
    assert await told(started) == (Status.READY, "ok")
    engine.stop(NAME)
    assert await told(started) == (Status.STOPPED, "container-stopped")


async def test_out_of_memory_is_told_and_nothing_is_left(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    """A limit that the model does not fit into: the start fails, says so, and takes its container away."""
    small = dataclasses.replace(settings, docker_memory_bytes=40 * MIB)
    async with tier_of(small, known) as tier:
        with pytest.raises(TierFailed) as caught:
            await tier.start()
    assert caught.value.status.cause == "out-of-memory"
    assert "40 MiB" in str(caught.value)
    assert gone(engine)


async def test_the_engines_health_check_is_told(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    """A process that hangs: the service does not answer, then the engine calls it unhealthy, and its event comes."""
    async with tier_of(settings, known) as tier:
        tier.options = dataclasses.replace(tier.options, health_interval_s=0.5)
        await tier.start()
        until(lambda: health(engine) == "healthy")
        async with events() as seen:
            engine.kill(NAME, signal="STOP")
            until(lambda: health(engine) == "unhealthy")
            changed_s = time.monotonic()
            assert await told(tier) == (Status.BROKEN, "unhealthy")
            while not any((event.kind, event.detail) == ("health", "unhealthy") for event in seen):
                assert time.monotonic() - changed_s < 1.0
                await asyncio.sleep(0.01)
        engine.kill(NAME, signal="CONT")


async def test_a_wrong_service_on_the_port_is_told_and_not_touched(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    """A container of our name that is not ours, with a web server where the service should be."""
    foreign = engine.create_container(
        BASE_IMAGE,
        ["python3", "-m", "http.server", "8080"],
        name=NAME,
        ports=[8080],
        labels=TEST_LABEL,
        host_config=engine.create_host_config(port_bindings={8080: ("127.0.0.1", None)}),
    )["Id"]
    engine.start(foreign)
    async with tier_of(settings, known) as tier:
        end_s = time.monotonic() + 5.0
        while (found := await told(tier))[1] != "wrong-service":
            assert time.monotonic() < end_s, found
            await asyncio.sleep(0.05)
        with pytest.raises(TierFailed, match="another service answers there"):
            await tier.start()
        with pytest.raises(TierFailed, match="is not ours and stays as it is"):
            await tier.stop()
        engine.kill(foreign)
        with pytest.raises(TierFailed, match="is not ours and stays as it is"):
            await tier.start()
    assert engine.inspect_container(NAME)["Id"] == foreign


async def test_a_taken_port_is_told_and_nothing_is_left(
    engine: Any, image: Image, settings: Settings, known: KnownClip
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        fixed = dataclasses.replace(settings, docker_port=taken.getsockname()[1])
        async with tier_of(fixed, known) as tier:
            with pytest.raises(TierFailed, match="is taken by another program") as caught:
                await tier.start()
    assert caught.value.status.cause == "port-taken"
    assert gone(engine)


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.3, 0.6])
async def test_an_interrupted_start_leaves_nothing(
    engine: Any, image: Image, settings: Settings, known: KnownClip, after_s: float
) -> None:
    async with tier_of(settings, known) as tier:
        starting = asyncio.create_task(tier.start())
        await asyncio.sleep(after_s)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        assert starting.cancelled()
    assert gone(engine)


async def test_without_an_image_it_says_how_to_build_one(
    engine: Any, settings: Settings, known: KnownClip
) -> None:
    other = dataclasses.replace(settings, docker_image="jarvis-bench-test-none")
    async with tier_of(other, known) as tier:
        assert await told(tier) == (Status.STOPPED, "no-image")
        with pytest.raises(TierFailed, match="jarvis-bench docker build"):
            await tier.start()


async def test_events_arrive_within_a_second(engine: Any, started: DockerTier) -> None:
    """Pause, out of memory, death: as they are, in their order."""
    async with events() as seen:
        for act, kind in [
            (lambda: engine.pause(NAME), "pause"),
            (lambda: engine.unpause(NAME), "unpause"),
            (lambda: _run_out_of_memory(engine), "oom"),
            (lambda: _kill(engine), "die"),
        ]:
            await asyncio.to_thread(act)
            acted_s = time.monotonic()
            while not any(event.kind == kind for event in seen):
                assert time.monotonic() - acted_s < 1.0, (kind, seen)
                await asyncio.sleep(0.01)
        assert next(event for event in seen if event.kind == "die").exit_code == 137
    assert seen[0].kind == "inspected"


def _kill(engine: Any) -> None:
    """The kernel may have chosen the service itself when memory ran out: then it is dead already."""
    with contextlib.suppress(docker.errors.APIError):
        engine.kill(NAME)


@contextlib.asynccontextmanager
async def events(host: str = "", name: str = NAME) -> AsyncIterator[list[ContainerEvent]]:
    """What the watcher tells from the moment on that it is connected."""
    seen: list[ContainerEvent] = []

    async def listen() -> None:
        async with contextlib.aclosing(watch(host, name, reconnect_s=0.1)) as watching:
            async for event in watching:
                seen.append(event)  # noqa: PERF401  read while it grows

    listening = asyncio.create_task(listen())
    try:
        end_s = time.monotonic() + 5.0
        while not seen:
            assert time.monotonic() < end_s
            await asyncio.sleep(0.01)
        yield seen
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening


def _run_out_of_memory(engine: Any) -> None:
    """A second process in the container takes all that it may; the kernel ends that one."""
    engine.update_container(NAME, mem_limit=150 * MIB, memswap_limit=150 * MIB)
    greedy = engine.exec_create(NAME, ["python3", "-c", "x = bytearray(200 * 2**20)"])
    with contextlib.suppress(docker.errors.APIError):
        engine.exec_start(greedy["Id"])
