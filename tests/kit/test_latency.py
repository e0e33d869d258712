"""A notebook's latency: tiers × clip lengths × load levels, in a process of its own."""

from __future__ import annotations

import sys

import pytest

from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.kit.latency import measure_latency
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.tiers.cores import share_cores

QUIET = list[str]().append


async def test_one_caller_at_each_length_then_shares_of_the_peak() -> None:
    """In this order, and with clips of the length that was asked for."""
    async with known_server(Behaviour(delay_s=0.005), core=share_cores().tier) as url:
        measured = await measure_latency(
            {1.0: 3, 3.0: 2},
            tiers=[url],
            shares=[0.02, 0.04],
            load_clip_s=3.0,
            load_s=0.5,
            warmup=2,
            progress=QUIET,
        )
    loads = [(report.clip_s, report.load.partition(" ")[0]) for report in measured.reports]
    assert loads[:2] == [(1.0, "single"), (3.0, "single")]
    assert [report.facts.share for report in measured.reports if report.facts.share] == [0.02, 0.04]
    assert all(clip_s == 3.0 for clip_s, _ in loads[2:])
    assert [report.requests.planned for report in measured.reports[:2]] == [3, 2]
    assert [report.requests.planned for report in measured.reports if report.load == "single, repeated"] == [
        2
    ]


@pytest.mark.model
async def test_the_local_tier_is_measured_and_the_model_stays_out_of_this_process() -> None:
    """Every request a different clip, and every answer the same as before within the last bit of a sample."""
    before = "onnxruntime" in sys.modules
    measured = await measure_latency({1.0: 12}, tiers=["local"], warmup=4, progress=QUIET)
    (report,) = measured.reports
    assert (report.requests.ok, report.checked.answers, report.checked.wrong) == (12, 12, 0)
    assert report.stages_s["model_s"] < (report.p50.seconds or 0)
    assert report.facts.co_located
    assert "weights" in measured.weights
    assert ("onnxruntime" in sys.modules) == before


async def test_nothing_to_measure_is_told_with_the_reason() -> None:
    """A tier that is not there, and no other."""
    with pytest.raises(NothingMeasured, match=r"127\.0\.0\.1:9"):
        await measure_latency({1.0: 1}, tiers=["http://127.0.0.1:9"], progress=QUIET)


async def test_a_length_that_no_clip_has_is_named_with_those_there_are() -> None:
    """The error of the measuring process is the caller's error."""
    with pytest.raises(UsageError, match=r"7 s.*\b30\b"):
        await measure_latency({7.0: 1}, tiers=["http://127.0.0.1:9"], progress=QUIET)
