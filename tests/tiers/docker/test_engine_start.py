"""An engine of the test's own: stopped, started when asked, stale, gone half-way, back again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.loop_lag import LoopLag
from jarvis_bench.prober.probe import probe
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.engine_start import start_engine
from jarvis_bench.tiers.docker.events import watch
from jarvis_bench.tiers.local import LocalTier

from .real_engine import TINY, OwnEngine, connect, import_tiny, own_engine, until


def settings_of(engine: OwnEngine, command: str = "") -> Settings:
    return Settings(
        docker_host=engine.host,
        docker_start_command=command or shlex.join(engine.command),
        docker_start_s=20.0,
    )


@pytest.mark.engine
async def test_an_engine_is_stopped_then_started_then_stale_then_started_again() -> None:
    """Only when asked; what is left of a crash is told apart, and does not stop a new start."""
    with own_engine() as engine:
        settings = settings_of(engine)
        tier = DockerTier(settings)
        status = await tier.probe()
        assert status.reason == "Docker: Daemon not running (can start if needed)"
        assert not engine.pids(), "a probe starts nothing"
        assert await start_engine(settings, Engine(engine.host))
        assert engine.answers()
        assert not await start_engine(settings, Engine(engine.host)), "it runs already"
        assert (await tier.probe()).cause == "no-image"
        engine.kill()
        status = await tier.probe()
        assert (status.status, status.cause) == (Status.STOPPED, "stale-socket")
        # As the waterfall's second phase does: the engine comes up, and then the image is what is missing.
        with pytest.raises(TierFailed) as caught:
            await tier.start()
        assert caught.value.status.cause == "no-image"
        assert engine.answers()


@pytest.mark.engine
async def test_an_engine_that_goes_and_comes_back_is_followed() -> None:
    """Die, engine lost, engine back with another look at the container, and events again."""
    with own_engine() as engine:
        engine.start()
        with contextlib.closing(connect(engine.socket)) as client:
            import_tiny(client)
            config = client.create_host_config(network_mode="none")
            client.create_container(TINY, ["/bin/sleep", "600"], name="watched", host_config=config)
            client.start("watched")
        kinds: list[tuple[str, str]] = []

        async def follow() -> None:
            async with contextlib.aclosing(watch(engine.host, "watched", reconnect_s=0.05)) as watching:
                async for event in watching:
                    kinds.append((event.kind, event.detail))  # noqa: PERF401  read while it grows

        async def seen(kind: str, detail: str | None = None, *, limit_s: float = 1.0) -> None:
            end_s = time.monotonic() + limit_s
            while not any(k == kind and detail in {None, d} for k, d in kinds):
                assert time.monotonic() < end_s, (kind, detail, kinds)
                await asyncio.sleep(0.01)

        following = asyncio.create_task(follow())
        try:
            await seen("inspected", "running")
            await asyncio.to_thread(engine.kill)
            await seen("engine-lost")
            await asyncio.to_thread(engine.start)
            await seen("inspected", "exited", limit_s=5.0)
            with contextlib.closing(connect(engine.socket)) as client:
                await asyncio.to_thread(client.start, "watched")
                await seen("start")
                await asyncio.to_thread(client.kill, "watched")
                await seen("die")
            assert [kind for kind, _ in kinds].count("engine-lost") == 1
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following


DENIED = """
import asyncio, sys
from jarvis_bench.reproduction.capabilities import drop_override_of_file_rights
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
drop_override_of_file_rights()
status = asyncio.run(DockerTier(Settings(docker_host=sys.argv[1])).probe())
print(status.status, status.cause)
"""


@pytest.mark.engine
def test_a_running_engine_may_be_closed_to_this_user() -> None:
    """The socket's rights are taken away, and with them, in a process of its own, root's right to ignore that."""
    with own_engine() as engine:
        engine.start()
        socket = Path(engine.host.removeprefix("unix://"))
        socket.chmod(0)
        told = subprocess.check_output([sys.executable, "-c", DENIED, engine.host], text=True, timeout=30)
        assert told.split() == ["misconfigured", "permission-denied"]
        socket.chmod(0o660)
        assert engine.answers()


@pytest.mark.engine
async def test_an_engine_that_stops_answering_delays_nobody() -> None:
    """Its processes are stopped: it accepts and never answers. The other tiers answer, and the loop is free."""
    with own_engine() as engine:
        engine.start()
        settings = settings_of(engine)
        for pid in engine.pids():
            os.kill(pid, signal.SIGSTOP)
        tiers = (DockerTier(settings), CloudRunTier(""), LocalTier(settings))
        longest_s: list[float] = []
        while not longest_s or (min(longest_s) >= 0.05 and len(longest_s) < 3):
            started_s = time.perf_counter()
            async with LoopLag() as lag:
                docker, cloud, local = await probe(tiers, deadline_s=2.0)
            assert time.perf_counter() - started_s < 2.5
            longest_s.append(lag.longest_s)
        assert (docker.status, docker.cause) == (Status.BROKEN, "no-answer")
        assert cloud.seconds < 0.5
        assert local.seconds < 0.5
        assert min(longest_s) < 0.05


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-command-at-all", "cannot be run"),
        ("sh -c 'echo no room for it >&2; exit 3'", "failed with 3: no room for it"),
        ("sleep 600", "did not answer within 0.5 s"),
    ],
    ids=["missing", "fails", "never-answers"],
)
async def test_a_start_that_fails_says_why_and_leaves_nothing(
    command: str, words: str, tmp_path: Path
) -> None:
    settings = Settings(
        docker_host=f"unix://{tmp_path}/none.sock", docker_start_command=command, docker_start_s=0.5
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jarvis_bench.tiers.docker.findings.installed_product", lambda: object())
        with pytest.raises(TierFailed, match=words):
            await start_engine(settings, Engine(settings.docker_host))


async def test_an_interrupted_start_ends_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    command = f"sh -c 'echo $$ > {mark}; exec sleep 600'"
    settings = Settings(docker_host=f"unix://{tmp_path}/none.sock", docker_start_command=command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jarvis_bench.tiers.docker.findings.installed_product", lambda: object())
        starting = asyncio.create_task(start_engine(settings, Engine(settings.docker_host)))
        while not (mark.is_file() and mark.read_text().strip()):
            await asyncio.sleep(0.01)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    pid = int(mark.read_text())
    until(lambda: not Path(f"/proc/{pid}").exists(), what="its end")
