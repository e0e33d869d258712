"""`jarvis-bench cloud-run`: emulate Cloud Run on this machine, and see what is missing for the real one."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.cli.output import print_record, print_text, tell
from jarvis_bench.errors import MissingExtra
from jarvis_bench.settings import read_settings
from jarvis_bench.stop_signals import stop_on_signals

if TYPE_CHECKING:
    from jarvis_bench.tiers.cloud_run.emulator.emulator import Emulated
    from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
    from jarvis_bench.tiers.cloud_run.report import CloudRunReport

app = typer.Typer(
    help="Emulate Cloud Run on this machine, or see what is missing for a real service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, slots=True)
class Emulating:
    """Printed once the front door is open.

    `metadata_host` gives google-auth its tokens; empty: public. `instances`: `container` or `process`, and `why` that.
    """

    url: str
    pid: int
    metadata_host: str
    instances: str
    why: str
    how: str = "emulated"


@app.command("emulate")
def emulate(
    port: Annotated[
        int, typer.Option(help="Port of the front door on 127.0.0.1; 0 takes a free one.")
    ] = 8090,
    runtime: Annotated[str, typer.Option(help="What the instances compute with.")] = "onnx",
    instances: Annotated[
        str, typer.Option(help="container, process, or auto: containers where an engine and our image are.")
    ] = "auto",
    vcpu: Annotated[float, typer.Option(help="CPUs of an instance (its runtime's threads).")] = 1.0,
    memory_mib: Annotated[int, typer.Option(help="An instance that holds more is killed.")] = 1024,
    concurrency: Annotated[int, typer.Option(help="Requests that one instance gets at a time.")] = 4,
    min_instances: Annotated[int, typer.Option(help="Instances kept without requests.")] = 0,
    max_instances: Annotated[int, typer.Option(help="Never more instances.")] = 3,
    timeout_s: Annotated[float, typer.Option(help="For a request, a start included, in seconds.")] = 60.0,
    idle_s: Annotated[float, typer.Option(help="An instance is ended after so many idle seconds.")] = 900.0,
    start_delay_s: Annotated[float, typer.Option(help="Added to every start, in seconds.")] = 0.0,
    cpu_always: Annotated[bool, typer.Option("--cpu-always", help="CPU also between requests.")] = False,
    require_token: Annotated[
        bool, typer.Option("--require-token", help="Want ID tokens, as Google does unless told otherwise.")
    ] = False,
    json: Json = False,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Serve like Cloud Run: cold starts, limits, queue, frozen CPUs and a bill, with real instances.

    Other settings are those of our service.yaml. Events go to standard error; Ctrl-C ends all instances.
    """
    given = {name: value for name, value in locals().items() if name not in ("port", "json", "with_parent")}
    if with_parent:
        end_with_parent()
    came = asyncio.run(_emulate(given, port, json))
    if signal.SIGINT in came:
        raise typer.Exit(130)


async def _emulate(given: dict[str, Any], port: int, json: bool) -> list[signal.Signals]:
    try:
        from jarvis_bench.tiers.cloud_run.emulator.emulator import emulator
        from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED
    except ModuleNotFoundError as exc:
        raise MissingExtra("starlette, uvicorn, aiohttp and google-auth", "serve,cloud") from exc
    from dataclasses import replace

    settings, emulated = read_settings(), replace(DEPLOYED, **given)
    stop = asyncio.Event()
    came = stop_on_signals(stop)
    async with emulator(
        emulated, settings=settings, port=port, tell=lambda event: tell(str(event))
    ) as cloud_run:
        _announce(cloud_run, emulated, json)
        await stop.wait()
    bill = cloud_run.bill()
    tell(f"{bill.requests} requests, {bill.starts} starts, {bill.billed_s:.1f} s billed (emulated)")
    if thaws_s := cloud_run.revision.thaws_s:
        middle_s = statistics.median(thaws_s)
        tell(
            f"{len(thaws_s)} requests waited for an instance to get its CPU back, {middle_s * 1e3:.1f} ms each "
            f"in the median (measured; {cloud_run.instances})"
        )
    return came


def _announce(cloud_run: Emulated, emulated: EmulatorSettings, json: bool) -> None:
    record = Emulating(
        cloud_run.url, os.getpid(), cloud_run.metadata_host, cloud_run.instances, cloud_run.why
    )
    if json:
        print_record(record)
    else:
        lines = [
            f"emulating Cloud Run on {cloud_run.url} ({emulated.runtime}); the first request starts an instance",
            f"an instance is a {cloud_run.instances}: {cloud_run.why}",
        ]
        lines += [f"use it: JARVIS_BENCH_CLOUD_RUN_URL={cloud_run.url}"]
        if record.metadata_host:
            host = record.metadata_host
            lines += [
                f"with: JARVIS_BENCH_CLOUD_RUN_AUTH=google-auth GCE_METADATA_HOST={host} GCE_METADATA_IP={host}"
            ]
        print_text("\n".join(lines))
    sys.stdout.flush()


@app.command("status")
def status(
    per_month: Annotated[
        float | None, typer.Option(min=0, help="Model the cost of a month with so many requests.")
    ] = None,
    latency_s: Annotated[float, typer.Option(min=0, help="Of one request on an instance, in seconds.")] = 0.2,
    start_s: Annotated[float, typer.Option(min=0, help="Of a cold start, in seconds.")] = 10.0,
    json: Json = False,
) -> None:
    """Explain what is missing for a real service, and probe it once (which may wake it, and costs).

    Exits 1 when it is not ready.
    """
    from jarvis_bench.records import Status
    from jarvis_bench.tiers.cloud_run.cost import Load
    from jarvis_bench.tiers.cloud_run.report import explain

    load = None if per_month is None else Load(latency_s, start_s, per_month)
    report = asyncio.run(explain(read_settings(), load))
    if json:
        print_record(report)
    else:
        print_text(as_text(report))
    if report.status.status is not Status.READY:
        raise typer.Exit(1)


def as_text(report: CloudRunReport) -> str:
    """The record in words."""
    lines = [f"{'ok' if check.ok else 'MISSING':8} {check.name:14} {check.text}" for check in report.checks]
    if report.probes is not None:
        bill = report.probes
        woke = "woke an instance" if bill.wakes else "woke nothing"
        sent = f"{bill.requests} request{'s' if bill.requests > 1 else ''}"
        lines += [
            "",
            f"this probe: {sent}, {woke}, ${bill.usd:.7f} (modelled, prices of {bill.prices_taken})",
        ]
    if report.costs:
        taken = report.costs[0].prices_taken
        lines += [
            "",
            f"a month (modelled, prices of {taken}; before the free tier, and what that takes off):",
        ]
    for cost in report.costs:
        each = "n/a" if cost.usd_per_1000 is None else f"${cost.usd_per_1000:.4f} per 1,000"
        kept = f"{cost.billing}, {cost.min_instances} kept"
        month = f"${cost.usd_month:.2f}, free ${cost.free_usd:.2f}"
        lines.append(f"{kept:24} {month:30} {each}; {cost.cold_starts_month:.0f} cold starts")
    return "\n".join(lines)
