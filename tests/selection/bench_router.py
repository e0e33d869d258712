"""The router under ten thousand fault schedules and under real faults, and the page with fifty readers.

`make bench-router`: prints one JSON object; exits 1 where a promise is not kept. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator

from jarvis_bench.kit.switching import SwitchingPlan, measure_switching
from jarvis_bench.process_memory import read_memory
from jarvis_bench.report.switching import broken_promises as broken_by_faults
from jarvis_bench.report.switching import extra_wait_s
from tests.dashboard.page_process import page_process
from tests.selection.simulation import broken_promises, make_schedule, simulate

READERS = 50
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
    """PSS of the dashboard's process before fifty pages are opened, and after they were open for a minute."""
    with page_process() as (port, pid):
        with readers(port, 1):
            time.sleep(10)
        before = read_memory(pid)["pss"]
        with readers(port, READERS) as count:
            time.sleep(seconds)
            after = read_memory(pid)["pss"]
            received = count()
    grown = after - before
    return {
        "readers": READERS,
        "seconds": seconds,
        "events": received,
        "pss_before_bytes": before,
        "pss_after_bytes": after,
        "grown_bytes": grown,
        "broken": [f"{grown / 1e6:.1f} MB grown"] if grown > GROWTH_LIMIT_BYTES else [],
    }


@contextlib.contextmanager
def readers(port: int, number: int) -> Iterator[Callable[[], int]]:
    """Open pages: each a connection that reads all events; gives how many bytes have come."""
    import threading

    total = [0] * number
    clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=30.0) for _ in range(number)]

    def read(index: int) -> None:
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
            clients[index].request("GET", "/events")
            answer = clients[index].getresponse()
            while line := answer.readline():
                total[index] += line.startswith(b"event:")

    threads = [threading.Thread(target=read, args=(index,), daemon=True) for index in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(total)
    finally:
        for client in clients:
            if client.sock is not None:
                with contextlib.suppress(OSError):
                    client.sock.shutdown(2)
        for thread in threads:
            thread.join(5.0)
        for client in clients:
            client.close()


async def measure_faults() -> dict[str, object]:
    """Real processes, one run a fault, by the router's own rules."""
    rows, facts = await measure_switching(SwitchingPlan(after_s=35.0), progress=_tell)
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
        "requests": len(rows),
        "sent": facts.sent,
        "faults": faults,
        "broken": broken_by_faults(rows, facts),
    }


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--page-seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=["simulation", "page", "faults"])
    options = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "simulation": lambda: simulate_many(options.schedules),
        "page": lambda: measure_pages(options.page_seconds),
        "faults": lambda: asyncio.run(measure_faults()),
    }
    result = {name: part() for name, part in parts.items() if options.only in (None, name)}
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    sys.exit(any(part["broken"] for part in result.values()))


if __name__ == "__main__":
    main()
