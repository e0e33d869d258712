"""Reproduce a start-up: one version, one world, one process of its own."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import NothingMeasured, NotReproduced, unknown_name
from jarvis_bench.records import Decision, DockerFinding, Reproduction, SecondCaller, Status
from jarvis_bench.reproduction.shims import read_starts
from jarvis_bench.reproduction.stage import SHIMS, Stage, staged
from jarvis_bench.reproduction.worlds import WORLDS, Engine, find_world
from jarvis_bench.settings import CHECKOUT

STARTUP = Path(__file__).resolve().parent.parent / "startup"
EXHIBITS = {"v10.5": STARTUP / "v10_5.py", "v10.6": STARTUP / "v10_6.py", "v10.7": STARTUP / "v10_7.py"}
VERSIONS = (*EXHIBITS, "current")
EXPECTED_ERRORS: dict[str, str | None] = {
    "v10.5": "'coroutine' object has no attribute 'check_docker_installed'",
    "v10.6": "'DockerDaemonManager' object has no attribute 'check_docker_installed'",
    "v10.7": None,
    "current": None,
}
ALL_WORLDS = tuple(world.name for world in WORLDS)
LIMIT_S = 90.0


async def reproduce(
    version: str,
    world: str = "here",
    *,
    exhibit: Path | None = None,
    cloud_url: str = "",
    limit_s: float = LIMIT_S,
) -> Reproduction:
    """Run one start-up version in one world.

    Args:
        version: `v10.5`, `v10.6`, `v10.7` or `current`.
        world: a name in `WORLDS`; `here` is the machine as it is.
        exhibit: another file to run in place of the version's own, such as a changed copy.
        cloud_url: a Cloud Run service that exists, in place of the world's own; not for `here`.
        limit_s: seconds after which a start-up that has not decided is given up.

    Raises:
        UsageError: no such version or world.
        NothingMeasured: the start-up's process ended without a result.
    """
    if version not in VERSIONS:
        raise unknown_name("version", version, VERSIONS)
    async with staged(find_world(world), cloud_url=cloud_url) as stage:
        return await _run(stage, version, exhibit or EXHIBITS.get(version), limit_s)


async def reproduce_all(
    versions: Sequence[str] = VERSIONS,
    worlds: Sequence[str] = ALL_WORLDS,
    *,
    progress: Callable[[Reproduction], None] | None = None,
) -> list[Reproduction]:
    """Every version in every world, one after the other, so that none disturbs another's timing."""
    results: list[Reproduction] = []
    for world in worlds:
        for version in versions:
            results.append(await reproduce(version, world))
            if progress is not None:
                progress(results[-1])
    return results


def unexpected_errors(results: Iterable[Reproduction]) -> list[str]:
    """One sentence for each result whose swallowed error is not the documented one."""
    return [
        f"{result.version} in {result.world}: expected {EXPECTED_ERRORS[result.version]!r}, got {result.error!r}"
        for result in results
        if result.error != EXPECTED_ERRORS[result.version]
    ]


def expect_known_errors(results: Iterable[Reproduction]) -> None:
    """Fail where a start-up did not show the error that its version is known for.

    Raises:
        NotReproduced: naming the first such start-up.
    """
    if unexpected := unexpected_errors(results):
        raise NotReproduced(f"{unexpected[0]} ({len(unexpected)} such start-ups)")


async def _run(stage: Stage, version: str, exhibit: Path | None, limit_s: float) -> Reproduction:
    config = stage.folder / "startup.json"
    config.write_text(json.dumps(_config(stage, version, exhibit)), encoding="utf-8")
    log = stage.folder / "stderr.txt"
    module = "jarvis_bench.reproduction.startup_process"
    with log.open("wb") as stderr:
        env = {**stage.env, "PYTHONPATH": str(CHECKOUT)}
        async with child_process(module, [str(config)], env=env, stderr=stderr) as process:
            try:
                async with asyncio.timeout(limit_s):
                    await process.wait()
            except TimeoutError:
                raise NothingMeasured(
                    f"{version} in {stage.world.name}: no decision in {limit_s:g} s"
                ) from None
    result = stage.folder / "result.json"
    if not result.is_file():
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise NothingMeasured(f"{version} in {stage.world.name}: start-up ended without a result: {last}")
    found = read_reproduction(json.loads(result.read_text(encoding="utf-8")))
    starts = None if stage.world.is_here else read_starts(stage.folder / SHIMS)
    return dataclasses.replace(found, docker_starts=starts)


def _config(stage: Stage, version: str, exhibit: Path | None) -> dict[str, object]:
    world = stage.world
    return {
        "version": version,
        "world": world.name,
        "exhibit": str(exhibit.resolve()) if exhibit else None,
        "socket": str(stage.socket) if stage.socket else None,
        "ram_bytes": world.ram_bytes,
        "speechbrain": world.speechbrain,
        "denied": world.engine is Engine.DENIED,
    }


def read_reproduction(fields: dict[str, Any]) -> Reproduction:
    """The record from its JSON form."""
    docker, decision, second = fields["docker"], fields["decision"], fields["second_caller"]
    starts = fields.get("docker_starts")
    return Reproduction(
        version=fields["version"],
        world=fields["world"],
        error=fields["error"],
        docker=DockerFinding(Status(docker["status"]), docker["cause"], docker["reason"]),
        decision=Decision(**decision),
        seconds=fields["seconds"],
        longest_block_s=fields["longest_block_s"],
        warnings=tuple(fields["warnings"]),
        second_caller=SecondCaller(**second),
        traceback=fields["traceback"],
        docker_starts=None if starts is None else tuple(starts),
    )
