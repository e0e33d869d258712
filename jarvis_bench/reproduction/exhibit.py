"""Load one version of the exhibit afresh, run its start-up, and record what it did."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import logging
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.loop_lag import LoopLag
from jarvis_bench.records import Decision, DockerFinding, Reproduction, SecondCaller, Status
from jarvis_bench.reproduction.warning_log import recorded_warnings, without_checkout


@dataclass(slots=True)
class Swallowed(logging.Handler):
    """Keeps the exception that the exhibit's blanket `except` swallowed; the exhibit only logs it."""

    text: str | None = None
    trace: str | None = None

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.DEBUG)

    __hash__ = logging.Handler.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        """Take text and traceback, and let go of the frames: they keep the lost coroutine alive."""
        if record.exc_info and record.exc_info[1] is not None:
            self.text = str(record.exc_info[1])
            self.trace = without_checkout("".join(traceback.format_exception(record.exc_info[1])))
            record.exc_info = None


async def observe_exhibit(path: Path, version: str, world: str, *, socket: Path | None) -> Reproduction:
    """Run the start-up of the module at `path` once, measured; then let two callers ask its factory.

    Args:
        path: the exhibit's file, or a changed copy of it.
        version: what to call it.
        world: the world this process runs in.
        socket: where the world's engine socket is; None for the machine as it is, where nothing is started.
    """
    with recorded_warnings() as warnings:
        module, swallowed = _load(path, socket)
        async with LoopLag() as lag:
            started_s = time.perf_counter()
            outcome = await module.select_ecapa_backend()
            seconds = time.perf_counter() - started_s
        second = await _second_caller(_load(path, socket)[0])
        gc.collect()
    return Reproduction(
        version=version,
        world=world,
        error=swallowed.text,
        docker=_docker_finding(outcome["probes"]["docker"], swallowed, module),
        decision=Decision(outcome["selected_backend"], outcome["reason"]),
        seconds=seconds,
        longest_block_s=lag.longest_s,
        warnings=tuple(warnings),
        second_caller=second,
        traceback=swallowed.trace,
    )


def _load(path: Path, socket: Path | None) -> tuple[ModuleType, Swallowed]:
    """A fresh module: its singleton has not been made yet."""
    spec = importlib.util.spec_from_file_location(f"exhibit_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    logger = logging.getLogger(module.__name__)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    swallowed = Swallowed()
    logger.handlers[:] = [swallowed]
    if socket is None:
        vars(module)["AUTO_START_DOCKER"] = False
    else:
        vars(module)["DOCKER_SOCKETS"] = (socket,)
    return module, swallowed


async def _second_caller(module: ModuleType) -> SecondCaller:
    """What the factory hands to a caller that comes while the first one still waits."""
    first = asyncio.create_task(module.get_docker_daemon_manager())
    await asyncio.sleep(0)
    second = await module.get_docker_daemon_manager()
    ready = second.health.status is not module.DaemonStatus.UNKNOWN
    return SecondCaller(same=second is await first, ready=ready)


def _docker_finding(result: dict[str, Any], swallowed: Swallowed, module: ModuleType) -> DockerFinding:
    """The exhibit's result in our seven words; the reason is the line that its start-up prints."""
    reason = str(module.describe_docker(result))
    if swallowed.text is not None:
        return DockerFinding(Status.BROKEN, "exception", reason)
    if result["healthy"]:
        return DockerFinding(Status.READY, "ok", reason)
    if result["error"] in {"Docker not installed", "Docker not in PATH"}:
        return DockerFinding(Status.NOT_INSTALLED, "not-installed", reason)
    if result["error"]:
        return DockerFinding(Status.BROKEN, "no-answer", reason)
    cause = "container-not-healthy" if result["daemon_running"] else "daemon-not-running"
    return DockerFinding(Status.STOPPED, cause, reason)
