"""An instance as a process: what is done to it, seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator import process_instance
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending
from jarvis_bench.tiers.cloud_run.emulator.process_instance import ProcessInstance
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from tests.processes import lives


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> ProcessInstance:
    monkeypatch.setattr(process_instance, "MODULE", "tests.tiers.cloud_run.emulator.stubborn_process")
    return ProcessInstance("instance-1", EmulatorSettings(), Settings())


def comes_true(holds: Callable[[], bool]) -> bool:
    """Whether it does within 10 s; a signal takes a moment to act."""
    deadline_s = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return holds()


def stands_still(pid: int) -> bool:
    """Whether the process has been stopped."""
    return comes_true(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)


def ignores_term(pid: int) -> bool:
    """Whether SIGTERM (bit 14) is ignored by now."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    ignored = next(line for line in lines if line.startswith("SigIgn"))
    return bool(int(ignored.split()[1], 16) >> 14 & 1)


async def test_who_ignores_sigterm_is_killed_after_the_grace(stubborn: ProcessInstance) -> None:
    await stubborn.start()
    pid = stubborn.pid
    assert pid is not None
    assert comes_true(lambda: ignores_term(pid))
    await stubborn.freeze()
    assert stands_still(pid)
    began_s = time.monotonic()
    await stubborn.stop(0.3)
    assert time.monotonic() - began_s >= 0.3
    assert not lives(pid)
    await stubborn.stop(0.3)


async def test_freezing_is_visible_from_outside(stubborn: ProcessInstance) -> None:
    await stubborn.start()
    assert stubborn.pid is not None
    process = psutil.Process(stubborn.pid)
    await stubborn.freeze()
    assert stands_still(process.pid)
    await stubborn.thaw()
    assert comes_true(lambda: process.status() != psutil.STATUS_STOPPED)
    assert (await stubborn.memory_bytes() or 0) > 1_000_000
    await stubborn.kill()
    assert await stubborn.ended() == Ending(words="exit code -9")
    assert await stubborn.memory_bytes() is None
    assert not lives(process.pid)


def test_the_environment_is_the_container_contracts() -> None:
    settings = Settings(weights="seeded")
    instance = ProcessInstance("instance-1", EmulatorSettings(service="voice"), settings)
    environment = instance.environment({"PATH": "/bin", "PORT": "1"})
    assert environment["PATH"] == "/bin"
    assert environment["PORT"] == "0"
    assert environment["JARVIS_BENCH_WEIGHTS"] == "seeded"
    assert (environment["K_SERVICE"], environment["K_CONFIGURATION"]) == ("voice", "voice")
    assert environment["K_REVISION"].startswith("voice-")
