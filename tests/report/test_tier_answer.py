"""The first answer of the index: which tier, and why; it turns with the figures that it rests on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.prober.load_report import LoadReport
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.report.tier_answer import CLIP_S, Answer, tier_answer

from .finished_run import write_results


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """Of a usual run, in which the local tier was measured."""
    folder = RunFolder(tmp_path)
    write_results(folder)
    return Evidence(folder)


def local(evidence: Evidence) -> LoadReport:
    """The report on the local tier that the answer rests on."""
    return next(one for one in evidence.latency if one.clip_s == CLIP_S)


def tier(report: LoadReport, name: str, *, times: float, how: str = "measured") -> LoadReport:
    """The same report of another tier, so many times as slow."""
    service = tuple(
        dataclasses.replace(one, seconds=None if one.seconds is None else one.seconds * times)
        for one in report.service
    )
    facts = dataclasses.replace(report.facts, how=how)
    return dataclasses.replace(report, tier=name, service=service, facts=facts)


def answer(evidence: Evidence, *reports: LoadReport) -> Answer:
    """The answer, had the run measured these."""
    evidence.__dict__["latency"] = reports
    return tier_answer(evidence)


def test_one_tier_is_the_answer_with_its_figure(evidence: Evidence) -> None:
    """Its median, its RAM, and what they are."""
    found = tier_answer(evidence)
    assert found.text.startswith("Use Local (onnx) on this machine: ")
    assert "p50 of service time" in found.text
    assert [row.tier for row in found.rows] == ["Local"]


def test_a_tier_that_was_not_measured_is_named_with_its_reason(evidence: Evidence) -> None:
    """A reader who looks for Docker learns why it is not there; a measured one is not absent."""
    own = local(evidence)
    assert answer(evidence, own).absent == ("Docker was not measured: Daemon running, no container",)
    assert answer(evidence, own, tier(own, "docker", times=2)).absent == ()


def test_the_fastest_is_taken(evidence: Evidence) -> None:
    """And the other one's time is told."""
    own = local(evidence)
    assert answer(evidence, own, tier(own, "docker", times=0.5)).text.startswith("Use Docker")
    slow = answer(evidence, own, tier(own, "docker", times=2))
    assert slow.text.startswith("Use Local")
    assert "Docker takes" in slow.text
    assert slow.rows[0].p50.ratio == "2.00 ×"


def test_alike_tiers_are_taken_in_the_order_of_the_waterfall(evidence: Evidence) -> None:
    """Within 10 % the order decides, not the noise."""
    own = local(evidence)
    assert answer(evidence, own, tier(own, "docker", times=1.05)).text.startswith("Use Docker")


def test_what_was_emulated_is_no_candidate(evidence: Evidence) -> None:
    """However fast it was."""
    own = local(evidence)
    found = answer(evidence, own, tier(own, "cloud-run", times=0.1, how="emulated"))
    assert found.text.startswith("Use Local")
    assert "emulated and is no candidate" in found.text
    assert "modelled" in found.rows[0].cost.metric


def test_an_invalid_latency_is_no_candidate_and_is_told(evidence: Evidence) -> None:
    """Nothing is left to recommend, and the page says why."""
    own = local(evidence)
    broken = dataclasses.replace(
        own, verdict=MeasurementVerdict.INVALID, reasons=("the client was the bottleneck",)
    )
    found = answer(evidence, broken)
    assert "run it again" in found.text
    assert found.warning == "Local's latency is INVALID (the client was the bottleneck)"


def test_without_latency_there_is_no_answer(tmp_path: Path) -> None:
    """A run of other notebooks has none."""
    with pytest.raises(NoEvidence):
        tier_answer(Evidence(RunFolder(tmp_path)))
