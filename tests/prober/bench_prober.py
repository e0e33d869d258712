"""The prober beside wrk and beside bare clients, twenty healthy runs, and starved clients: `make bench-prober`.

Needs wrk (`apt install wrk`), two cores and a quiet machine; some five minutes. Prints one JSON object; exits 1 where
a promise is not kept. A promise is not judged where httpx over aiohttp alone, the same loop without rows or looking
into answers, cannot keep it either: then this machine is too slow for that client. What aiohttp alone does is told.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.load_report import LoadReport
from jarvis_bench.prober.measurement import LoadMeasurement, measure_load
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.plan import OPEN_CONSTANT, OPEN_POISSON, Plan
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.prepared_body import encode_body
from jarvis_bench.tiers.service_client import EMBED_PATH

from .known_loads import CORES, hogs, log_of, measure

CONNECTIONS = 16
SECONDS = 5
ROUNDS = 3
LEAST_PER_S = 2000
HEALTHY_RUNS = 20
STARVED_RUNS = 5
SCRIPT = """
local file = io.open("{body}", "rb")
wrk.method, wrk.body = "POST", file:read("*a")
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency)
  local errors = summary.errors.status + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors))
end
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One tool on one server: answers a second, service time at p50 and p99 in seconds."""

    per_s: float
    p50_s: float
    p99_s: float


async def wrk(url: str, script: Path) -> Result:
    """wrk with one thread on the client's core."""
    options = ("-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), url + EMBED_PATH)
    pin = () if CORES.client is None else ("taskset", "-c", str(CORES.client))
    process = await asyncio.create_subprocess_exec(*pin, "wrk", *options, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    words = next(line for line in out.decode().splitlines() if line.startswith("RESULT")).split()
    requests, duration_us, p50_us, p99_us, errors = map(int, words[1:])
    if errors:
        raise RuntimeError(f"wrk counted {errors} errors")
    return Result(requests / (duration_us / 1e6), p50_us / 1e6, p99_us / 1e6)


async def bare(kind: str, url: str, body: Path) -> Result:
    """A client and nothing else, on the client's core."""
    options = (kind, url + EMBED_PATH, str(body), str(CONNECTIONS), str(SECONDS), str(CORES.client))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.prober.bare_client", *options), stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    answers, p50_s, p99_s = map(float, out.split())
    return Result(answers / SECONDS, p50_s, p99_s)


async def ours(url: str, *plans: Plan, **options: Any) -> LoadMeasurement:
    """The prober, in a process of its own as always."""
    order = MeasurementOrder((url,), tuple(LoadOrder(plan) for plan in plans), **options)
    return await measure_load(order)


def as_result(report: LoadReport) -> Result:
    """The same three numbers."""
    p50, p99 = (next(p.seconds for p in report.service if p.p == wanted) for wanted in (50, 99))
    return Result(report.rate.completed, p50 or 0.0, p99 or 0.0)


async def beside_wrk(delay_s: float, script: Path, body: Path) -> dict[str, Any]:
    """All in turns on one server; medians of the rounds."""
    found: dict[str, list[Result]] = {"wrk": [], "httpx": [], "aiohttp": [], "ours": []}
    kept = True
    for _ in range(ROUNDS):
        async with known_server(Behaviour(delay_s=delay_s), core=CORES.tier) as url:
            found["wrk"].append(await wrk(url, script))
            # What wrk left under way is answered first.
            await asyncio.sleep(10 * delay_s)
            for kind in ("httpx", "aiohttp"):
                found[kind].append(await bare(kind, url, body))
            before = await log_of(url)
            measured = await ours(url, Plan("closed", SECONDS, concurrency=CONNECTIONS))
            served = (await log_of(url))["served"] - before["served"]
        kept &= served == len(measured.rows)
        found["ours"].append(as_result(measured.reports[0]))
    return {"kept": kept} | {
        tool: {
            name: statistics.median(getattr(result, name) for result in results)
            for name in ("per_s", "p50_s", "p99_s")
        }
        for tool, results in found.items()
    }


async def healthy() -> dict[str, Any]:
    """Twenty runs of five seconds that nothing disturbs."""
    reports: list[LoadReport] = []
    for seed in range(1, 5):
        async with known_server(Behaviour(delay_s=0.05), core=CORES.tier) as url:
            plans = [Plan(OPEN_POISSON, 5.0, rate_per_s=40.0)] * (HEALTHY_RUNS // 4)
            reports += (await ours(url, *plans, seed=seed)).reports
    verdicts = [report.verdict.value for report in reports]
    reasons = sorted({reason for report in reports for reason in report.reasons})
    return {
        "runs": len(reports),
        "valid": verdicts.count("VALID"),
        "invalid": verdicts.count("INVALID"),
        "why": reasons,
    }


async def starved() -> dict[str, Any]:
    """Each kind several times: how often it was INVALID, and for the right reason first."""
    found = {}
    constant, server = Plan(OPEN_CONSTANT, 3.0, rate_per_s=40.0), Behaviour(delay_s=0.05)
    for kind, reason in (("pool", "connection pool"), ("loop", "client's loop"), ("core", "client's core")):
        right = 0
        for _ in range(STARVED_RUNS):
            if kind == "pool":
                plan = Plan("closed", 2.0, concurrency=16)
                report, *_ = await measure(Behaviour(delay_s=0.02), plan, connections=1)
            elif kind == "loop":
                report, *_ = await measure(server, constant, block_s=0.06)
            else:
                with hogs():
                    report, *_ = await measure(server, constant)
            first = report.reasons[0] if report.reasons else ""
            right += report.verdict is MeasurementVerdict.INVALID and first.startswith(reason)
        found[kind] = f"{right} of {STARVED_RUNS}"
    return found


async def on_time() -> dict[str, Any]:
    """A hundred a second: how late they leave."""
    async with known_server(Behaviour(delay_s=0.02), core=CORES.tier) as url:
        measured = await ours(url, Plan(OPEN_CONSTANT, 7.0, rate_per_s=100.0))
    (report,) = measured.reports
    client = report.client
    return {
        "slip_p99_s": client.slip_p99_s,
        "lag_p99_s": client.lag_p99_s,
        "cpu_share": client.cpu_share,
        "verdict": report.verdict.value,
        "why": report.reasons,
    }


def near_wrk(slow: dict[str, Any], name: str, allowed: float) -> tuple[str, bool | None]:
    """Whether ours is as near to wrk as promised; None where httpx alone is not."""
    off, least = (slow[tool][name] / slow["wrk"][name] - 1 for tool in ("ours", "httpx"))
    held = abs(off) <= allowed or (None if abs(least) > allowed else False)
    text = f"service {name[:3]} within {allowed:.0%} of wrk ({off:+.1%}; httpx alone {least:+.1%})"
    return text, held


def fast_enough(zero: dict[str, Any]) -> tuple[str, bool | None]:
    """Whether ours sends as many as promised; None where httpx alone does not."""
    reached, most = zero["ours"]["per_s"], zero["httpx"]["per_s"]
    held = reached >= LEAST_PER_S or (None if most < LEAST_PER_S else False)
    return f"{LEAST_PER_S:,} requests/s on one core ({reached:.0f}; httpx alone {most:.0f})", held


def broken_promises(result: dict[str, Any]) -> list[str]:
    """What was promised and is not so."""
    slow, zero = result["20 ms server"], result["zero-work server"]
    promises: dict[str, bool | None] = {
        **dict([near_wrk(slow, "p50_s", 0.05), near_wrk(slow, "p99_s", 0.20), fast_enough(zero)]),
        "every row kept": slow["kept"] and zero["kept"],
        f"slip p99 below 2 ms at 100/s ({result['100/s']['slip_p99_s'] * 1e3:.2f} ms)": (
            result["100/s"]["slip_p99_s"] < 0.002
        ),
        f"no healthy run INVALID ({result['healthy']['invalid']})": result["healthy"]["invalid"] == 0,
        f"starved clients found out ({result['starved']})": (
            set(result["starved"].values()) == {f"{STARVED_RUNS} of {STARVED_RUNS}"}
        ),
    }
    words = {True: "kept", False: "BROKEN", None: "not judged: out of reach of httpx alone, too"}
    result["promises"] = {text: words[held] for text, held in promises.items()}
    return [text for text, held in promises.items() if held is False]


async def run() -> dict[str, Any]:
    """All parts, one after the other."""
    if sys.argv[1:] == ["--client-only"]:
        return {"starved": await starved(), "healthy": await healthy(), "broken": []}
    clip = load_clips(Settings().data_dir, [3.0])[0]
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder, "body.json"), Path(folder, "post.lua")
        body.write_bytes(encode_body(clip.samples))
        script.write_text(SCRIPT.format(body=body), encoding="utf-8")
        result: dict[str, Any] = {"cores": os.cpu_count(), "body_bytes": body.stat().st_size}
        result["20 ms server"] = await beside_wrk(0.02, script, body)
        result["zero-work server"] = await beside_wrk(0.0, script, body)
    result["100/s"] = await on_time()
    result["starved"] = await starved()
    result["healthy"] = await healthy()
    result["broken"] = broken_promises(result)
    return result


def main() -> None:
    """Measure and judge."""
    if shutil.which("wrk") is None or CORES.client is None:
        sys.exit("this needs wrk (apt install wrk) and two cores")
    result = asyncio.run(run())
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    sys.exit(bool(result["broken"]))


if __name__ == "__main__":
    main()
