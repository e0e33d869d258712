"""The document's three test scenarios on the engine of this machine, observed as a user would: by the command."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.settings import Settings, as_environment
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.image import build_image
from jarvis_bench.tiers.known_clip import compute_known_vector, find_known_clip

EXPECTED = {
    "running": "Docker: Ready (daemon running, container healthy)",
    "stopped": "Docker: Daemon not running (can start if needed)",
    "not installed": "Docker: Not installed",
}
STATUS_S = 30.0


@dataclass(frozen=True, slots=True)
class EngineScenario:
    """What `jarvis-bench docker status` said in a scenario; `said` begins with "not run" where it could not be made."""

    scenario: str
    expected: str
    said: str

    @property
    def as_expected(self) -> bool:
        """Whether it said the document's words."""
        return self.said == self.expected


async def run_engine_scenarios(
    settings: Settings, *, progress: Callable[[str], None] = print
) -> tuple[EngineScenario, ...]:
    """Each scenario with the real probe, in a process of its own.

    running: a container of our own is started on this machine's engine, and removed again. stopped: the address is
    that of an engine that is not there. not installed: no docker command on PATH, either. The engine itself is never
    started or stopped.
    """
    with tempfile.TemporaryDirectory() as folder:
        nowhere = dataclasses.replace(settings, docker_host=f"unix://{folder}/docker.sock")
        said = {}
        progress("running")
        try:
            async with _running(settings) as own:
                said["running"] = await _status(own)
        except JarvisBenchError as exc:
            said["running"] = f"not run: {exc}"
        progress("stopped")
        said["stopped"] = await _status(nowhere)
        progress("not installed")
        said["not installed"] = await _status(nowhere, path=folder)
    progress("three scenarios")
    return tuple(EngineScenario(name, words, said[name]) for name, words in EXPECTED.items())


@contextlib.asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Settings]:
    name = f"{settings.container_name}-scenario-{os.getpid()}"
    own = dataclasses.replace(settings, container_name=name, docker_port=0)
    tier = DockerTier(own, known=find_known_clip(own), may_start_engine=False)
    try:
        await tier.engine.ask(lambda client, _: client.ping())
        await build_image(own, tier.engine)
        await compute_known_vector(own)
        await tier.start()
        yield own
    finally:
        with contextlib.suppress(JarvisBenchError):
            await tier.stop()
        await tier.aclose()


async def _status(settings: Settings, *, path: str | None = None) -> str:
    environment = dict(os.environ) | as_environment(settings)
    if path is not None:
        environment["PATH"] = path
    async with (
        asyncio.timeout(STATUS_S),
        child_process("jarvis_bench", ["docker", "status", "--json"], env=environment) as process,
    ):
        output = await read_output(process)
    return str(json.loads(output)["status"]["reason"])
