"""Two finished runs: what counts as a difference, and what lies below the noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.compare import compare_figure, compare_runs
from jarvis_bench.kit.figures_of_run import RunFigure
from jarvis_bench.records import as_json

from .finished_runs import finished_run


def verdicts(tmp_path: Path, **changes: Any) -> dict[str, str]:
    """The verdict on each figure of a changed run against the usual one."""
    report = compare_runs(finished_run(tmp_path / "a"), finished_run(tmp_path / "b", **changes))
    return {f"{figure.name}, {figure.metric}": figure.verdict for figure in report.figures}


def test_a_run_against_its_twin_proves_nothing(tmp_path: Path) -> None:
    """Every figure is below the noise: exit 0."""
    report = compare_runs(finished_run(tmp_path / "a"), finished_run(tmp_path / "b"))
    assert {figure.verdict for figure in report.figures} == {"INCONCLUSIVE"}
    assert (report.exit_code, report.forced, report.differing) == (0, False, ())


@pytest.mark.parametrize(
    ("times", "word", "code"), [(1.3, "slower", 1), (0.7, "faster", 0), (1.03, "INCONCLUSIVE", 0)]
)
def test_a_difference_beyond_the_noise_is_named(tmp_path: Path, times: float, word: str, code: int) -> None:
    """30 % is, 3 % is not."""
    report = compare_runs(finished_run(tmp_path / "a"), finished_run(tmp_path / "b", times=times))
    found = {figure.verdict for figure in report.figures if figure.unit == "s"}
    assert (found, report.exit_code) == ({word}, code)


def test_memory_is_smaller_or_larger(tmp_path: Path) -> None:
    """A single reading each, so only the 5 % count."""
    found = verdicts(tmp_path, ram=1.2)
    assert found["local, speechbrain, loaded, PSS"] == "larger"
    assert found["local, onnx, 3 s clip, service time p50"] == "INCONCLUSIVE"


def test_a_run_that_differs_from_itself_raises_the_noise() -> None:
    """Its second half is 30 % slower than its first: 20 % between runs are nothing."""
    calm = RunFigure("x", "p50", "s", (1.0,) * 40)
    drifting = RunFigure("x", "p50", "s", (1.0,) * 19 + (1.3,) * 21)
    found = compare_figure(calm, drifting)
    assert found.verdict == "INCONCLUSIVE"
    assert found.noise_share == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("b", "word", "why"),
    [
        (RunFigure("x", "p50", "s", (1.0,) * 40, failed=1), "INVALID", "1 of B failed"),
        (RunFigure("x", "p50", "s", (1.0,) * 3), "INCONCLUSIVE", "11 are needed"),
    ],
)
def test_failed_or_too_few_requests_give_no_verdict(b: RunFigure, word: str, why: str) -> None:
    """And the reason is told."""
    found = compare_figure(RunFigure("x", "p50", "s", (1.0,) * 40), b)
    assert found.verdict == word
    assert why in found.why


def test_unlike_runs_are_refused_and_a_forced_comparison_says_so(tmp_path: Path) -> None:
    """Apples and oranges; a named variable is no force."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b", environment={"cores": 64})
    with pytest.raises(UsageError, match=r"cores \(2 \| 64\)"):
        compare_runs(a, b)
    assert compare_runs(a, b, force=True).forced
    named = compare_runs(a, b, variables=("cores",))
    assert not named.forced
    assert [item.key for item in named.differing] == ["cores"]


def test_claims_that_are_judged_differently_are_listed(tmp_path: Path) -> None:
    """By the verdicts that each run has kept."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    for folder, verdict in ((a, "reproduced"), (b, "refuted")):
        rows = [{"check": "local-2gb", "verdict": verdict}, {"check": "same", "verdict": "partly"}]
        folder.write_table("claims.parquet", pd.DataFrame(rows))
    (change,) = compare_runs(a, b).claims
    assert (change.check, change.a, change.b) == ("local-2gb", "reproduced", "refuted")


def test_nothing_in_common_is_told(tmp_path: Path) -> None:
    """Exit 4: there is no number."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    for name in ("latency.parquet", "memory.parquet"):
        (b.path / name).unlink()
    report = compare_runs(a, b)
    assert (report.exit_code, report.figures) == (4, ())
    assert "local, onnx, 3 s clip, service time p50" in report.only_a


def test_an_unfinished_run_and_a_dirty_checkout_are_warned_of(tmp_path: Path) -> None:
    """Both are no reason to refuse."""
    a = finished_run(tmp_path / "a", status="interrupted")
    b = finished_run(tmp_path / "b", environment={"dirty": True})
    first, second = compare_runs(a, b).warnings
    assert "run A ended interrupted" in first
    assert "run B" in second
    assert as_json(compare_runs(a, b))["schema_version"] == 1
