"""The service at twice its capacity, and whether batching pays: `make bench-service`.

The service runs on one core with one thread, the client in this process on another; both on this host.
Prints one JSON object; exits 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import collections
import contextlib
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import aiohttp
import numpy as np
from numpy.typing import NDArray

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.process_memory import read_memory
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.tiers.cores import Cores, share_cores

EMBED = "/api/ml/speaker_embedding"
BATCH = "/api/ml/batch_embedding"
CLIP_S = 3
COSINE_FLOOR = 0.99999
IN_FLIGHT_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Sample:
    """A clip as a request's body, and the embedding that it must have."""

    body: bytes
    reference: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer: status, seconds from sending to the last byte, cosine to the reference, model's own seconds."""

    status: int
    seconds: float
    cosine: float | None = None
    model_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Phase:
    """All answers of a stretch of time."""

    outcomes: Sequence[Outcome]
    seconds: float

    @property
    def good(self) -> list[Outcome]:
        """Those with an embedding."""
        return [outcome for outcome in self.outcomes if outcome.status == 200]

    @property
    def per_s(self) -> float:
        """Embeddings a second."""
        return len(self.good) / self.seconds

    @property
    def busy(self) -> float:
        """The share of the time for which the model computed."""
        return sum(outcome.model_s for outcome in self.good) / self.seconds


@dataclass(frozen=True, slots=True)
class Look:
    """How long /health took, and the service's PSS."""

    health_s: float
    pss_bytes: int


async def make_samples(settings: Settings, count: int) -> list[Sample]:
    """Windows of the long clips, each with its embedding by the reference runtime in a process of its own."""
    clips = load_clips(settings.data_dir, [30.0])
    size = CLIP_S * 16_000
    windows = [clip.samples[start : start + size] for start in range(0, 27 * 16_000, size) for clip in clips]
    weights = await find_weights(settings)
    async with ModelProcess(weights, threads=1) as model:
        await model.load()
        return [Sample(body_of(window), (await model.embed(window)).vector) for window in windows[:count]]


def body_of(samples: NDArray[np.float32]) -> bytes:
    """The upstream's JSON with int16."""
    return json.dumps({"audio_data": in_base64(samples), "format": "int16", "sample_rate": 16000}).encode()


def in_base64(samples: NDArray[np.float32]) -> str:
    """int16 in base64."""
    return base64.b64encode((samples * 32768).astype("<i2").tobytes()).decode()


async def ask(client: aiohttp.ClientSession, url: str, sample: Sample) -> Outcome:
    """One request; status 0 is a broken connection or no answer within 30 s."""
    started_s = time.perf_counter()
    try:
        async with client.post(
            url + EMBED, data=sample.body, headers={"Content-Type": "application/json"}
        ) as answer:
            content = await answer.read()
    except (aiohttp.ClientError, TimeoutError):
        return Outcome(0, time.perf_counter() - started_s)
    seconds = time.perf_counter() - started_s
    if answer.status != 200:
        return Outcome(answer.status, seconds)
    found = np.array(json.loads(content)["embedding"])
    norm = np.linalg.norm(found) * np.linalg.norm(sample.reference)
    model_ms = float(answer.headers["Server-Timing"].rpartition("dur=")[2])
    return Outcome(200, seconds, float(found @ sample.reference / norm), model_ms / 1000)


async def closed_loop(
    client: aiohttp.ClientSession, url: str, samples: Sequence[Sample], callers: int, duration_s: float
) -> Phase:
    """So many callers, each with one request under way."""
    end_s = time.perf_counter() + duration_s
    outcomes: list[Outcome] = []

    async def call(first: int) -> None:
        index = first
        while time.perf_counter() < end_s:
            outcomes.append(await ask(client, url, samples[index % len(samples)]))
            index += callers

    started_s = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for first in range(callers):
            tasks.create_task(call(first))
    return Phase(outcomes, time.perf_counter() - started_s)


async def open_loop(
    client: aiohttp.ClientSession, url: str, samples: Sequence[Sample], rate: float, duration_s: float
) -> Phase:
    """Requests at planned times, whatever becomes of them; it ends with the last answer."""
    outcomes: list[Outcome] = []
    under_way = 0

    async def call(index: int) -> None:
        nonlocal under_way
        under_way += 1
        outcomes.append(await ask(client, url, samples[index % len(samples)]))
        under_way -= 1

    started_s = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for index in range(round(rate * duration_s)):
            await asyncio.sleep(max(0.0, started_s + index / rate - time.perf_counter()))
            if under_way >= IN_FLIGHT_LIMIT:
                raise RuntimeError("the service neither answers nor refuses")
            tasks.create_task(call(index))
    return Phase(outcomes, time.perf_counter() - started_s)


async def watch(client: aiohttp.ClientSession, url: str, pid: int, seen: list[Look]) -> None:
    """Ask /health ten times a second, and look at the memory as often, until cancelled."""
    while True:
        started_s = time.perf_counter()
        async with client.get(f"{url}/health") as answer:
            await answer.read()
            assert answer.status == 200
        seen.append(Look(time.perf_counter() - started_s, read_memory(pid)["pss"]))
        await asyncio.sleep(0.1)


async def measure_batches(
    client: aiohttp.ClientSession, url: str, samples: Sequence[Sample]
) -> list[dict[str, float]]:
    """Eight clips of one length, as eight requests and as one, interleaved; medians of five."""
    rows = []
    (clip, *_) = load_clips(read_settings().data_dir, [30.0])
    for clip_s in (0.5, 1.0, 2.0, 3.0):
        size = int(clip_s * 16_000)
        parts = [clip.samples[i * size : (i + 1) * size] for i in range(8)]
        singles = [Sample(body_of(part), samples[0].reference) for part in parts]
        batch = json.dumps({"audio_samples": [in_base64(part) for part in parts], "format": "int16"})
        alone, together = [], []
        for _ in range(5):
            started_s = time.perf_counter()
            for single in singles:
                await ask(client, url, single)
            alone.append(time.perf_counter() - started_s)
            started_s = time.perf_counter()
            async with client.post(
                url + BATCH, data=batch, headers={"Content-Type": "application/json"}
            ) as answer:
                assert all((await answer.json())["embeddings"])
            together.append(time.perf_counter() - started_s)
        a, b = statistics.median(alone), statistics.median(together)
        rows.append({"clip_s": clip_s, "eight_requests_s": a, "one_batch_s": b, "speedup": a / b})
    return rows


@contextlib.asynccontextmanager
async def service(cores: Cores, threads: int, runtime: str) -> AsyncIterator[tuple[str, int, list[float]]]:
    """A ready service: its URL, its process, and a list that gets its exit code and the time it took to end."""
    arguments = ["serve", "--port", "0", "--json", "--threads", str(threads), "--runtime", runtime]
    ended: list[float] = []
    async with child_process("tests.service.serve_process", [str(cores.tier), *arguments]) as process:
        assert process.stdout is not None
        serving = json.loads(await process.stdout.readline())
        async with aiohttp.ClientSession() as client:
            while True:
                async with client.get(f"{serving['url']}/health") as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.1)
        yield serving["url"], serving["pid"], ended
        started_s = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        ended += [await process.wait(), time.perf_counter() - started_s]


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def run(duration_s: float, runtime: str, threads: int) -> dict[str, object]:
    """Everything, as one record."""
    settings = read_settings()
    cores = share_cores()
    samples = await make_samples(settings, 30)
    if cores.client is not None and threads == 1:
        os.sched_setaffinity(0, {cores.client})
    else:
        cores = Cores(None, None)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=30)
    async with (
        service(cores, threads, runtime) as (url, pid, ended),
        aiohttp.ClientSession(connector=connector, timeout=timeout) as client,
    ):
        await closed_loop(client, url, samples, 4, duration_s / 3)
        before = await closed_loop(client, url, samples, 2, duration_s / 4)
        # The machine may be shared: twice what the model does when it is left alone.
        rate = 2 / quantile([outcome.model_s for outcome in before.good], 0.1)
        seen: list[Look] = []
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(watch(client, url, pid, seen))
            overload = await open_loop(client, url, samples, rate, duration_s)
            watching.cancel()
        after = await closed_loop(client, url, samples, 2, duration_s / 4)
        batches = await measure_batches(client, url, samples)
    return summary(before, overload, after, seen) | {
        "offered_per_s": rate,
        "runtime": runtime,
        "threads": threads,
        "placement": cores.note,
        "batches": batches,
        "exit_code": ended[0],
        "exit_s": ended[1],
    }


def summary(before: Phase, overload: Phase, after: Phase, seen: Sequence[Look]) -> dict[str, object]:
    """The figures, and the promises that they break.

    On a shared machine the capacity drifts within minutes. `capacity_during_per_s` is what the model, busy as in
    the closed loops around, could do at the speed that it had during the overload.
    """
    good, statuses = overload.good, collections.Counter(outcome.status for outcome in overload.outcomes)
    refused_s = [outcome.seconds for outcome in overload.outcomes if outcome.status == 429]
    busy = statistics.mean([before.busy, after.busy])
    capacity_during = busy / statistics.mean(outcome.model_s for outcome in good)
    goodput = overload.per_s / capacity_during
    health_s = [look.health_s for look in seen]
    tenth = max(1, len(seen) // 10)
    # The allocator gives memory back and takes it again, by some 10 %: medians, not single looks.
    pss = [statistics.median(look.pss_bytes for look in part) for part in (seen[:tenth], seen[-tenth:])]
    worst = min(outcome.cosine or 0.0 for outcome in good)
    overloaded = len(overload.outcomes) / overload.seconds / capacity_during
    checks = {
        "an undocumented status": set(statuses) <= {200, 429, 503, 504},
        "a wrong embedding": worst >= COSINE_FLOOR,
        "goodput below 90 % of capacity": goodput >= 0.9,
        "memory more than 10 % above warm": pss[1] <= 1.1 * pss[0],
        "429 not at once (p99 above 0.25 s)": quantile(refused_s, 0.99) < 0.25,
        "not overloaded (below 1.8 times capacity)": overloaded >= 1.8,
    }
    return {
        "capacity_before_per_s": before.per_s,
        "capacity_during_per_s": capacity_during,
        "capacity_after_per_s": after.per_s,
        "overload": overloaded,
        "seconds": overload.seconds,
        "statuses": dict(statuses),
        "goodput_per_s": overload.per_s,
        "goodput_of_capacity": goodput,
        "model_busy": {"before": before.busy, "overload": overload.busy, "after": after.busy},
        "cosine_min": worst,
        "accepted_s": {"p50": quantile([o.seconds for o in good], 0.5), "max": max(o.seconds for o in good)},
        "refused_s": {"p50": quantile(refused_s, 0.5), "p99": quantile(refused_s, 0.99)},
        "health_s": {"p50": quantile(health_s, 0.5), "p99": quantile(health_s, 0.99), "max": max(health_s)},
        "pss_warm_bytes": pss[0],
        "pss_end_bytes": pss[1],
        "pss_max_bytes": max(look.pss_bytes for look in seen),
        "broken": [promise for promise, kept in checks.items() if not kept],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--runtime", default="onnx")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    result = asyncio.run(run(options.seconds, options.runtime, options.threads))
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    sys.exit(bool(result["broken"]))


if __name__ == "__main__":
    main()
