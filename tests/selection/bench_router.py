"""The router under ten thousand fault schedules and under real faults, and the page with fifty readers.

`make bench-router`: prints one JSON object; exits 1 where a promise is not kept. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import TierFailed
from jarvis_bench.kit.switching import measure_switching
from jarvis_bench.kit.switching_records import SwitchingPlan
from jarvis_bench.kit.tiers_up import tiers_up
from jarvis_bench.process_memory import read_memory
from jarvis_bench.records import ProbeReport, Status
from jarvis_bench.report.switching import broken_promises as broken_by_faults
from jarvis_bench.report.switching import extra_wait_s
from jarvis_bench.reproduction.reproduce import reproduce
from jarvis_bench.selection.waterfall import Waterfall
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.tiers.configured import configured_tiers
from jarvis_bench.tiers.cores import Cores
from jarvis_bench.tiers.local import LocalTier
from tests.dashboard.page_process import page_process
from tests.selection.simulation import broken_promises, make_schedule, simulate

READERS = 50
DECISIONS = 11
DECISION_LIMIT_S = 0.15
GROWTH_LIMIT_BYTES = 2_000_000


def play(seed: int) -> tuple[int, int, list[str]]:
    """One schedule: seed, requests, broken promises."""
    try:
        history = simulate(make_schedule(seed))
    except Exception as exc:  # a schedule that does not end is a broken promise like any other
        return seed, 0, [f"{type(exc).__name__}: {exc}"]
    return seed, len(history.outcomes), broken_promises(history)


def simulate_many(schedules: int) -> dict[str, object]:
    """All seeds from 0 on, on all cores."""
    began_s = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with context.Pool(len(os.sched_getaffinity(0))) as pool:
        played = pool.map(play, range(schedules), chunksize=100)
    broken = {seed: promises for seed, _, promises in played if promises}
    return {
        "schedules": schedules,
        "requests": sum(requests for _, requests, _ in played),
        "seconds": time.perf_counter() - began_s,
        "broken_seeds": {seed: broken[seed] for seed in list(broken)[:10]},
        "broken": [f"{len(broken)} seeds, such as {next(iter(broken))}"] if broken else [],
    }


def measure_pages(seconds: float) -> dict[str, object]:
    """RAM of the dashboard's process before fifty pages are opened, and after they were open for a minute."""
    with page_process() as (port, pid):
        with readers(port, 1):
            time.sleep(10)
        before = read_memory(pid)
        with readers(port, READERS) as count:
            time.sleep(seconds)
            after = read_memory(pid)
            received = count()
    # Other processes may come to share its libraries meanwhile, which lowers its PSS and not its USS.
    grown = max(after[metric] - before[metric] for metric in ("pss", "uss"))
    return {
        "readers": READERS,
        "seconds": seconds,
        "events": received,
        "before_bytes": before,
        "after_bytes": after,
        "grown_bytes": grown,
        "broken": [f"{grown / 1e6:.1f} MB grown"] if grown > GROWTH_LIMIT_BYTES else [],
    }


@contextlib.contextmanager
def readers(port: int, number: int) -> Iterator[Callable[[], int]]:
    """Open pages: each a connection that reads all events; gives how many events have come."""
    total = [0] * number
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=30.0) for _ in range(number)]

    def read(index: int) -> None:
        with contextlib.suppress(OSError):
            sockets[index].sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            while content := sockets[index].recv(65_536):
                total[index] += content.count(b"event: parts")

    threads = [threading.Thread(target=read, args=(index,), daemon=True) for index in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(total)
    finally:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5.0)
        for one in sockets:
            one.close()


async def measure_faults(first: str, share_most: float, threads: int) -> dict[str, object]:
    """The real tier, one run a fault, by the router's own rules."""
    plan = SwitchingPlan(after_s=30.0, first=first, share_most=share_most, threads=threads)
    rows, facts = await measure_switching(plan, progress=_tell)
    faults = {
        fault: {
            "worst_extra_wait_s": extra_wait_s([row for row in rows if row.fault == fault], facts),
            "switches": [
                f"{switch.at_s:.2f} s {switch.left} → {switch.taken} ({switch.cause})"
                for switch in facts.switches
                if switch.fault == fault
            ],
        }
        for fault in facts.plan.faults
    }
    return {
        "tiers": facts.tiers,
        "requests": len(rows),
        "sent": facts.sent,
        "rate_per_s": facts.rate_per_s,
        "clip_alone_s": facts.alone_s,
        "threads": threads,
        "faults": faults,
        "broken": broken_by_faults(rows, facts),
    }


async def measure_decision() -> dict[str, object]:
    """The decision over real tiers that are all up, and over worlds where some hang; v10.7 beside ours."""
    settings = read_settings()
    async with tiers_up(settings, _tell, cores=Cores(None, None)) as up:
        reports, embeddings_s = await _decide_often(up)
    middle_s = statistics.median(report.seconds for report in reports)
    ready = [status.tier for status in reports[-1].tiers if status.status is Status.READY]
    worlds = {
        world: {version: (await reproduce(version, world)).seconds for version in ("v10.7", "current")}
        for world in ("docker-ready", "docker-hangs", "cloud-cold")
    }
    took = f"{middle_s:.3f} s with {', '.join(ready)}; the known clip's embeddings alone take {embeddings_s:.3f} s"
    found = [took] if middle_s > DECISION_LIMIT_S else []
    found += [f"not ready: {status.reason}" for status in reports[-1].tiers if status.tier not in ready]
    found += [
        f"{world}: {seconds['current']:.2f} s"
        for world, seconds in worlds.items()
        if seconds["current"] > settings.probe_deadline_s + 0.2
    ]
    return {
        "median_s": middle_s,
        "slowest_s": max(report.seconds for report in reports),
        "decisions": len(reports),
        "ready": ready,
        "probes_median_s": {
            tier: statistics.median(
                one.seconds for report in reports for one in report.tiers if one.tier == tier
            )
            for tier in ready
        },
        "floor_embeddings_at_once_median_s": embeddings_s,
        "worlds_s": worlds,
        "broken": found,
    }


async def _decide_often(up: Settings) -> tuple[list[ProbeReport], float]:
    """Decisions, and what the known clip alone takes in the tiers that prove themselves by it, all at once."""
    local, clip = LocalTier(up, runtime="onnx"), load_clips(up.data_dir, [1.0])[0].samples
    asked: list[Any] = [tier for tier in configured_tiers(up) if tier.name != "local"]
    embeddings_s = []
    try:
        for tier in (local, *asked):
            with contextlib.suppress(TierFailed):
                await tier.start()
        # The first one opens connections.
        reports = [await Waterfall([*asked, local]).decide() for _ in range(DECISIONS + 1)][1:]
        proven = [
            tier for tier, status in zip(asked, reports[-1].tiers, strict=False) if status.status == "ready"
        ]
        for _ in range(DECISIONS + 1):
            began_s = time.perf_counter()
            await asyncio.gather(*(tier.embed(clip) for tier in proven))
            embeddings_s.append(time.perf_counter() - began_s)
    finally:
        for tier in (*asked, local):
            await tier.aclose()
    return reports, statistics.median(embeddings_s[1:])


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--page-seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=["simulation", "page", "decision", "faults"])
    parser.add_argument("--first", choices=["service", "docker", "auto"], default="auto")
    parser.add_argument("--share-most", type=float, default=SwitchingPlan().share_most)
    parser.add_argument("--threads", type=int, default=1, help="of the model in each tier, under real faults")
    options = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "simulation": lambda: simulate_many(options.schedules),
        "page": lambda: measure_pages(options.page_seconds),
        "decision": lambda: asyncio.run(measure_decision()),
        "faults": lambda: asyncio.run(measure_faults(options.first, options.share_most, options.threads)),
    }
    result = {name: part() for name, part in parts.items() if options.only in (None, name)}
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    sys.exit(any(part["broken"] for part in result.values()))


if __name__ == "__main__":
    main()
