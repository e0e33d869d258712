"""`jarvis-bench load --dask`: the workers' parts in the text and in JSON; a wrong address and Ctrl-C are told."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from tests.processes import descendants

from .conftest import PROGRAM, Command

distributed = pytest.importorskip("distributed", reason="needs the extra 'dask'")

LOAD = ("load", "--clip-seconds", "1")


def cluster(*, workers: int) -> Any:
    """A real cluster on this machine, each worker a process."""
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        asynchronous=True,
        dashboard_address=None,
    )


async def test_every_worker_has_a_line_and_a_part(tmp_path: Path) -> None:
    """The table is that of one machine; the workers stand below it, and in the kept report and rows."""
    async with cluster(workers=2) as made, known_server(Behaviour(delay_s=0.03)) as url:
        options = ("--dask", made.scheduler_address, "--tier", url, "--rate", "20", "--duration", "2")
        done = await asyncio.to_thread(
            subprocess.run, [PROGRAM, *LOAD, *options, "--out", tmp_path], capture_output=True, text=True
        )
    assert done.returncode in {0, 3}, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("  worker ")]
    assert len(lines) == 2
    assert all("slip p99" in line and "clock " in line and " ± " in line for line in lines)
    (load,) = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))["loads"]
    assert sum(part["requests"] for part in load["workers"]) == load["requests"]["planned"]
    assert (tmp_path / "plan-1.json").is_file()


async def test_ctrl_c_ends_the_processes_of_the_workers() -> None:
    """Exit 130 with what there is; nothing of ours runs on any worker afterwards."""
    async with cluster(workers=2) as made, known_server(Behaviour(delay_s=0.03)) as url:
        options = ("--dask", made.scheduler_address, "--tier", url, "--rate", "20", "--duration", "60")
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *LOAD, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        while "open-poisson" not in (await process.stderr.readline()).decode():
            assert process.returncode is None
        await asyncio.sleep(3)
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            out, _ = await process.communicate()
        left = descendants("jarvis_bench.prober.load_process")
    assert process.returncode == 130
    assert "were measured" in out.decode()
    assert left == []


def test_a_scheduler_that_nobody_runs_is_told(command: Command) -> None:
    """Exit 2 for what is no address."""
    done = command(*LOAD, "--dask", "carrier-pigeon://loft", "--tier", "http://127.0.0.1:9", "--rate", "9")
    assert done.code == 2
    assert "no address of a Dask scheduler" in done.err
