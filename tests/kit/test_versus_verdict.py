"""Faster, slower, or no difference: what it takes."""

from __future__ import annotations

import random

import pytest

from jarvis_bench.kit.arms import parse_arm
from jarvis_bench.kit.versus import AGAIN, A, B, Cell, Session, VersusRow
from jarvis_bench.kit.versus_verdict import Speed, VersusReport, judge_versus
from jarvis_bench.records import MeasurementVerdict, as_json
from jarvis_bench.settings import Settings

LOCAL = parse_arm("local", Settings())


def judged(
    b: float, *, again: float = 1.0, noise: float = 0.01, seed: int = 1, b_arm: str = "local"
) -> VersusReport:
    """The verdict on arms whose processes take so many times 10 ms, give or take."""
    draw = random.Random(seed)
    times = {A: 1.0, B: b, AGAIN: again}
    rows = tuple(
        VersusRow(arm, block, 0, False, "clip", 0, round(1e7 * share * draw.lognormvariate(0, noise)), None)
        for block in range(9)
        for arm, share in times.items()
    )
    session = Session(rows, "one core each", ("weights: seeded", "weights: seeded"), 20.0)
    return judge_versus(LOCAL, parse_arm(b_arm, Settings()), Cell(), session)


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(1.1, Speed.SLOWER), (1 / 1.1, Speed.FASTER), (1.0, Speed.NO_DIFFERENCE), (1.02, Speed.NO_DIFFERENCE)],
)
def test_a_verdict_needs_proof_and_size(share: float, verdict: Speed) -> None:
    """2 % may be proven, and is still too small to count."""
    report = judged(share)
    assert (report.verdict, report.validity) == (verdict, MeasurementVerdict.VALID)
    assert report.difference.ratio == pytest.approx(share, rel=0.02)


def test_a_difference_within_the_noise_of_the_session_does_not_count() -> None:
    """Where two equal arms may differ by 20 %, a tenth is nothing; the smallest that counts is said."""
    report = judged(1.1, noise=0.25)
    assert report.smallest_share > 0.1
    assert report.verdict is Speed.NO_DIFFERENCE


def test_equal_arms_are_hardly_ever_told_apart_and_a_tenth_hardly_ever_missed() -> None:
    """Of 200 simulated sessions each, with blocks that vary by 3 %."""
    equal = [judged(1.0, noise=0.03, seed=seed).verdict for seed in range(200)]
    slowed = [judged(1.1, noise=0.03, seed=seed).verdict for seed in range(200)]
    assert equal.count(Speed.NO_DIFFERENCE) >= 196
    assert slowed.count(Speed.SLOWER) >= 180


def test_a_session_that_tells_equal_arms_apart_is_invalid() -> None:
    """Whatever it says about the others: exit 3."""
    report = judged(1.3, again=1.2)
    assert report.validity is MeasurementVerdict.INVALID
    assert "two equal arms apart" in report.reasons[0]
    assert report.exit_code == 3


@pytest.mark.parametrize(("share", "code"), [(1.1, 1), (1.0, 0), (0.8, 0)])
def test_slower_is_the_only_verdict_that_fails(share: float, code: int) -> None:
    """So that a pipeline can ask."""
    assert judged(share).exit_code == code


def test_a_service_is_not_passed_off_as_fresh_processes() -> None:
    """The report says what its arm was."""
    report = judged(1.0, b_arm="http://127.0.0.1:8080")
    assert any("runs already" in reason for reason in report.reasons)


def test_the_record_is_json_with_everything_the_page_shows() -> None:
    """Ratios of every block included."""
    record = as_json(judged(1.1))
    assert record["verdict"] == "slower"
    assert len(record["block_ratios"]) == 9  # type: ignore[arg-type]  # a list
