"""The emulator end to end over real HTTP: real processes, watched from outside."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers import cloud_run
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.cloud_run.credentials import token_fetch
from jarvis_bench.tiers.cloud_run.emulator.emulator import Emulated, emulator
from jarvis_bench.tiers.cloud_run.emulator.events import Event, Kind
from jarvis_bench.tiers.cloud_run.emulator.process_instance import MODULE
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED, EmulatorSettings, StartupProbe
from jarvis_bench.tiers.cloud_run.id_tokens import IdTokens
from jarvis_bench.tiers.known_clip import compute_known_vector
from jarvis_bench.tiers.service_client import EMBED_PATH, encode_body, read_vector
from tests.processes import lives

SEEDED = Settings(weights="seeded")
QUICK = dataclasses.replace(
    DEPLOYED,
    require_token=False,
    max_instances=1,
    startup_probe=StartupProbe("/health", period_s=0.1, failures=600),
)
WAIT_S = 30.0


@pytest.fixture(autouse=True)
def _weights(weights: Weights) -> None:
    """Made once, before anything is timed."""


@contextlib.asynccontextmanager
async def running(settings: EmulatorSettings) -> AsyncIterator[tuple[Emulated, CloudRunTier, list[Event]]]:
    """An emulator, the tier that asks it, and what happened."""
    events: list[Event] = []
    async with emulator(settings, settings=SEEDED, tell=events.append) as emulated:
        tier = CloudRunTier(emulated.url, settings=SEEDED, timeout_s=WAIT_S, request_s=WAIT_S)
        try:
            yield emulated, tier, events
        finally:
            await tier.aclose()
    assert instances() == [], "a process was left behind"


def instances() -> list[psutil.Process]:
    """The instances among the processes of this machine that are ours."""
    return [child for child in psutil.Process().children() if _is_instance(child)]


def _is_instance(process: psutil.Process) -> bool:
    try:
        return MODULE in process.cmdline()
    except psutil.Error:  # it has just ended
        return False


async def until(holds: object) -> None:
    """Poll for something outside."""
    assert callable(holds)
    deadline_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not come to that"
        await asyncio.sleep(0.01)


def speech(seconds: float = 1.0) -> list[NDArray[np.float32]]:
    return [clip.samples for clip in load_clips(SEEDED.data_dir, [seconds])]


async def test_cold_warm_frozen_to_zero_and_cold_again() -> None:
    """A cold start is a new process with a new boot id; between requests the process stands still."""
    clip = speech()[0]
    async with running(dataclasses.replace(QUICK, idle_s=1.5)) as (emulated, tier, _):
        assert instances() == [], "nothing runs before the first request"
        cold = await tier.embed(clip)
        (first,) = instances()
        await until(lambda: first.status() == psutil.STATUS_STOPPED)
        ticks = first.cpu_times()
        await asyncio.sleep(0.2)
        assert first.cpu_times() == ticks, "it has no CPU between requests"
        environment = first.environ()
        assert environment["K_SERVICE"] == "jarvis-ecapa"
        assert {"K_REVISION", "K_CONFIGURATION", "PORT"} <= environment.keys()
        warm = await tier.embed(clip)
        assert (warm.instance_id, warm.request_index) == (cold.instance_id, (cold.request_index or 0) + 1)
        assert np.array_equal(warm.vector, cold.vector)
        await until(lambda: not instances())
        again = await tier.embed(clip)
        (second,) = instances()
        assert second.pid != first.pid
        assert (again.instance_id != cold.instance_id, again.request_index) == (True, cold.request_index)
        bill = emulated.bill()
        assert (bill.requests, bill.starts, bill.how) == (3, 2, "emulated")
        assert bill.billed_s >= sum(emulated.revision.starts_s)


async def test_a_probe_that_wakes_it_is_starting_then_ready_and_counted_once() -> None:
    await compute_known_vector(SEEDED)
    async with running(QUICK) as (emulated, tier, _):
        hasty = CloudRunTier(emulated.url, settings=SEEDED, timeout_s=0.2)
        asleep = await hasty.probe()
        assert (asleep.status, asleep.cause) == (Status.STARTING, "no-answer")
        assert hasty.meter.wakes == 1
        await until(lambda: emulated.revision.starts_s)
        hasty._timeout_s = WAIT_S
        awake = await hasty.probe()
        assert (awake.status, awake.cause) == (Status.READY, "ok")
        assert awake.reason == "Cloud Run: Ready (service healthy, emulated)"
        assert (hasty.meter.probes, hasty.meter.wakes, hasty.how) == (2, 1, "emulated")
        assert hasty.meter.requests == 1 + 2, "/health, and the known clip once: its vector is known"
        await hasty.aclose()
        readings = {reading.metric: reading for reading in await tier.memory()}
        (process,) = instances()
        assert readings["rss"].how == "emulated"
        assert readings["rss"].bytes == pytest.approx(process.memory_info().rss, rel=0.2)


async def test_three_times_too_much_is_refused_in_part_and_nothing_accepted_is_lost_or_wrong() -> None:
    settings = dataclasses.replace(QUICK, concurrency=2, queue_floor_s=0.3, queue_factor=0.0)
    clips = speech()
    bodies = [encode_body(clip) for clip in clips]
    async with running(settings) as (emulated, tier, _):
        expected = [(await tier.embed(clip)).vector for clip in clips]
        began_s = time.perf_counter()
        for clip in clips[:4]:
            await tier.embed(clip)
        every_s = (time.perf_counter() - began_s) / 4 / 3
        async with httpx.AsyncClient(base_url=emulated.url, timeout=WAIT_S) as client:

            async def ask(number: int) -> httpx.Response:
                await asyncio.sleep(number * every_s)
                return await client.post(EMBED_PATH, content=bodies[number % len(bodies)])

            replies = await asyncio.gather(*(ask(number) for number in range(90)))
        assert len(instances()) == 1
    accepted = [(number, reply) for number, reply in enumerate(replies) if reply.status_code == 200]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(accepted) + len(refused) == 90
    assert len(refused) >= 15
    assert len(accepted) >= 15
    assert {(reply.text, reply.headers["content-type"]) for reply in refused} == {
        ("Rate exceeded.", "text/plain; charset=utf-8")
    }
    for number, reply in accepted:
        vector = read_vector(reply.json()["embedding"])
        assert vector is not None
        assert np.array_equal(vector, expected[number % len(clips)]), "an answer went to the wrong request"


async def test_too_much_memory_kills_the_instance_and_the_next_request_starts_another() -> None:
    """A clip of 30 s needs more than the limit leaves; one of 1 s does not."""
    short, long = speech()[0], speech(30.0)[0]
    async with running(dataclasses.replace(QUICK, memory_mib=240)) as (_, tier, events):
        before = await tier.embed(short)
        (first,) = instances()
        with pytest.raises(TierFailed) as failed:
            await tier.embed(long)
        assert (failed.value.status.status, failed.value.status.cause) == (Status.BROKEN, "instance-failed")
        await until(lambda: not lives(first.pid))
        after = await tier.embed(short)
        (second,) = instances()
        assert (second.pid != first.pid, after.instance_id != before.instance_id) == (True, True)
        assert np.array_equal(after.vector, before.vector)
    (told,) = [event for event in events if event.kind is Kind.OUT_OF_MEMORY]
    assert told.detail.startswith("Memory limit of 240 MiB exceeded with ")


async def test_google_auth_gets_its_token_from_the_emulated_metadata_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a token 403 with the cure, with the wrong audience 401, with the right one an embedding."""
    import google.auth.compute_engine._metadata as metadata

    clip = speech()[0]
    async with running(dataclasses.replace(QUICK, require_token=True)) as (emulated, tier, _):
        missing = await tier.probe()
        assert (missing.status, missing.cause) == (Status.MISCONFIGURED, "forbidden")
        assert "none was sent" in missing.reason
        monkeypatch.setenv("GCE_METADATA_IP", emulated.metadata_host)
        monkeypatch.setattr(metadata, "_GCE_METADATA_HOST", emulated.metadata_host)
        wrong = Settings(cloud_run_audience="https://other.run.app", cloud_run_auth="google-auth")
        status = await CloudRunTier(emulated.url, settings=wrong, timeout_s=WAIT_S).probe()
        assert (status.status, status.cause) == (Status.MISCONFIGURED, "unauthorised")
        assert "https://other.run.app" in status.reason
        assert instances() == [], "who is turned away wakes nothing"
        tokens = IdTokens(token_fetch(emulated.url, source="google-auth"))
        allowed = CloudRunTier(emulated.url, settings=SEEDED, tokens=tokens, request_s=WAIT_S)
        assert (await allowed.embed(clip)).vector.shape == (192,)
        await allowed.aclose()


def test_deployed_is_what_service_yaml_says() -> None:
    import yaml

    path = Path(cloud_run.__file__).with_name("service.yaml")
    service = yaml.safe_load(path.read_text(encoding="utf-8"))
    template = service["spec"]["template"]
    annotations, spec = template["metadata"]["annotations"], template["spec"]
    (container,) = spec["containers"]
    limits, probe = container["resources"]["limits"], container["startupProbe"]
    assert service["metadata"]["name"] == DEPLOYED.service
    assert int(annotations["autoscaling.knative.dev/minScale"]) == DEPLOYED.min_instances
    assert int(annotations["autoscaling.knative.dev/maxScale"]) == DEPLOYED.max_instances
    assert (annotations["run.googleapis.com/cpu-throttling"] == "false") == DEPLOYED.cpu_always
    assert spec["containerConcurrency"] == DEPLOYED.concurrency
    assert spec["timeoutSeconds"] == DEPLOYED.timeout_s
    assert (limits["cpu"], limits["memory"]) == (f"{DEPLOYED.vcpu:g}", f"{DEPLOYED.memory_mib // 1024}Gi")
    assert (probe["httpGet"]["path"], probe["periodSeconds"]) == (
        DEPLOYED.startup_probe.path,
        DEPLOYED.startup_probe.period_s,
    )
    assert probe["failureThreshold"] == DEPLOYED.startup_probe.failures
