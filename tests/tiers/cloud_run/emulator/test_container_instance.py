"""Instances as containers, end to end over real HTTP; what happens to them is asked of the engine itself."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.cloud_run.emulator.container_instance import (
    EMULATOR_LABEL,
    ContainerInstance,
    Host,
)
from jarvis_bench.tiers.cloud_run.emulator.emulator import Emulated, emulator
from jarvis_bench.tiers.cloud_run.emulator.events import Event, Kind
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending, StartFailed
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED, MIB, EmulatorSettings, StartupProbe
from jarvis_bench.tiers.docker.image import Image
from tests.processes import lives
from tests.tiers.docker.real_engine import BASE_IMAGE, TEST_LABEL

pytestmark = pytest.mark.engine
QUICK = dataclasses.replace(
    DEPLOYED,
    require_token=False,
    max_instances=1,
    instances="container",
    startup_probe=StartupProbe("/health", period_s=0.1, failures=600),
)
WAIT_S = 30.0
STUBBORN = f"jarvis-bench-test-stubborn:{os.getpid()}"
MARK = f"{os.getpid()}-test"
OURS = f"jarvis-bench-cloud-run-{os.getpid()}-"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@contextlib.asynccontextmanager
async def running(
    emulated: EmulatorSettings, settings: Settings
) -> AsyncIterator[tuple[Emulated, CloudRunTier, list[Event]]]:
    """An emulator with containers, the tier that asks it, and what happened."""
    events: list[Event] = []
    async with emulator(emulated, settings=settings, tell=events.append) as cloud_run:
        tier = CloudRunTier(cloud_run.url, settings=settings, timeout_s=WAIT_S, request_s=WAIT_S)
        try:
            yield cloud_run, tier, events
        finally:
            await tier.aclose()


def containers(engine: Any) -> list[dict[str, Any]]:
    """The engine's descriptions of all instances of this process's emulators, ended ones included."""
    found = engine.containers(all=True, filters={"label": EMULATOR_LABEL, "name": OURS})
    return [engine.inspect_container(one["Id"]) for one in found]


def state(engine: Any) -> str:
    """Of the one instance."""
    (only,) = containers(engine)
    return str(only["State"]["Status"])


def cpu_ns(engine: Any) -> int:
    """What the one instance has used, by its cgroup."""
    (only,) = containers(engine)
    return int(engine.stats(only["Id"], stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"])


async def until(holds: Callable[[], object]) -> None:
    """Poll for something outside."""
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not come to that"
        await asyncio.sleep(0.02)


def speech(seconds: float) -> NDArray[np.float32]:
    return load_clips(Settings().data_dir, [seconds])[0].samples


async def test_cold_warm_frozen_to_zero_and_cold_again(engine: Any, image: Image, settings: Settings) -> None:
    """A cold start is a new container, process and boot id; PORT and K_* reach it; it has no CPU between requests."""
    emulated = dataclasses.replace(QUICK, idle_s=2.5, port=9000, vcpu=1.0, memory_mib=512)
    async with running(emulated, settings) as (cloud_run, tier, _):
        assert cloud_run.instances == "container"
        assert containers(engine) == [], "nothing runs before the first request"
        cold = await tier.embed(speech(1.0))
        (first,) = containers(engine)
        given = dict(line.split("=", 1) for line in first["Config"]["Env"])
        assert (given["PORT"], given["K_SERVICE"], given["K_CONFIGURATION"]) == (
            "9000",
            *["jarvis-ecapa"] * 2,
        )
        assert given["K_REVISION"].startswith("jarvis-ecapa-")
        assert [one["HostIp"] for one in first["NetworkSettings"]["Ports"]["9000/tcp"]] == ["127.0.0.1"]
        limits = first["HostConfig"]
        assert (limits["Memory"], limits["CpuQuota"], limits["CpuPeriod"]) == (512 * MIB, 100_000, 100_000)
        assert limits["CapDrop"] == ["ALL"]
        await until(lambda: state(engine) == "paused")
        used_ns = cpu_ns(engine)
        await asyncio.sleep(0.3)
        assert cpu_ns(engine) == used_ns, "it has no CPU between requests"
        warm = await tier.embed(speech(1.0))
        assert (warm.instance_id, warm.request_index) == (cold.instance_id, (cold.request_index or 0) + 1)
        assert np.array_equal(warm.vector, cold.vector)
        assert lives(first["State"]["Pid"])
        await until(lambda: not containers(engine))
        assert not lives(first["State"]["Pid"])
        again = await tier.embed(speech(1.0))
        (second,) = containers(engine)
        assert second["State"]["Pid"] != first["State"]["Pid"]
        assert (again.instance_id != cold.instance_id, again.request_index) == (True, cold.request_index)
        assert np.array_equal(again.vector, cold.vector)
        bill = cloud_run.bill()
        assert (bill.requests, bill.starts, bill.how) == (3, 2, "emulated")
    assert containers(engine) == []
    assert len(cloud_run.revision.thaws_s) >= 1


async def test_the_kernel_ends_it_at_its_memory_limit_and_the_next_request_starts_another(
    engine: Any, image: Image, settings: Settings
) -> None:
    """A clip of 30 s needs more than the limit leaves; one of 1 s does not."""
    emulated = dataclasses.replace(QUICK, memory_mib=160)
    async with running(emulated, settings) as (_, tier, events):
        before = await tier.embed(speech(1.0))
        (first,) = containers(engine)
        with pytest.raises(TierFailed) as failed:
            await tier.embed(speech(30.0))
        assert (failed.value.status.status, failed.value.status.cause) == (Status.BROKEN, "instance-failed")
        await until(lambda: not lives(first["State"]["Pid"]))
        await until(lambda: any(event.kind is Kind.OUT_OF_MEMORY for event in events))
        after = await tier.embed(speech(1.0))
        (second,) = containers(engine)
        assert second["Id"] != first["Id"]
        assert after.instance_id != before.instance_id
        assert np.array_equal(after.vector, before.vector)
    (told,) = [event for event in events if event.kind is Kind.OUT_OF_MEMORY]
    assert told.detail == "Memory limit of 160 MiB exceeded"


async def test_no_request_reaches_a_container_that_is_not_up(image: Image, settings: Settings) -> None:
    """Google's default probe asks for a connection only; the engine's proxy accepts one long before that."""
    emulated = dataclasses.replace(QUICK, startup_probe=StartupProbe())
    async with (
        running(emulated, settings) as (cloud_run, _, events),
        httpx.AsyncClient(base_url=cloud_run.url, timeout=WAIT_S) as client,
    ):
        reply = await client.get("/health")
        assert "ecapa_ready" in reply.json(), (
            "the service itself answers, though its model may not be loaded yet"
        )
        assert (cloud_run.bill().requests, cloud_run.bill().starts) == (1, 1)
    assert [event.kind for event in events][:2] == [Kind.STARTING, Kind.READY]


@pytest.fixture
def stubborn(engine: Any, settings: Settings) -> Iterator[ContainerInstance]:
    """An instance that does not listen and ignores SIGTERM."""
    made = engine.create_container(BASE_IMAGE, command=["true"], labels=TEST_LABEL)["Id"]
    repository, _, tag = STUBBORN.partition(":")
    change = f'ENTRYPOINT ["python3", "-c", "{DEAF}"]'
    engine.commit(made, repository=repository, tag=tag, changes=[change])
    engine.remove_container(made)
    yield ContainerInstance("instance-1", EmulatorSettings(memory_mib=128), Host("", STUBBORN, MARK))
    for found in engine.containers(all=True, filters={"label": f"{EMULATOR_LABEL}={MARK}"}):
        engine.remove_container(found["Id"], force=True)
    engine.remove_image(STUBBORN)


async def test_who_ignores_sigterm_is_killed_after_the_grace(
    engine: Any, stubborn: ContainerInstance
) -> None:
    await stubborn.start()
    assert not await stubborn.answers(""), "the engine's proxy accepts, and nobody listens"
    await until(lambda: b"deaf" in engine.logs(stubborn.container))
    pid = engine.inspect_container(stubborn.container)["State"]["Pid"]
    await stubborn.freeze()
    assert state(engine) == "paused"
    began_s = time.monotonic()
    await stubborn.stop(1.0)
    assert time.monotonic() - began_s >= 1.0
    assert (lives(pid), containers(engine)) == (False, [])
    await stubborn.stop(1.0)


async def test_an_end_is_told_with_its_last_words(engine: Any, stubborn: ContainerInstance) -> None:
    await stubborn.start()
    ended = asyncio.create_task(stubborn.ended())
    await until(lambda: b"deaf" in engine.logs(stubborn.container))
    await stubborn.kill()
    assert await ended == Ending(words="exit code 137: deaf")
    assert await stubborn.ended() == Ending(words="exit code 137: deaf"), "also to who asks later"
    await stubborn.freeze()
    await stubborn.thaw()
    await stubborn.stop(0.0)
    assert await stubborn.ended() == Ending(words="its container was removed")


async def test_a_start_that_is_cancelled_leaves_no_container(
    engine: Any, stubborn: ContainerInstance
) -> None:
    starting = asyncio.create_task(stubborn.start())
    await asyncio.sleep(0.05)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await stubborn.stop(0.0)
    await asyncio.sleep(0.5)
    assert containers(engine) == []


async def test_what_the_engine_refuses_is_a_failed_start(settings: Settings) -> None:
    instance = ContainerInstance("instance-1", EmulatorSettings(), Host("", "jarvis-bench-test-absent", MARK))
    with pytest.raises(StartFailed, match=r"No such image: jarvis-bench-test-absent"):
        await instance.start()


async def test_without_an_engine_a_start_fails(tmp_path: Path) -> None:
    nowhere = Host(f"unix://{tmp_path}/docker.sock", "any", MARK)
    with pytest.raises(StartFailed, match=r"no container for an instance: Docker: "):
        await ContainerInstance("instance-1", EmulatorSettings(), nowhere).start()
