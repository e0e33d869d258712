"""`jarvis-bench run`: bad requests write nothing, bad notebooks spoil nothing, and Ctrl-C loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from jarvis_bench.kit.run_folder import new_run_folder
from jarvis_bench.settings import Settings
from tests.kit.throwaway import (
    Throwaway,
    end_processes_of,
    keeping,
    make_checkout,
    processes_of,
    wait_for,
    wait_until,
)
from tests.kit.tiny_disk import tiny_disk

from .conftest import (
    GOOD_AFTER,
    GOOD_BEFORE,
    PROGRAM,
    STATUSES,
    Command,
    MixedRun,
    environment_of,
    temporary_of,
)

TROUBLED = [name for name, status in STATUSES.items() if status != "ok"]
ENDLESS = """\
import subprocess
from pathlib import Path
subprocess.Popen(["sleep", "3600"], start_new_session=True)
subprocess.Popen(["sleep", "3600"])
Path(out_dir, "endless").touch()
while True:
    pass"""
DEADLINE_S = 30.0


def page(path: Path) -> BeautifulSoup:
    """A page of the report as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def row_of(index: BeautifulSoup, name: str) -> Tag:
    """The row of a notebook on the index page."""
    rows = [row for row in index.select("tr[data-status]") if f"All about {name}" in row.get_text()]
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--notebook", "00_goood"], ["'00_goood'", "'00_good'"]),
        (["--profile", "quik"], ["'quik'", "'quick'"]),
        (["--set", "coumt=1"], ["'coumt'", "'count'"]),
        (["--set", "count=many"], ["count", "'many'", "int"]),
        (["--set", "count"], ["'count'", "NAME=VALUE"]),
        (["--set", "out_dir=/tmp"], ["'out_dir'"]),
    ],
)
def test_a_request_that_names_what_is_not_there_writes_nothing(
    command: Command, checkout: Settings, arguments: list[str], said: list[str]
) -> None:
    """Exit 2, one line with the name and the nearest known one, and no folder of results."""
    finished = command("run", *arguments)
    assert (finished.code, finished.out) == (2, "")
    assert finished.err.count("\n") == 1
    assert all(part in finished.err for part in said)
    assert not (checkout.home / "reports").exists()


@pytest.mark.parametrize("arguments", [["--nope"], ["--out"], ["extra"]])
def test_a_mistaken_option_is_a_usage_error(command: Command, arguments: list[str]) -> None:
    """Exit 2, as for every other mistake on the command line."""
    assert command("run", *arguments).code == 2


def test_a_folder_that_is_no_checkout_is_named_with_the_cure(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed command without notebooks says where it looked."""
    monkeypatch.setenv("JARVIS_BENCH_HOME", str(tmp_path))
    finished = command("run")
    assert finished.code == 2
    assert str(tmp_path) in finished.err
    assert "JARVIS_BENCH_HOME" in finished.err


@pytest.mark.usefixtures("checkout")
def test_a_file_in_place_of_the_output_folder_is_named(command: Command, tmp_path: Path) -> None:
    """Exit 2, and the file is as it was."""
    out = tmp_path / "out"
    out.write_text("mine", encoding="utf-8")
    finished = command("run", "--out", out)
    assert finished.code == 2
    assert str(out) in finished.err
    assert out.read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("checkout")
def test_a_folder_called_latest_is_left_alone(command: Command, tmp_path: Path) -> None:
    """Exit 2, and what somebody keeps there is still there."""
    mine = tmp_path / "out" / "latest" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.touch()
    finished = command("run", "--out", tmp_path / "out")
    assert finished.code == 2
    assert str(mine.parent) in finished.err
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name != ".lock"] == ["latest"]
    assert mine.exists()


@pytest.mark.usefixtures("checkout")
def test_a_folder_in_use_is_refused_with_the_process_that_uses_it(command: Command, tmp_path: Path) -> None:
    """Exit 2, and the run that holds the folder is not disturbed."""
    with new_run_folder(tmp_path / "out", "quick") as held:
        finished = command("run", "--out", tmp_path / "out")
        assert finished.code == 2
        assert str(os.getpid()) in finished.err
        assert [path.name for path in (tmp_path / "out").iterdir() if path.name != ".lock"] == [
            held.path.name
        ]


@pytest.mark.usefixtures("checkout")
def test_a_disk_without_room_is_told_before_anything_runs(command: Command, tmp_path: Path) -> None:
    """Exit 2, how much is free and how much is needed, and nothing half-written."""
    with tiny_disk(tmp_path / "disk") as disk:
        finished = command("run", "--out", disk.path)
        assert (finished.code, finished.out) == (2, "")
        assert "no space" in finished.err
        assert str(disk.path) in finished.err
        assert [path.name for path in disk.path.iterdir()] == [".lock"]


@pytest.mark.notebooks
@pytest.mark.usefixtures("checkout")
def test_a_disk_that_fills_up_during_a_run_leaves_nothing_half_written(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 with the cure; every file of results that is there can be read to its end."""
    monkeypatch.setattr("jarvis_bench.kit.run_folder.NEEDED_BYTES", 0)
    with tiny_disk(tmp_path / "disk") as disk:
        disk.fill(leave_bytes=20_000)
        finished = command("run", "--out", disk.path)
        assert finished.code == 2
        assert finished.err.splitlines()[-1].startswith("jarvis-bench: cannot write")
        assert "no space" in finished.err.splitlines()[-1]
        (folder,) = (path for path in disk.path.iterdir() if path.is_dir())
        for path in [*folder.glob("*.json"), *folder.glob("notebooks/*")]:
            assert path.name.endswith((".json", ".ipynb"))
            json.loads(path.read_text(encoding="utf-8"))
        for path in folder.glob("*.html"):
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


@pytest.mark.notebooks
def test_a_failed_notebook_does_not_stop_the_others(mixed_run: MixedRun) -> None:
    """Exit 1, each notebook with the status that it deserves, good ones after bad ones included."""
    assert mixed_run.finished.code == 1
    run = json.loads((mixed_run.folder / "run.json").read_text(encoding="utf-8"))
    assert run["status"] == "failed"
    assert {item["name"]: item["status"] for item in run["notebooks"]} == STATUSES
    assert {path.name for path in mixed_run.folder.glob("*r*.json")} >= {"before.json", "after.json"}


@pytest.mark.notebooks
def test_json_is_all_that_standard_output_holds(mixed_run: MixedRun) -> None:
    """One object with its schema version, equal to the run's own file."""
    record = mixed_run.finished.record
    assert record["schema_version"] == 1
    assert record == json.loads((mixed_run.folder / "run.json").read_text(encoding="utf-8"))


@pytest.mark.notebooks
def test_progress_is_plain_lines_on_standard_error(mixed_run: MixedRun) -> None:
    """No control codes where no terminal is, and every notebook is named."""
    assert not {"\r", "\x1b"} & set(mixed_run.finished.err)
    assert all(name in mixed_run.finished.err for name in STATUSES)
    assert str(mixed_run.folder / "index.html") in mixed_run.finished.err


@pytest.mark.notebooks
@pytest.mark.parametrize("name", STATUSES)
def test_every_notebook_has_a_row_and_a_page(mixed_run: MixedRun, name: str) -> None:
    """The row carries the status, red where it is not ok, and the page is there even for a dead kernel."""
    row = row_of(page(mixed_run.folder / "index.html"), name)
    assert row["data-status"] == STATUSES[name]
    assert ("troubled" in (row.get("class") or [])) == (name in TROUBLED)
    links = [str(link["href"]) for link in row.find_all("a")]
    assert {f"{name}.html", f"notebooks/{name}.ipynb", f"logs/{name}.log"} <= set(links)
    assert all((mixed_run.folder / link.partition("#")[0]).is_file() for link in links)


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("10_raises", "cell-1", "ZeroDivisionError"),
        ("20_dies", "cell-1", "died"),
        ("30_spins", "cell-0", "3 seconds"),
        ("40_sleeps", "cell-1", "3 seconds"),
    ],
)
def test_a_red_row_says_why_and_leads_to_the_failing_cell(
    mixed_run: MixedRun, name: str, cell: str, reason: str
) -> None:
    """The link arrives at a cell that exists on the page, and the page gives the same reason."""
    row = row_of(page(mixed_run.folder / "index.html"), name)
    assert reason in row.get_text()
    (link,) = (str(link["href"]) for link in row.select(".reason a"))
    target, _, anchor = link.partition("#")
    assert (target, anchor) == (f"{name}.html", f"cell-{cell}")
    arrived = page(mixed_run.folder / target)
    assert len(arrived.select(f"#{anchor}")) == 1
    assert reason in arrived.get_text()


@pytest.mark.notebooks
def test_the_page_of_a_failed_notebook_shows_what_ran_before(mixed_run: MixedRun) -> None:
    """What the failing cell had printed is kept."""
    assert "almost there" in page(mixed_run.folder / "10_raises.html").get_text()


@pytest.mark.notebooks
@pytest.mark.parametrize("file", ["environment.json", "forgotten.json", "torn.parquet"])
def test_an_artefact_that_was_not_written_is_named(mixed_run: MixedRun, file: str) -> None:
    """Also one that is there but broken, or from somebody else, as the runner's own environment.json."""
    assert file in row_of(page(mixed_run.folder / "index.html"), "50_forgets").get_text()


@pytest.mark.notebooks
def test_no_process_outlives_the_run(mixed_run: MixedRun) -> None:
    """Not even what a hung or killed notebook had started in the background."""
    assert mixed_run.leftovers == []


@pytest.mark.notebooks
def test_a_run_writes_into_its_own_folder_only(mixed_run: MixedRun) -> None:
    """The checkout holds what it held, and the reports."""
    assert {path.name for path in mixed_run.home.iterdir()} == {"data", "notebooks", "reports"}
    assert {path.name for path in (mixed_run.home / "reports").iterdir()} == {
        ".lock",
        "latest",
        mixed_run.folder.name,
    }
    assert {path.suffix for path in (mixed_run.home / "notebooks").iterdir()} == {".ipynb", ".yaml"}


@dataclass(frozen=True, slots=True)
class Interruption:
    """How an interrupted run ended."""

    code: int
    err: str
    reports: Path
    leftovers: list[str]
    temporary: list[str]

    @property
    def run(self) -> dict[str, Any]:
        """What run.json of the run that `latest` points to says."""
        run = json.loads((self.reports / "latest" / "run.json").read_text(encoding="utf-8"))
        assert isinstance(run, dict)
        return run


@contextmanager
def endless_run(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in a process group of its own, as in a terminal, that has come to a cell without end."""
    endless = Throwaway("10_endless", (ENDLESS,))
    make_checkout(home, keeping(GOOD_BEFORE, "good.json"), endless, keeping(GOOD_AFTER, "after.json"))
    with subprocess.Popen(
        [PROGRAM, "run", "--json"],
        env=environment_of(home),
        cwd=home.parent,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for(home / "reports", "*/endless")
            yield process
        finally:
            process.kill()
            end_processes_of(home)


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def interrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Interruption:
    """A run that was ended from a terminal or by a service manager, in the middle of its second notebook."""
    home = tmp_path_factory.mktemp("interrupted") / "checkout"
    with endless_run(home) as process:
        os.killpg(process.pid, request.param)
        _, err = process.communicate(timeout=DEADLINE_S)
        temporary = [path.name for path in temporary_of(home).iterdir()]
        return Interruption(process.returncode, err, home / "reports", processes_of(home), temporary)


@pytest.mark.notebooks
def test_an_interrupted_run_ends_with_130_and_without_a_traceback(interrupted: Interruption) -> None:
    """Ctrl-C is no accident of the program."""
    assert interrupted.code == 130
    assert "Traceback" not in interrupted.err


@pytest.mark.notebooks
def test_an_interrupted_run_leaves_no_process(interrupted: Interruption) -> None:
    """Kernels are in sessions of their own, and so is what they started; still nothing is left."""
    assert interrupted.leftovers == []


@pytest.mark.notebooks
def test_an_interrupted_run_leaves_no_temporary_file(interrupted: Interruption) -> None:
    """A kernel's connection file, with its key, belongs into the run's folder and not into /tmp."""
    assert interrupted.temporary == []


@pytest.mark.notebooks
def test_an_interrupted_run_keeps_what_was_finished_and_marks_the_rest(interrupted: Interruption) -> None:
    """run.json can be read, and `latest` leads to it."""
    assert interrupted.run["status"] == "interrupted"
    assert [item["status"] for item in interrupted.run["notebooks"]] == ["ok", "interrupted", "interrupted"]
    assert (interrupted.reports / "latest" / "good.json").is_file()


@pytest.mark.notebooks
def test_an_interrupted_run_has_its_pages(interrupted: Interruption) -> None:
    """The index says that the run was interrupted; finished notebooks are rendered."""
    index = page(interrupted.reports / "latest" / "index.html")
    assert "interrupted" in index.select(".banner")[0].get_text()
    rows = [row["data-status"] for row in index.select("tr[data-status]")]
    assert rows == ["ok", "interrupted", "interrupted"]
    assert (interrupted.reports / "latest" / f"{GOOD_BEFORE}.html").is_file()


@pytest.mark.notebooks
def test_an_impatient_second_ctrl_c_leaves_no_process_either(tmp_path: Path) -> None:
    """It may cost the pages, never the results, and nothing runs on."""
    home = tmp_path / "checkout"
    with endless_run(home) as process:
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.1)  # a quick finger; at once, the two would be one signal
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 130
        assert processes_of(home) == []
    run = json.loads(next(home.glob("reports/*/run.json")).read_text(encoding="utf-8"))
    assert run["notebooks"][0]["status"] == "ok"


@pytest.mark.notebooks
@pytest.mark.parametrize("pause_s", [0.1])
def test_a_third_ctrl_c_prints_no_traceback(tmp_path: Path, pause_s: float) -> None:
    """However impatient: one line says that the run was interrupted."""
    home = tmp_path / "checkout"
    with endless_run(home) as process:
        for _ in range(5):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            time.sleep(pause_s)
        _, err = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 130
        assert "Traceback" not in err
        assert processes_of(home) == []


@pytest.mark.notebooks
def test_a_killed_run_takes_its_kernel_with_it(tmp_path: Path) -> None:
    """Nothing can be written any more, but the cell that spins does not spin for ever."""
    home = tmp_path / "checkout"
    with endless_run(home) as process:
        process.kill()
        wait_until(
            lambda: not [line for line in processes_of(home) if "sleep" not in line], "end of the kernel"
        )
