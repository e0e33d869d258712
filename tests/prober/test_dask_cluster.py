"""Workers are asked with a deadline, and each way in which one can fail has its words."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, cast

import pytest

from jarvis_bench.errors import NothingMeasured, UsageError, WorkerLost
from jarvis_bench.prober.dask_cluster import DaskCluster

pytest.importorskip("distributed", reason="needs the extra 'dask'")

from jarvis_bench.prober.worker_share import place, wall_ns

WORKER = "tcp://10.0.0.1:1"


class ScriptedClient:
    """Gives the same to every question; an exception by `run` itself is raised."""

    def __init__(self, answer: object, *, raised: Exception | None = None, wait_s: float = 0.0) -> None:
        self.answer, self.raised, self.wait_s = answer, raised, wait_s

    async def run(self, *arguments: object, **options: object) -> object:
        """As Dask's client does."""
        await asyncio.sleep(self.wait_s)
        if self.raised is not None:
            raise self.raised
        return self.answer


def cluster(answer: object = None, **script: Any) -> DaskCluster:
    """A cluster whose scheduler is scripted."""
    return DaskCluster(cast("Any", ScriptedClient(answer, **script)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (cluster({WORKER: KeyError("token")}), "started anew"),
        (cluster({WORKER: OSError("reset")}), r"it is gone \(OSError\)"),
        (cluster(raised=OSError("no way")), "the scheduler is gone: no way"),
    ],
)
async def test_a_worker_that_cannot_answer_is_lost(asked: DaskCluster, said: str) -> None:
    """Restarted, gone, or behind a scheduler that is gone."""
    with pytest.raises(WorkerLost, match=said):
        await asked.ask(WORKER, wall_ns)


async def test_a_silent_worker_is_lost_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is stopped takes connections and says nothing."""
    monkeypatch.setattr("jarvis_bench.prober.dask_cluster.ANSWER_S", 0.01)
    with pytest.raises(WorkerLost, match=r"did not answer for 0\.01 s"):
        await cluster({}, wait_s=60).ask(WORKER, wall_ns)


async def test_workers_have_the_same_code_or_none() -> None:
    """Other code would send other requests; the error names the worker and the cure."""
    here = place()
    assert await cluster({WORKER: here}).places() == {WORKER: here}
    with pytest.raises(UsageError, match="another jarvis-bench"):
        await cluster({WORKER: dataclasses.replace(here, code="0" * 64)}).places()
    missing = ModuleNotFoundError("No module named 'jarvis_bench'")
    with pytest.raises(UsageError, match="cannot run jarvis-bench: No module named"):
        await cluster({WORKER: missing}).places()
    with pytest.raises(NothingMeasured, match="no worker"):
        await cluster({}).places()
