"""The table of tiers × runtimes × phases: everything on this machine that holds a model, walked one after the other.

One at a time, because processes that map the same file share its pages in their PSS.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.encoder import RUNTIMES
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import NothingMeasured, TierFailed, unknown_name
from jarvis_bench.memory.page_cache import drop_from_page_cache, runtime_files
from jarvis_bench.memory.phases import PHASES, MemoryPhases, Walk, memory_phases
from jarvis_bench.memory.subjects import (
    ContainerSubject,
    ModelSubject,
    ServiceSubject,
    Subject,
    TierSubject,
    client_subject,
)
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import MemoryRow
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import share_cores
from jarvis_bench.tiers.local import NEEDED_PACKAGES
from jarvis_bench.tiers.named import is_url
from jarvis_bench.tiers.served import served, until_ready
from jarvis_bench.tiers.service_client import encode_body
from jarvis_bench.tiers.temporary import IMAGE_RUNTIMES, temporary_cloud_run, temporary_container
from jarvis_bench.tiers.url import UrlTier

STEADY_S = 3.0
PATIENCE_S = 60.0
VARIED, PLAIN, TUNED, COLD = "clips of varied length", "malloc plain", "malloc tuned", "page cache cold"
TIERS = ("local", "service", "docker", "cloud-run", "client")
# What a runtime does of its own, where that has a name.
SAME_AS_OWN = {"onnx": "tuned", "openvino": "plain"}
CONDITIONS = (VARIED, PLAIN, TUNED, COLD)
# The client needs a service that answers as a remote one would; which runtime computes there is not its business.
CLIENT_TIER, CLIENT_RUNTIME = "cloud-run", "onnx"
# Else a first container would hold more than all others.
IMAGE_PAGES = (
    "pages of the image's files count for the container that reads them first, which here is one before; docker-stats "
    "and the cgroup's figures leave them out, PSS and VmHWM do not"
)
FOUND_READY = "it was found running, its model loaded"
UNTOLD = "it says nothing of its memory (no process_resident_memory_bytes at /metrics)"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TableAmount:
    """What is walked, and how long.

    `tiers`: of `TIERS`, or addresses of services; `service` is the service's process in no container, `client` a
    process that only asks one;
    `conditions`: of `CONDITIONS`, beside the usual walk of the local tier, for `condition_runtimes`; `contained`:
    runtimes of containers and instances, if not the same.
    """

    tiers: tuple[str, ...]
    runtimes: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    condition_runtimes: tuple[str, ...] = ()
    repeats: int = 8
    idle_s: float = 1.0
    longest_s: float = 30.0
    threads: int = 1
    seed: int = 1
    contained: tuple[str, ...] = ()


@dataclass(slots=True)
class MemoryTable:
    """What was found so far; `notes`: what was done to the page cache, and what was skipped and why."""

    phases: list[MemoryRow] = field(default_factory=list)
    timeline: list[MemoryRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    costs: list[SamplerCost] = field(default_factory=list)

    def keep(self, found: MemoryPhases) -> None:
        """Add one walk."""
        self.phases += found.phases
        self.timeline += found.timeline
        self.costs.append(found.cost)

    @property
    def cost(self) -> SamplerCost:
        """Of the sampling of all walks."""
        names = [field.name for field in dataclasses.fields(SamplerCost)]
        return SamplerCost(**{name: sum(getattr(one, name) for one in self.costs) for name in names})


class Tabling:
    """Walks one thing after the other and keeps what it finds.

    Args:
        settings: say where clips and weights are.
        weights: of all runtimes.
        amount: what is walked.
        progress: told in words how far it is.
    """

    def __init__(self, settings: Settings, weights: Weights, amount: TableAmount, progress: Progress) -> None:
        self._settings, self._weights, self._amount, self._progress = settings, weights, amount, progress
        for kind, names, all_names in (
            ("tier", [tier for tier in amount.tiers if not is_url(tier)], (*TIERS, "http://…")),
            ("runtime", (*amount.runtimes, *amount.condition_runtimes, *amount.contained), RUNTIMES),
            ("condition", amount.conditions, CONDITIONS),
        ):
            for name in names:
                if name not in all_names:
                    raise unknown_name(kind, name, all_names)
        clips = load_clips(settings.data_dir, (STEADY_S, amount.longest_s))
        self._clip, self._longest = (_first(clips, seconds) for seconds in (STEADY_S, amount.longest_s))
        self.table = MemoryTable()

    async def run(self) -> MemoryTable:
        """Everything, in the order of the amount.

        Raises:
            NothingMeasured: nothing gave a figure.
        """
        for tier in self._amount.tiers:
            await self._walk_tier(tier)
        if not self.table.phases:
            raise NothingMeasured("; ".join(self.table.notes) or "no tier was named")
        return self.table

    async def _walk_tier(self, tier: str) -> None:
        if tier == "client":
            async with served(CLIENT_RUNTIME, threads=1) as service:
                await until_ready(service.client, patience_s=PATIENCE_S)
                # A service on this machine in place of the remote one: to the client there is no difference.
                await self._walk_client(service.url, CLIENT_TIER, CLIENT_RUNTIME)
        elif is_url(tier):
            await self._try(tier, self._walk_url(tier))
        else:
            walks = {
                "local": self._walk_local,
                "service": self._walk_service,
                "docker": self._walk_container,
                "cloud-run": self._walk_cloud_run,
            }
            far = tier in {"docker", "cloud-run"}
            for runtime in self._present((far and self._amount.contained) or self._amount.runtimes):
                await self._try(f"{tier}, {runtime}", walks[tier](runtime))

    def _present(self, runtimes: Sequence[str]) -> list[str]:
        found = []
        for runtime in runtimes:
            packages, extra = NEEDED_PACKAGES[runtime]
            if all(importlib.util.find_spec(package) is not None for package in packages):
                found.append(runtime)
            else:
                self._note(f"{runtime}: skipped, because it is not installed (jarvis-bench[{extra}])")
        return found

    async def _walk_local(self, runtime: str) -> None:
        conditions = self._amount.conditions if runtime in self._amount.condition_runtimes else ()
        for condition in ("usual", *conditions):
            malloc = {PLAIN: "plain", TUNED: "tuned"}.get(condition, "own")
            if malloc == SAME_AS_OWN.get(runtime):
                continue
            if condition == COLD:
                await self._drop(runtime)
            core = share_cores().tier if self._amount.threads == 1 else None
            process = ModelProcess(
                self._weights, runtime=runtime, threads=self._amount.threads, core=core, malloc=malloc
            )
            async with process:
                await self._walk(ModelSubject(process, runtime), condition)

    async def _walk_service(self, runtime: str) -> None:
        async with served(runtime, threads=self._amount.threads) as service:
            await self._walk(ServiceSubject(service, runtime))

    async def _walk_container(self, runtime: str) -> None:
        if runtime not in IMAGE_RUNTIMES:
            raise NothingMeasured(f"there is no image with {runtime}")
        async with temporary_container(
            self._settings, runtime, core=share_cores().tier, tell=self._progress
        ) as tier:
            self._note(f"docker, {runtime}: {IMAGE_PAGES}")
            await tier.start()
            await tier.stop()
            await tier.start()
            container = await tier.running_container()
            pid = container.pid if psutil.pid_exists(container.pid) else None
            await self._walk(ContainerSubject(tier, runtime, pid=pid))

    async def _walk_cloud_run(self, runtime: str) -> None:
        async with temporary_cloud_run(self._settings, runtime, tell=self._progress) as tier:
            await tier.start()
            await self._walk(TierSubject(tier, runtime))

    async def _walk_url(self, url: str) -> None:
        """What a service says of itself, wherever it runs, and what asking it costs here."""
        async with contextlib.aclosing(UrlTier(url)) as tier:
            await tier.start()
            runtime = await tier.runtime()
            if await tier.memory():
                skipped = dict.fromkeys(("before", "imported"), FOUND_READY)
                await self._walk(TierSubject(tier, runtime, skipped=skipped))
            else:
                self.table.phases += [
                    MemoryRow(tier.name, runtime, phase, "rss", None, 0.0, how="self-reported", note=UNTOLD)
                    for phase in PHASES
                ]
            await self._walk_client(url, tier.name, runtime)

    async def _walk_client(self, url: str, tier: str, runtime: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            body = Path(folder) / "body.json"
            body.write_bytes(encode_body(self._clip.samples))
            async with client_subject(url, body, tier=tier, runtime=runtime) as subject:
                await self._walk(subject)

    async def _try(self, name: str, walking: Coroutine[None, None, None]) -> None:
        """Walk; what cannot be measured here is a note, and not a zero."""
        try:
            await walking
        except (NothingMeasured, TierFailed) as exc:
            self._note(f"{name}: not measured, because {exc}")

    async def _walk(self, subject: Subject, condition: str = "usual") -> None:
        amount = self._amount
        walk = Walk(
            clip=self._clip.samples,
            longest=self._longest.samples,
            repeats=amount.repeats,
            idle_s=amount.idle_s,
            varied=condition == VARIED,
            condition=condition,
            seed=amount.seed,
        )
        name = f"{subject.tier} {subject.of}, {subject.runtime}, {condition}"
        self.table.keep(await memory_phases(subject, walk, lambda phase: self._progress(f"{name}: {phase}")))

    async def _drop(self, runtime: str) -> None:
        files = runtime_files(runtime, await model_path(self._weights, runtime))
        done = await asyncio.to_thread(drop_from_page_cache, files)
        self._note(f"{runtime}, {COLD}: {done or 'this system cannot drop pages, so the cache was warm'}")

    def _note(self, text: str) -> None:
        self.table.notes.append(text)
        self._progress(text)


def _first(clips: Sequence[Clip], seconds: float) -> Clip:
    return next(clip for clip in clips if clip.seconds == seconds)
