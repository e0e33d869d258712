"""A measurement from the caller's side: a process measures, its rows come back, and Ctrl-C keeps what there is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.keeping import keep
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.measurement import measure_load
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
from jarvis_bench.prober.plan import FIND_PEAK, OPEN_POISSON, Plan, read_plan
from jarvis_bench.tiers.cores import share_cores

NOBODY = "http://127.0.0.1:9"
PEAK = LoadOrder(Plan(FIND_PEAK, 0.3))


async def test_loads_on_several_tiers_come_back_whole(tmp_path: Path) -> None:
    """One tier measured, one not there; every request a row, the plan to be replayed, the folder to be read."""
    told: list[str] = []
    loads = (
        LoadOrder(Plan("single", 60.0, requests=12)),
        PEAK,
        LoadOrder(Plan(OPEN_POISSON, 1.0), share=0.2),
    )
    async with known_server(Behaviour(delay_s=0.01), core=share_cores().tier) as url:
        order = MeasurementOrder((url, NOBODY), loads, clip_seconds=(1.0,), warmup_requests=4)
        measured = await measure_load(order, progress=told.append)
    single, *steps, opened = measured.reports
    assert single.requests.planned == single.requests.ok == 12
    assert single.facts.warmup is not None
    assert single.facts.floor is not None
    assert single.facts.floor.ceiling_per_s > 50
    assert single.checked.answers == 12
    assert single.checked.cosine_min == pytest.approx(1.0)
    assert [report.load for report in steps][:3] == ["closed-1", "closed-2", "closed-4"]
    (found,) = [text for text in told if ": peak " in text]
    peak = float(found.split(": peak ")[1].split()[0])
    # Counted to the last answer, the report's to the end of the plan: apart where the last answers are late.
    assert peak == pytest.approx(max(report.rate.completed for report in steps), rel=0.3)
    assert opened.facts.rate_per_s == pytest.approx(0.2 * peak, rel=0.01)
    assert opened.requests.planned == len(measured.plans[-1].arrivals_ns)
    assert [status.tier for status in measured.skipped] == [NOBODY]
    assert len({row.run for row in measured.rows}) == len(measured.reports)
    assert any("warming up" in text for text in told)
    written = keep(measured, tmp_path)
    assert {path.name for path in written} >= {
        "requests.parquet",
        "ticks.parquet",
        "load.json",
        "plan-1.json",
    }
    assert read_plan(tmp_path / f"plan-{len(measured.plans)}.json") == measured.plans[-1]
    content = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))
    assert content["loads"][0]["requests"]["ok"] == 12
    assert measured.kept.runs == measured.facts


async def test_stopping_half_way_keeps_the_rows_so_far() -> None:
    """A minute is planned; after the first progress of the load it is stopped, and nothing is lost or left behind."""
    stop = asyncio.Event()

    def on_progress(text: str) -> None:
        if "open-poisson" in text:
            asyncio.get_running_loop().call_later(1.0, stop.set)

    async with known_server(Behaviour(delay_s=0.01), core=share_cores().tier) as url:
        order = MeasurementOrder(
            (url,),
            (LoadOrder(Plan(OPEN_POISSON, 60.0, rate_per_s=30)),),
            clip_seconds=(1.0,),
            warmup_requests=2,
        )
        measured = await measure_load(order, progress=on_progress, stop=stop)
    (report,) = measured.reports
    assert measured.interrupted
    assert "interrupted before its end" in report.reasons
    counts = report.requests
    assert counts.ok > 3
    assert counts.ok + counts.dropped == counts.planned == len(measured.plans[0].arrivals_ns)
    assert report.p50.seconds is not None or counts.ok < 11


async def test_an_order_that_makes_no_sense_is_refused_before_anything_starts() -> None:
    """Names and clip lengths, with those there are."""
    load = (LoadOrder(Plan("single", 1.0)),)
    with pytest.raises(UsageError, match="'local'"):
        await measure_load(MeasurementOrder(("lokal",), load))
    with pytest.raises(UsageError, match=r"no clips of 7 s"):
        await measure_load(MeasurementOrder((NOBODY,), load, clip_seconds=(7.0,)))
