"""Pages are made of files: what is stored in an executed notebook does not count, and nothing is measured again."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from jarvis_bench.kit.engine_scenarios import EngineScenario
from jarvis_bench.kit.environment import describe_environment
from jarvis_bench.kit.notebook import load_notebooks, read_notebook
from jarvis_bench.kit.outcome import Artefact, NotebookOutcome, NotebookStatus, RunStatus
from jarvis_bench.kit.run_folder import RunFolder, digest
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.records import RuntimeTiming, as_json
from jarvis_bench.report.rebuild import rebuild
from jarvis_bench.report.render import render
from jarvis_bench.settings import Settings
from tests.kit.runtimes_report import make_report

from .finished_run import RUN, write_results
from .nodes import code, markdown, notebook, result, stream
from .soup import parse

ITEM = NotebookOutcome("10_count", "Count", "How many?", NotebookStatus.OK, parameters=(("unit", "mm"),))
READ = """\
from jarvis_bench import open_run
session = open_run(out_dir)
number = session.folder.read_json("number.json")[0]
print(number, unit)"""
CELLS = (
    markdown("# Count\n\nHow many?", name="title"),
    code('out_dir: str = ""\nunit: str = "m"', name="parameters", tags=("parameters",)),
    code("from pathlib import Path\nPath(out_dir, 'touched').touch()", name="write", tags=("writes-files",)),
    code(READ, stream("7 mm\n"), name="read"),
    code("number * 2", result("text/plain", "14"), name="double"),
)
INJECTED = code('# Parameters\nunit = "mm"', name="injected", tags=("injected-parameters",))


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run that counted to seven."""
    made = RunFolder(tmp_path / "run")
    made.write_json("number.json", [7])
    return made


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """A checkout's notebooks."""
    place = tmp_path / "notebooks"
    place.mkdir()
    nbformat.write(bare(*CELLS), place / "10_count.ipynb")
    return place


def bare(*cells: NotebookNode) -> NotebookNode:
    """A notebook without outputs."""
    made: NotebookNode = nbformat.from_dict(notebook(*cells))
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return made


def executed() -> NotebookNode:
    """As papermill leaves it, with its injected cell."""
    return notebook(*CELLS[:2], INJECTED, *CELLS[2:])


def texts(found: NotebookNode) -> list[str]:
    """What the cells show."""
    outputs = [output for cell in found.cells if cell.cell_type == "code" for output in cell.outputs]
    return [
        output.text if output.output_type == "stream" else output.data["text/plain"] for output in outputs
    ]


def test_deleted_outputs_come_back(folder: RunFolder, notebooks: Path) -> None:
    """With the run's parameters; the ids of the cells, which links lead to, are kept."""
    stored = bare(*CELLS[:2], INJECTED, *CELLS[2:])
    found, note = rebuild(stored, ITEM, folder, notebooks)
    assert (texts(found), note) == (["7 mm\n", "14"], None)
    assert texts(found) == texts(executed())
    assert [cell.id for cell in found.cells] == [cell.id for cell in stored.cells]


def test_a_changed_file_changes_what_is_shown(folder: RunFolder, notebooks: Path) -> None:
    """The stored 7 is nowhere to be seen."""
    folder.write_json("number.json", [9])
    assert texts(rebuild(executed(), ITEM, folder, notebooks)[0]) == ["9 mm\n", "18"]


def test_cells_that_write_files_are_not_run_and_show_nothing(folder: RunFolder, notebooks: Path) -> None:
    """A rebuilt page leaves the run as it was."""
    rebuild(executed(), ITEM, folder, notebooks)
    assert not (folder.path / "touched").exists()


def test_code_that_came_with_a_run_is_never_run(folder: RunFolder, notebooks: Path) -> None:
    """What differs from the checkout is shown as it was stored, and the reader is told."""
    foreign = executed()
    foreign.cells[-1].source = "number.boom()"
    found, note = rebuild(foreign, ITEM, folder, notebooks)
    assert found is foreign
    assert note is not None
    assert "has changed since the run" in note


def test_what_cannot_be_made_anew_is_shown_as_stored(folder: RunFolder, notebooks: Path) -> None:
    """With the reason: here the file is gone."""
    (folder.path / "number.json").unlink()
    found, note = rebuild(executed(), ITEM, folder, notebooks)
    assert texts(found) == ["7 mm\n", "14"]
    assert note is not None
    assert "FileNotFoundError" in note


@pytest.mark.parametrize("status", [NotebookStatus.FAILED, NotebookStatus.INTERRUPTED])
def test_a_notebook_that_failed_keeps_its_error(
    folder: RunFolder, notebooks: Path, status: NotebookStatus
) -> None:
    """Its page shows where it stopped."""
    stored = executed()
    item = dataclasses.replace(ITEM, status=status)
    assert rebuild(stored, item, folder, notebooks) == (stored, None)


def test_a_notebook_without_the_tag_is_shown_as_stored(folder: RunFolder, notebooks: Path) -> None:
    """Nobody knows which of its cells measure."""
    cells = [cell for cell in CELLS if cell.id != "write"]
    nbformat.write(bare(*cells), notebooks / "10_count.ipynb")
    stored = notebook(*cells)
    assert rebuild(stored, ITEM, folder, notebooks) == (stored, None)


def test_nothing_can_be_started_meanwhile(folder: RunFolder, notebooks: Path) -> None:
    """A cell that measures without its tag measures nothing: the page falls back to what is stored."""
    starts = code(
        "from jarvis_bench.child_process import child_process\n"
        "child_process('antigravity').__aenter__().send(None)",
        name="start",
    )
    cells = (*CELLS[:3], starts)
    nbformat.write(bare(*cells), notebooks / "10_count.ipynb")
    _, note = rebuild(notebook(*cells), ITEM, folder, notebooks)
    assert note is not None
    assert "antigravity would be started" in note


WITHOUT = """\
import sys
for name in ("torch", "speechbrain", "onnxruntime", "openvino", "onnx", "starlette", "docker"):
    sys.modules[name] = None  # an import of it fails as where it is not installed
from jarvis_bench.cli import main
main()"""


def test_a_report_needs_no_model(tmp_path: Path) -> None:
    """All pages of a copied run, its outputs deleted, where no runtime is installed."""
    made = RunFolder(tmp_path / "run")
    write_results(made)
    made.write_json("environment.json", describe_environment())
    _write_engine(made)
    items = []
    for name in ("00_environment", "02_verify_fix", "10_latency", "20_memory", "90_claims"):
        ipynb = f"notebooks/{name}.ipynb"
        made.write_text(ipynb, (Settings().notebooks_dir / f"{name}.ipynb").read_text(encoding="utf-8"))
        items.append(NotebookOutcome(name, name, "?", NotebookStatus.OK, ipynb=ipynb))
    made.write_json("run.json", as_json(dataclasses.replace(RUN, notebooks=tuple(items))))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, "report", made.path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = {path.name: path.read_text(encoding="utf-8") for path in made.path.glob("*.html")}
    assert len(pages) == 6
    assert not [name for name, text in pages.items() if "stored outputs" in text]
    assert "VmHWM" in pages["20_memory.html"]


def test_one_changed_value_turns_the_claim_in_table_and_index_and_is_marked(tmp_path: Path) -> None:
    """Verdicts follow the files; that a file is not what was measured stands on the first page."""
    made = RunFolder(tmp_path / "run")
    write_results(made)
    ipynb, table = "notebooks/90_claims.ipynb", "reproductions.parquet"
    made.write_text(ipynb, (Settings().notebooks_dir / "90_claims.ipynb").read_text(encoding="utf-8"))
    measured = Artefact(table, (made.path / table).stat().st_size, digest(made, table))
    item = NotebookOutcome("90_claims", "Claims", "?", NotebookStatus.OK, ipynb=ipynb, artefacts=(measured,))
    made.write_json("run.json", as_json(dataclasses.replace(RUN, status=RunStatus.OK, notebooks=(item,))))
    assert _said(made) == ("refuted", "refuted", [])
    rows = made.read_table(table)
    rows.loc[(rows.version == "v10.6") & (rows.world == "docker-ready"), "docker_status"] = "ready"
    made.write_table(table, rows)
    assert _said(made) == ("reproduced", "reproduced", [table])


def _said(made: RunFolder) -> tuple[str, str, list[str]]:
    """The verdict on one claim in the index and on the page of claims, and the files that the index marks."""
    title, quote = "After the fix the Docker probe succeeds", "Docker backend probe succeeds"
    index = parse(render(made, Settings()).read_text(encoding="utf-8"))
    page = parse((made.path / "90_claims.html").read_text(encoding="utf-8"))
    (in_index,) = (row["data-verdict"] for row in index.select("tr[data-verdict]") if title in row.get_text())
    rows = ([cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.select("tr"))
    (in_table,) = (row[row.index(quote) + 1] for row in rows if quote in row)
    banner = index.select("section[data-changed] li strong")
    return str(in_index), in_table, [name.get_text() for name in banner]


@pytest.mark.parametrize("name", [item.name for item in load_notebooks(Settings())])
def test_every_notebook_of_ours_shows_its_results_from_files_alone(name: str, tmp_path: Path) -> None:
    """No kernel, no model, no outputs: the files of a usual run are enough."""
    made = RunFolder(tmp_path / "run")
    write_results(made)
    made.write_json("environment.json", describe_environment())
    _write_engine(made)
    made.write_json("runtimes.json", as_json(make_report(("avx2",))))
    made.write_table("runtimes.parquet", rows_table([RuntimeTiming("onnx", 3.0, 0, 0.01)]))
    path = Settings().notebooks_dir / f"{name}.ipynb"
    item = NotebookOutcome(name, read_notebook(path).title, "", NotebookStatus.OK)
    found, note = rebuild(nbformat.read(path, as_version=4), item, made, Settings().notebooks_dir)
    assert note is None
    assert sum(len(cell.outputs) for cell in found.cells if cell.cell_type == "code") >= 2


def _write_engine(made: RunFolder) -> None:
    """What a machine without a Docker engine leaves behind."""
    scenarios = [EngineScenario("running", "Docker: Ready", "not run: no engine")]
    made.write_table("engine_scenarios.parquet", rows_table(scenarios))
