"""The command, inside this process and as people start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.cli import main
from jarvis_bench.settings import Settings
from tests.kit.throwaway import Throwaway, keeping, make_checkout, processes_of
from tests.tiers.docker.fixtures import engine, image, known, settings  # noqa: F401  for the tests with an engine

PROGRAM = Path(sys.executable).with_name("jarvis-bench")
GOOD_BEFORE, GOOD_AFTER = "00_good", "70_good"
BACKGROUND = "import subprocess\nsubprocess.Popen(['sleep', '3600'], start_new_session=True)"
BAD = (
    Throwaway("10_raises", ("before = 1", "print('almost there')\n1 / 0", "after = 2"), ("never.json",)),
    Throwaway("20_dies", (BACKGROUND, "import os\nos.kill(os.getpid(), 9)")),
    Throwaway("30_spins", ("while True: pass",)),
    Throwaway("40_sleeps", (BACKGROUND, "import time\ntime.sleep(3600)")),
    Throwaway(
        "50_forgets",
        ("from pathlib import Path\nPath(out_dir, 'torn.parquet').write_bytes(b'PAR1')",),
        ("environment.json", "forgotten.json", "torn.parquet"),
    ),
)
STATUSES = {
    GOOD_BEFORE: "ok",
    "10_raises": "failed",
    "20_dies": "kernel-died",
    "30_spins": "timeout",
    "40_sleeps": "timeout",
    "50_forgets": "missing-artefact",
    GOOD_AFTER: "ok",
}


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended, and what it wrote."""

    code: int | str | None
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """Standard output as the one object of JSON that it has to be."""
        record = json.loads(self.out)
        assert isinstance(record, dict)
        return record


Command = Callable[..., Finished]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `jarvis-bench …` in this process."""

    def run(*arguments: str | Path) -> Finished:
        monkeypatch.setattr(sys, "argv", ["jarvis-bench", *map(str, arguments)])
        code: int | str | None = 0
        before = signal.getsignal(signal.SIGINT)
        try:
            main()
        except SystemExit as exc:
            code = exc.code
        finally:
            signal.signal(signal.SIGINT, before)
        captured = capfd.readouterr()
        return Finished(code, captured.out, captured.err)

    return run


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A checkout with one good notebook that the command finds, with nothing written in it yet."""
    home = tmp_path / "checkout"
    monkeypatch.setenv("JARVIS_BENCH_HOME", str(home))
    return make_checkout(home, keeping(GOOD_BEFORE, "good.json"))


def environment_of(home: Path) -> Mapping[str, str]:
    """The environment of a command that works on this checkout."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("JARVIS_BENCH_")}
    own = {"JARVIS_BENCH_HOME": str(home), "TMPDIR": str(temporary_of(home))}
    return kept | own


def temporary_of(home: Path) -> Path:
    """The folder for temporary files of a command that works on this checkout."""
    folder = home.parent / "temporary"
    folder.mkdir(exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True)
class MixedRun:
    """A real run of good and bad notebooks: how the command ended, its folder, and what still ran afterwards."""

    finished: Finished
    folder: Path
    home: Path
    leftovers: list[str]


@pytest.fixture(scope="session")
def mixed_run(tmp_path_factory: pytest.TempPathFactory) -> MixedRun:
    """`jarvis-bench run --json`, started as people start it, on notebooks that fail in every way there is."""
    home = tmp_path_factory.mktemp("mixed") / "checkout"
    good = keeping(GOOD_BEFORE, "before.json"), keeping(GOOD_AFTER, "after.json")
    make_checkout(home, *good, *BAD, cell_timeout_s=3)
    done = subprocess.run(
        [PROGRAM, "run", "--json"],
        env=environment_of(home),
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    latest = (home / "reports" / "latest").resolve()
    return MixedRun(Finished(done.returncode, done.stdout, done.stderr), latest, home, processes_of(home))
