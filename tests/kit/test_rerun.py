"""A run once more: by the same plan, and judged by what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.environment import describe_environment
from jarvis_bench.kit.rerun import (
    Again,
    RerunReport,
    judge_again,
    read_finished,
    refuse_other_versions,
    same_request,
)
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.settings import Settings

from .finished_runs import finished_run


def judged(tmp_path: Path, **changes: Any) -> RerunReport:
    """The verdict on a repetition that differs from the usual run."""
    return judge_again(finished_run(tmp_path / "a"), finished_run(tmp_path / "b", **changes))


def test_the_same_run_is_reproduced(tmp_path: Path) -> None:
    """Also where it was 10 % slower: that is another day on the same machine."""
    for times in (1.0, 1.1):
        report = judged(tmp_path, times=times)
        assert (report.verdict, report.reasons, report.exit_code) == (Again.REPRODUCED, (), 0)


def test_a_figure_beyond_the_tolerance_is_not(tmp_path: Path) -> None:
    """Named with its ratio."""
    report = judged(tmp_path, times=1.5)
    assert (report.verdict, report.exit_code) == (Again.NOT, 1)
    assert any("3 s clip" in reason and "1.50 ×" in reason for reason in report.reasons)


def test_another_machine_proves_nothing(tmp_path: Path) -> None:
    """Whatever else came out differently: exit 3, the machine first."""
    report = judged(tmp_path, times=3.0, environment={"cpu": "Other 1"})
    assert (report.verdict, report.exit_code) == (Again.HOST_DIFFERS, 3)
    assert "cpu (Imaginary 9000 | Other 1)" in report.reasons[0]


def test_what_was_not_measured_again_is_not_reproduced(tmp_path: Path) -> None:
    """A missing figure is no equal one."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    (b.path / "memory.parquet").unlink()
    report = judge_again(a, b)
    assert report.verdict is Again.NOT
    assert any("not measured again: local" in reason for reason in report.reasons)


def test_a_notebook_that_ends_otherwise_is_not_reproduced(tmp_path: Path) -> None:
    """It failed, and did not before."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    run: Any = b.read_json("run.json")
    run["notebooks"][0]["status"] = "timeout"
    b.write_json("run.json", run)
    assert "02_verify_fix ended timeout, and ok before" in judge_again(a, b).reasons


def test_the_plan_is_that_of_the_run(tmp_path: Path) -> None:
    """Its notebooks that ran, with their parameters and no others."""
    request = same_request(read_finished(finished_run(tmp_path / "a")), Settings())
    assert [plan.notebook.name for plan in request.plans] == ["02_verify_fix", "20_memory"]
    assert (request.profile, request.plans[0].parameters) == ("quick", {"worlds": []})


def changed(tmp_path: Path, **fields: Any) -> RunFolder:
    """A run whose first notebook says something else."""
    folder = finished_run(tmp_path / "a")
    run: Any = folder.read_json("run.json")
    run["notebooks"][0] |= fields
    folder.write_json("run.json", run)
    return folder


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"parameters": [["wurlds", []]]}, "'worlds'"),
        ({"parameters": [["worlds", 3]]}, "worlds: 3"),
        ({"name": "03_gone"}, "'03_gone'"),
    ],
)
def test_a_plan_that_this_checkout_cannot_run_is_refused(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match=said):
        same_request(read_finished(changed(tmp_path, **fields)), Settings())


def test_other_versions_are_refused_or_told(tmp_path: Path) -> None:
    """Each with both versions, unless it is forced."""
    now: Any = describe_environment()
    folder = finished_run(tmp_path / "a")
    folder.write_json("environment.json", now)
    assert refuse_other_versions(folder, force=False) == ()
    folder.write_json("environment.json", {**now, "python": "3.9.1"})
    with pytest.raises(UsageError, match=r"and was 3\.9\.1"):
        refuse_other_versions(folder, force=False)
    assert len(refuse_other_versions(folder, force=True)) == 1


def test_a_folder_of_another_form_is_named(tmp_path: Path) -> None:
    """It is no run that could be repeated."""
    with pytest.raises(UsageError, match=r"run\.json"):
        read_finished(changed(tmp_path, status="strange"))
