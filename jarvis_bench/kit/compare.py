"""Two finished runs side by side.

Each run is one process on one day, so this can show a difference, but not prove that it would come again: that takes
`versus`. A difference counts only where it is larger than 5 %, than what each run differs from itself by (its second
half against its first), and where the interval of the ratio leaves out 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.kit.figures_of_run import LEAST_SAMPLES, RunFigure, drift, ratio_interval, read_figures
from jarvis_bench.kit.likeness import Difference, find_differences, read_object, read_run, refuse_unlike
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import MeasurementVerdict

LEAST_SHARE = 0.05
INCONCLUSIVE, INVALID = MeasurementVerdict.INCONCLUSIVE.value, MeasurementVerdict.INVALID.value


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of both runs: `ratio` is b over a, `low` and `high` its 95 % interval where there are samples.

    `verdict`: faster or slower, smaller or larger, INCONCLUSIVE below `noise_share`, INVALID where requests failed.
    """

    name: str
    metric: str
    unit: str
    a: float
    b: float
    ratio: float
    low: float | None
    high: float | None
    noise_share: float
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim whose verdict the two runs do not share."""

    check: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Two runs side by side.

    `differing`: the keys on which they disagree; `forced`: whether they were compared in spite of that; `only_a` and
    `only_b`: figures that just one of them has.
    """

    a: str
    b: str
    forced: bool
    differing: tuple[Difference, ...]
    warnings: tuple[str, ...]
    figures: tuple[ComparedFigure, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    claims: tuple[ClaimChange, ...]

    @property
    def exit_code(self) -> int:
        """0 nothing is worse, 1 something is slower or larger, 3 something is INVALID, 4 nothing to compare."""
        words = {figure.verdict for figure in self.figures}
        if not words:
            return 4
        return 3 if INVALID in words else int(bool(words & {"slower", "larger"}))


def compare_runs(
    a: RunFolder, b: RunFolder, *, variables: tuple[str, ...] = (), force: bool = False
) -> CompareReport:
    """Compare every figure that both runs have.

    Args:
        a: the reference.
        b: the run that the words are about.
        variables: keys in which they may differ.
        force: compare them whatever differs.

    Raises:
        UsageError: no run, or runs that differ in what they should share.
    """
    differences = find_differences(a, b)
    refuse_unlike(differences, variables, force=force)
    first, second = read_figures(a), read_figures(b)
    shared = [name for name in first if name in second]
    allowed = set(variables)
    unnamed = any(item.key.split(".")[0] not in allowed and item.key not in allowed for item in differences)
    return CompareReport(
        a=read_run(a)["run_id"],
        b=read_run(b)["run_id"],
        forced=force and unnamed,
        differing=differences,
        warnings=(*_warnings("A", a), *_warnings("B", b)),
        figures=tuple(compare_figure(first[name], second[name]) for name in shared),
        only_a=tuple(name for name in first if name not in second),
        only_b=tuple(name for name in second if name not in first),
        claims=changed_claims(a, b),
    )


def compare_figure(a: RunFigure, b: RunFigure, *, least_share: float = LEAST_SHARE) -> ComparedFigure:
    """One figure of both runs, with its verdict."""
    ratio = b.value / a.value
    timed = a.unit == "s"
    enough = min(len(a.samples), len(b.samples)) >= LEAST_SAMPLES
    interval = ratio_interval(a.samples, b.samples) if timed and enough else None
    noise = max(least_share, drift(a.samples), drift(b.samples)) if interval else least_share
    verdict, why = _verdict(a, b, ratio, interval, noise)
    low, high = interval or (None, None)
    return ComparedFigure(a.name, a.metric, a.unit, a.value, b.value, ratio, low, high, noise, verdict, why)


def _verdict(
    a: RunFigure, b: RunFigure, ratio: float, interval: tuple[float, float] | None, noise: float
) -> tuple[str, str]:
    if a.failed or b.failed:
        return INVALID, f"{a.failed} requests of A and {b.failed} of B failed"
    if a.unit == "s" and interval is None:
        return INCONCLUSIVE, f"{len(a.samples)} and {len(b.samples)} samples; {LEAST_SAMPLES} are needed"
    if 1 / (1 + noise) <= ratio <= 1 + noise:
        return INCONCLUSIVE, f"within the noise of {noise:.0%}"
    if interval is not None and interval[0] <= 1 <= interval[1]:
        return INCONCLUSIVE, "its interval holds 1"
    words = ("faster", "slower") if a.unit == "s" else ("smaller", "larger")
    return words[ratio > 1], f"beyond the noise of {noise:.0%}"


def changed_claims(a: RunFolder, b: RunFolder) -> tuple[ClaimChange, ...]:
    """The checks whose verdicts differ, by the runs' claims.parquet."""
    first, second = _claims(a), _claims(b)
    return tuple(
        ClaimChange(check, first[check], second[check])
        for check in first
        if check in second and first[check] != second[check]
    )


def _claims(folder: RunFolder) -> dict[str, str]:
    if not folder.has("claims.parquet"):
        return {}
    rows = folder.read_table("claims.parquet").to_dict("records")
    return {str(row["check"]): str(row["verdict"]) for row in rows}


def _warnings(arm: str, folder: RunFolder) -> list[str]:
    environment, run = read_object(folder, "environment.json"), read_run(folder)
    found = []
    if run.get("status") != "ok":
        found.append(f"run {arm} ended {run.get('status')}: what it lacks is not compared")
    if environment.get("dirty"):
        found.append(f"run {arm} was made with uncommitted changes: its commit does not name its code")
    return found
