"""What a comparison of two arms proves."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jarvis_bench.kit.arms import Arm, as_words
from jarvis_bench.kit.paired_ratio import CONFIDENCE, PairedRatio, paired_ratio
from jarvis_bench.kit.versus import AGAIN, A, B, Cell, Session, block_ratios, process_medians
from jarvis_bench.records import MeasurementVerdict

METRIC = "service time at the client, closed loop of one"
ALPHA = 1 - CONFIDENCE
# Smaller differences come and go with the next compiler, kernel or neighbour; none is worth a verdict.
LEAST_SHARE = 0.05


class Speed(StrEnum):
    """Arm B against arm A."""

    FASTER = "faster"
    SLOWER = "slower"
    NO_DIFFERENCE = "no difference"


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm: its settings by name, its weights, and the median over its processes' medians in seconds."""

    text: str
    settings: Mapping[str, str]
    weights: str
    p50_s: float


@dataclass(frozen=True, slots=True)
class VersusReport:
    """Arm B against arm A in one session.

    `difference`: B over A, block by block, A being the geometric mean of its two processes; `noise`: A again over A,
    the same test on two arms that are alike. A difference has to be proven (the signed-rank test) and larger than
    `smallest_share`: 5 %, or what the noise reaches. `block_ratios` and `noise_ratios` are the blocks' own.
    """

    verdict: Speed
    validity: MeasurementVerdict
    reasons: tuple[str, ...]
    a: ArmFigures
    b: ArmFigures
    difference: PairedRatio
    noise: PairedRatio
    smallest_share: float
    alpha: float
    metric: str
    cell: Cell
    cores: str
    seconds: float
    block_ratios: tuple[float, ...]
    noise_ratios: tuple[float, ...]

    @property
    def exit_code(self) -> int:
        """0 faster or no difference, 1 slower, 3 where the session proves nothing."""
        if self.validity is MeasurementVerdict.INVALID:
            return 3
        return int(self.verdict is Speed.SLOWER)


def judge_versus(a: Arm, b: Arm, cell: Cell, session: Session) -> VersusReport:
    """The verdict from the rows of a session."""
    first, other, again = (process_medians(session.rows, arm) for arm in (A, B, AGAIN))
    ratios, noise_ratios = block_ratios(session.rows, B, (A, AGAIN)), block_ratios(session.rows, AGAIN, (A,))
    difference, noise = paired_ratio(ratios), paired_ratio(noise_ratios)
    smallest = max(LEAST_SHARE, noise.reach)
    validity, reasons = _validity(noise, a, b)
    return VersusReport(
        verdict=_speed(difference, smallest),
        validity=validity,
        reasons=reasons,
        a=ArmFigures(a.text, as_words(a), session.weights[0], statistics.median([*first, *again])),
        b=ArmFigures(b.text, as_words(b), session.weights[1], statistics.median(other)),
        difference=difference,
        noise=noise,
        smallest_share=smallest,
        alpha=round(ALPHA, 3),
        metric=METRIC,
        cell=cell,
        cores=session.cores,
        seconds=session.seconds,
        block_ratios=tuple(ratios),
        noise_ratios=tuple(noise_ratios),
    )


def _speed(difference: PairedRatio, smallest: float) -> Speed:
    if difference.p_value >= ALPHA:
        return Speed.NO_DIFFERENCE
    # As a ratio either way: 5 % slower is 1.05, 5 % faster is 1/1.05.
    if difference.ratio > 1 + smallest:
        return Speed.SLOWER
    return Speed.FASTER if difference.ratio < 1 / (1 + smallest) else Speed.NO_DIFFERENCE


def _validity(noise: PairedRatio, a: Arm, b: Arm) -> tuple[MeasurementVerdict, tuple[str, ...]]:
    """A session that tells two equal arms apart proves nothing about two others."""
    reasons = [
        f"{arm.text} runs already: its arm is one process with fresh connections, not fresh processes"
        for arm in (a, b)
        if arm.url
    ]
    if noise.p_value < ALPHA and abs(noise.ratio - 1) > LEAST_SHARE:
        told = f"the session told two equal arms apart (A again is {noise.ratio:.3f} × A): run it again"
        return MeasurementVerdict.INVALID, (told, *reasons)
    return MeasurementVerdict.VALID, tuple(reasons)
