"""A run takes each notebook on its own: what one does to itself or its process never reaches the next."""

from __future__ import annotations

import asyncio
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit import execution
from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus, RunOutcome, RunStatus
from jarvis_bench.kit.progress import Progress
from jarvis_bench.kit.run import RUN_FILE, check_request, reports_folder, run
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.settings import Settings

from .throwaway import Throwaway, keeping, make_checkout, processes_of

TELLS = """\
import json, os, subprocess
from pathlib import Path
from jarvis_bench.settings import read_settings
subprocess.Popen(["sleep", "3600"], start_new_session=True)
facts = {"container": read_settings().container_name, "count": count, "world": world}
Path(out_dir, "mark.json").write_text(json.dumps(os.environ["JARVIS_BENCH_RUN_MARK"]))
Path(out_dir, "facts.json").write_text(json.dumps(facts))"""
STOPS_ITS_RUNNER = "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)"
KILLS_ITS_RUNNER = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(3600)"
NOTEBOOKS = (
    Throwaway("10_tells", (TELLS,), ("facts.json",)),
    Throwaway("20_stops", (STOPS_ITS_RUNNER,)),
    Throwaway("30_kills", (KILLS_ITS_RUNNER,)),
    keeping("40_after", "after.json"),
)
PROFILES = {
    "quick": {
        "cell_timeout_s": 60,
        "notebooks": {"10_tells": {"world": "low-ram"}, "20_stops": {"cell_timeout_s": 3}},
    }
}


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run with all that it left."""

    outcome: RunOutcome
    folder: RunFolder
    home: Path
    leftovers: list[str]
    told: str

    def notebook(self, name: str) -> NotebookOutcome:
        """What became of one notebook."""
        return next(item for item in self.outcome.notebooks if item.name == name)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One real run of four notebooks, two of which harm the very process that executes them."""
    home = tmp_path_factory.mktemp("run") / "checkout"
    settings = dataclasses.replace(
        make_checkout(home, *NOTEBOOKS, profiles=PROFILES), container_name="container-of-this-test"
    )
    request = check_request(settings, "quick", [], ["count=7"])
    folder = RunFolder(home / "reports" / "the run")
    folder.path.mkdir(parents=True)
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "SHUTDOWN_S", 4.0)
        outcome = asyncio.run(run(request, folder, Progress(told)))
    return Done(outcome, folder, home, processes_of(home), told.getvalue())


@pytest.mark.notebooks
def test_settings_and_parameters_reach_the_notebook(done: Done) -> None:
    """What was set on the command line wins over the profile, and that over the notebook's default."""
    assert done.folder.read_json("facts.json") == {
        "container": "container-of-this-test",
        "count": 7,
        "world": "low-ram",
    }
    assert dict(done.notebook("10_tells").parameters) == {"world": "low-ram", "count": 7}


@pytest.mark.notebooks
def test_the_mark_of_its_processes_is_this_runs_alone(done: Done) -> None:
    """Two runs may begin in the same second in different folders; neither ends the other's processes."""
    assert str(done.folder.path) in str(done.folder.read_json("mark.json"))


@pytest.mark.notebooks
def test_a_process_that_falls_silent_is_given_up(done: Done) -> None:
    """Even where papermill itself no longer runs, the notebook ends in a timeout with its cell."""
    outcome = done.notebook("20_stops")
    assert outcome.status is NotebookStatus.TIMEOUT
    assert outcome.failing_cell is not None
    assert outcome.failing_cell.id == "cell-0"


@pytest.mark.notebooks
def test_a_process_that_dies_takes_only_its_notebook_with_it(done: Done) -> None:
    """The reason is given, and what had been executed by then can be read."""
    outcome = done.notebook("30_kills")
    assert outcome.status is NotebookStatus.KERNEL_DIED
    assert outcome.reason
    assert outcome.ipynb is not None
    nbformat.validate(nbformat.read(done.folder.path / outcome.ipynb, as_version=4))


@pytest.mark.notebooks
def test_the_notebooks_after_it_run_all_the_same(done: Done) -> None:
    """The run as a whole counts as failed."""
    assert done.notebook("40_after").status is NotebookStatus.OK
    assert done.outcome.status is RunStatus.FAILED
    assert done.outcome.exit_code == 1


@pytest.mark.notebooks
def test_nothing_that_a_notebook_started_outlives_it(done: Done) -> None:
    """Neither kernels nor what they left in the background."""
    assert done.leftovers == []


@pytest.mark.notebooks
def test_the_run_file_says_what_was_returned(done: Done) -> None:
    """Programs read run.json; job descriptions and half-written files are gone."""
    written = done.folder.read_json(RUN_FILE)
    assert isinstance(written, dict)
    assert (written["schema_version"], written["status"], written["run_id"]) == (1, "failed", "the run")
    assert not [path for path in done.folder.path.rglob("*") if path.name.endswith(".job.json")]
    assert not list(done.folder.path.glob("notebooks/.*"))


@pytest.mark.notebooks
def test_an_executed_notebook_names_no_folder_of_its_author(done: Done) -> None:
    """Reports are published, executed notebooks with them."""
    for path in done.folder.path.glob("notebooks/*.ipynb"):
        assert str(done.home) not in path.read_text(encoding="utf-8")


@pytest.mark.notebooks
def test_progress_names_every_notebook_and_how_it_ended(done: Done) -> None:
    """A person who looks on sees each of them."""
    lines = done.told.splitlines()
    for item in done.outcome.notebooks:
        said = "ok" if item.status is NotebookStatus.OK else item.status.value
        assert [line for line in lines if item.name in line and said in line.lower()], item.name


@pytest.mark.parametrize(
    ("profile", "notebooks", "pairs", "said"),
    [
        ("quik", [], [], "'quik'.*'quick'"),
        ("quick", ["10_look_arund"], [], "'10_look_arund'.*'10_look_around'"),
        ("quick", [], ["cuont=1"], "'cuont'.*'count'"),
        ("quick", [], ["count=x"], "'x' is no int"),
        ("quick", [], ["count"], "NAME=VALUE"),
    ],
)
def test_a_request_is_checked_as_a_whole(
    checkout: Settings, profile: str, notebooks: list[str], pairs: list[str], said: str
) -> None:
    """Whatever is wrong is found before the first notebook runs."""
    with pytest.raises(UsageError, match=said):
        check_request(checkout, profile, notebooks, pairs)


def test_runs_are_kept_in_the_checkout_unless_told_otherwise(checkout: Settings, tmp_path: Path) -> None:
    """`--out` may start with a tilde or be relative."""
    assert reports_folder(checkout, None) == checkout.home / "reports"
    assert reports_folder(checkout, Path("~/runs")) == Path.home() / "runs"
    assert reports_folder(checkout, tmp_path / "a" / ".." / "b") == tmp_path / "b"


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [("world=docker-redy", "docker-ready"), ("worlds=['lowram']", "low-ram"), ("runtime=onx", "runtime")],
)
def test_names_in_parameters_are_checked_before_anything_runs(pair: str, wanted: str) -> None:
    """An unknown world or runtime given by --set is an error that names the nearest known one."""
    with pytest.raises(UsageError, match=wanted):
        check_request(Settings(), "quick", [], [pair])
