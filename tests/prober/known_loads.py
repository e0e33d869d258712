"""Loads on a server of known behaviour, and ways to starve the client: for the self-test and the benchmark."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.prober.facts import NullFloor, RunFacts
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.load import Carried, Label, carry_out, prepare
from jarvis_bench.prober.load_report import LoadReport, load_report
from jarvis_bench.prober.plan import Plan, make_plan
from jarvis_bench.tiers.cores import share_cores
from jarvis_bench.tiers.service_client import ClientLimits
from jarvis_bench.tiers.stamps import Send, Stamps
from jarvis_bench.tiers.tier import Answer
from jarvis_bench.tiers.url import UrlTier

CORES = share_cores()
CLIPS = tuple(
    Clip(
        f"noise-{seed}",
        "nobody",
        "en",
        1.0,
        (np.random.default_rng(seed).integers(-3000, 3000, 16_000) / 32768).astype(np.float32),
    )
    for seed in range(3)
)
REFERENCE = np.asarray([round(0.001 * (number + 1), 3) for number in range(192)], dtype=np.float32)
HOG = "import os\nos.sched_setaffinity(0, {int(os.environ['CORE'])})\nwhile True: pass"


@contextlib.contextmanager
def on_its_core() -> Iterator[None]:
    """This process on the client's core and its loop without the tests' debugging, as the measuring process is."""
    loop, before = asyncio.get_running_loop(), os.sched_getaffinity(0)
    loop.set_debug(False)
    if CORES.client is not None:
        os.sched_setaffinity(0, {CORES.client})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        loop.set_debug(True)


async def log_of(url: str) -> dict[str, Any]:
    """What the server says that it did."""

    def read() -> dict[str, Any]:
        with urllib.request.urlopen(f"{url}/log", timeout=5) as answer:
            content: dict[str, Any] = json.load(answer)
        return content

    return await asyncio.to_thread(read)


def blocking(sends: Sequence[Send], block_s: float) -> tuple[Send, ...]:
    """The same, but every fifth holds the client's loop."""

    def block(send: Send) -> Send:
        async def sent(number: int, stamps: Stamps) -> Answer:
            if number % 5 == 0:
                time.sleep(block_s)
            return await send(number, stamps)

        return sent

    return tuple(block(send) for send in sends)


async def measure(
    behaviour: Behaviour, plan: Plan, *, connections: int | None = None, block_s: float = 0.0
) -> tuple[LoadReport, Carried, dict[str, Any]]:
    """One load on the server, judged as if calibrated; with what the server says of it."""
    with on_its_core():
        async with known_server(behaviour, core=CORES.tier) as url:
            limits = ClientLimits(connections=connections or plan.most_under_way)
            tier = UrlTier(url, limits=limits)
            sends = tuple(prepare(tier, clip) for clip in CLIPS)
            if block_s:
                sends = blocking(sends, block_s)
            made = make_plan(plan)
            carried = await carry_out(
                sends, CLIPS, made, Label("run", url, ""), first_number=0, references=[REFERENCE] * len(CLIPS)
            )
            told = await log_of(url)
            await tier.aclose()
    facts = RunFacts(
        *(url, "", 1.0, 1, "same host", True),
        run="run",
        load=made.label,
        scenario=made.scenario,
        duration_s=made.duration_s,
        rate_per_s=made.rate_per_s if made.is_open else 0.0,
        under_way=made.most_under_way,
        started_ns=carried.started_ns,
        ended_ns=carried.ended_ns,
        clock_ratio=carried.clock_ratio,
        limits=limits,
        floor=NullFloor(20, 20.0, 0.0005, None, 0.02, 10_000.0),
    )
    return load_report(facts, carried.rows, carried.ticks), carried, told


@contextlib.contextmanager
def hogs(count: int = 3) -> Iterator[None]:
    """Programs that compute all the time on the client's core."""
    environment = {**os.environ, "CORE": str(CORES.client)}
    running = [subprocess.Popen([sys.executable, "-c", HOG], env=environment) for _ in range(count)]
    try:
        yield
    finally:
        for hog in running:
            hog.kill()
            hog.wait()
