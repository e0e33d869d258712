"""`jarvis-bench docker build|start|stop|status`: the Docker tier's image and container."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.image import Image, build_image, find_image
from jarvis_bench.tiers.docker.tier import DockerTier
from jarvis_bench.tiers.known_clip import compute_known_vector, find_known_clip
from jarvis_bench.tiers.tier import MemoryReading

app = typer.Typer(
    help="Build, start, stop and look at the container of the Docker tier.", no_args_is_help=True
)
Runtime = Annotated[str, typer.Option(help="What computes in the image: onnx, or speechbrain with torch.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, slots=True)
class DockerReport:
    """How the tier is; `seconds` is what the command took, `memory` empty where nothing runs."""

    status: TierStatus
    url: str
    image: Image | None
    memory: tuple[MemoryReading, ...]
    seconds: float


@app.command("build")
def build(runtime: Runtime = "onnx", json: Json = False) -> None:
    """Build the image of the service, from wheels and weights on this machine.

    Wheels are fetched once, by this machine's pip; from then on it works offline. Nothing happens where the image is
    of today.
    """
    image = asyncio.run(_build(read_settings(), runtime))
    if json:
        print_record(image)
        return
    added = "" if image.added_bytes is None else f", {image.added_bytes / 1e6:.0f} MB beyond its base"
    print_text(
        f"{image.name}  {'built' if image.built else 'is of today'}; {image.bytes / 1e6:.0f} MB{added}"
    )


@app.command("start")
def start(runtime: Runtime = "onnx", json: Json = False) -> None:
    """Start the container, and the engine if need be; returns when a known clip gave the known vector."""
    _print(asyncio.run(_start(read_settings(), runtime)), json)


@app.command("stop")
def stop(json: Json = False) -> None:
    """Stop and remove the container; the engine goes on, and the image stays."""
    _print(asyncio.run(_stop(read_settings())), json)


@app.command("status")
def status(runtime: Runtime = "onnx", json: Json = False) -> None:
    """Ask how the tier is; starts nothing. Exit 0 where it is ready, else 1."""
    report = asyncio.run(_status(read_settings(), runtime))
    _print(report, json)
    if report.status.status is not Status.READY:
        raise typer.Exit(1)


async def _build(settings: Settings, runtime: str) -> Image:
    image = await build_image(
        settings,
        Engine(settings.docker_host),
        runtime=runtime,
        say=lambda line: typer.echo(line, err=True),
    )
    await compute_known_vector(settings)
    return image


async def _start(settings: Settings, runtime: str) -> DockerReport:
    known = await compute_known_vector(settings)
    tier = DockerTier(settings, runtime=runtime, known=known)
    started_s = time.perf_counter()
    try:
        await tier.start()
        return await _report(tier, started_s)
    finally:
        await tier.aclose()


async def _stop(settings: Settings) -> DockerReport:
    tier = DockerTier(settings)
    started_s = time.perf_counter()
    try:
        await tier.stop()
        return await _report(tier, started_s)
    finally:
        await tier.aclose()


async def _status(settings: Settings, runtime: str) -> DockerReport:
    tier = DockerTier(settings, runtime=runtime, known=find_known_clip(settings))
    started_s = time.perf_counter()
    return await _report(tier, started_s, await tier.probe())


async def _report(tier: DockerTier, started_s: float, found: TierStatus | None = None) -> DockerReport:
    seconds = time.perf_counter() - started_s
    found = found or await tier.probe()
    url, image = "", None
    # An engine that cannot be asked has said so in the probe.
    with contextlib.suppress(TierFailed):
        image = await find_image(tier.settings, tier.engine, runtime=tier.runtime)
        container = await tier.container()
        url = container.url if container is not None else ""
    return DockerReport(found, url, image, await tier.memory(), seconds)


def _print(report: DockerReport, json: bool) -> None:
    if json:
        print_record(report)
        return
    lines = [f"status  {report.status.status.value} ({report.status.cause}): {report.status.reason}"]
    if report.url:
        lines.append(f"url     {report.url}")
    if report.image is not None:
        lines.append(f"image   {report.image.name}, {report.image.bytes / 1e6:.0f} MB")
    lines += [f"memory  {row.metric}: {row.bytes / 2**20:.1f} MiB ({row.how})" for row in report.memory]
    lines.append(f"time    {report.seconds:.2f} s")
    print_text("\n".join(lines))
