"""The notebooks in git: thin, without outputs, true to what the runner relies on; and they run without it, too."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from jarvis_bench.kit.notebook import load_notebooks, read_notebook
from jarvis_bench.kit.profiles import load_plans
from jarvis_bench.settings import CHECKOUT, Settings

FOLDER = CHECKOUT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells_of(path: Path, kind: str) -> list[Any]:
    """The cells of one kind."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def parameters_cell(path: Path) -> str:
    """The source of the cell that papermill replaces."""
    (cell,) = [cell for cell in cells_of(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    return str(cell.source)


def tree_of(path: Path) -> ast.Module:
    """All code of a notebook; `await` at the top level is a notebook's own."""
    source = "\n".join(str(cell.source) for cell in cells_of(path, "code"))
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(source, str(path), "exec", flags=flags)
    assert isinstance(tree, ast.Module)
    return tree


def test_there_are_notebooks_and_their_names_tell_the_order() -> None:
    """NN_verb_object or NN_noun, each number once; nothing else lies in the folder."""
    assert {path.name for path in FOLDER.iterdir() if not path.name.startswith(".")} == {
        "profiles.yaml",
        *(path.name for path in PATHS),
    }
    assert all(re.fullmatch(r"\d\d(_[a-z0-9]+)+", path.stem) for path in PATHS)
    numbers = [path.stem[:2] for path in PATHS]
    assert len(set(numbers)) == len(numbers)
    assert [notebook.path for notebook in load_notebooks(Settings())] == PATHS


@every_notebook
def test_no_output_is_committed(path: Path) -> None:
    """Neither outputs nor execution counts, nor what an editor notes of a session."""
    for cell in cells_of(path, "code"):
        assert cell.outputs == [], cell.id
        assert cell.execution_count is None, cell.id
        assert not {"execution", "ExecuteTime", "collapsed", "scrolled"} & set(cell.metadata), cell.id
    metadata = nbformat.read(path, as_version=4).metadata
    assert "widgets" not in metadata
    assert "papermill" not in metadata


def test_an_output_would_be_found(tmp_path: Path) -> None:
    """The test above fails where one cell has an output."""
    content = json.loads(PATHS[0].read_text(encoding="utf-8"))
    next(cell for cell in content["cells"] if cell["cell_type"] == "code")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "hello"}
    ]
    path = tmp_path / PATHS[0].name
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(AssertionError):
        test_no_output_is_committed(path)


@every_notebook
def test_a_notebook_is_valid_and_written_as_jupyter_writes_it(path: Path) -> None:
    """Saving it by hand makes no difference but what was changed."""
    content = nbformat.read(path, as_version=4)
    nbformat.validate(content)
    assert len({cell.id for cell in content.cells}) == len(content.cells)
    assert path.read_text(encoding="utf-8") == nbformat.writes(content) + "\n"


@every_notebook
def test_any_python_kernel_will_do(path: Path) -> None:
    """The kernel of whoever has Jupyter, not of one machine."""
    metadata = nbformat.read(path, as_version=4).metadata
    assert metadata.kernelspec.name == "python3"
    assert metadata.language_info.name == "python"


@every_notebook
def test_a_notebook_begins_with_its_title_and_question(path: Path) -> None:
    """The report shows both."""
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S", first.source)
    notebook = read_notebook(path)
    assert notebook.title
    assert "?" in notebook.question


@every_notebook
def test_parameters_are_annotated_literals_with_a_comment_each(path: Path) -> None:
    """The first is the output folder; the comment says what a reader may change and to what."""
    source = parameters_cell(path)
    parameters = read_notebook(path).parameters
    assert parameters[0].name == "out_dir"
    assert parameters[0].default == ""
    assert len(source.splitlines()) == len(parameters)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    commented = {
        token.start[0] for token in tokens if token.type == tokenize.COMMENT and len(token.string) > 5
    }
    assert commented == set(range(1, len(parameters) + 1))


@every_notebook
def test_every_parameter_is_used(path: Path) -> None:
    """A parameter without effect would deceive whoever sets it."""
    used = {
        node.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert {parameter.name for parameter in read_notebook(path).parameters} <= used


@every_notebook
def test_no_secret_is_a_parameter(path: Path) -> None:
    """Parameters are published with the report."""
    secret = re.compile(r"token|secret|password|passwd|credential|api_?key", re.IGNORECASE)
    assert not [
        parameter.name for parameter in read_notebook(path).parameters if secret.search(parameter.name)
    ]


@every_notebook
def test_a_notebook_is_thin(path: Path) -> None:
    """It imports and calls: no definitions, no loops, no magics, no event loop of its own."""
    tree = tree_of(path)  # a magic would be no Python
    heavy = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.Try)
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, heavy)] == []
    text = ast.unparse(tree)
    assert not re.search(r"asyncio|get_ipython|run_until_complete|nest_asyncio", text)
    for cell in cells_of(path, "code"):
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE), cell.id
        assert len(cell.source.splitlines()) <= 15, cell.id


@every_notebook
def test_results_go_only_where_the_notebook_was_told(path: Path) -> None:
    """No notebook reads another's kernel or writes beside its folder: no paths, no `%store`."""
    names = {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}
    assert not names & {"open", "Path", "exec", "eval"}


@every_notebook
def test_every_file_that_is_written_is_declared(path: Path) -> None:
    """The runner judges a notebook by its artefacts, so that none may be forgotten."""
    written = {
        str(node.args[0].value)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"keep_rows", "keep_record", "write_table", "write_json", "write_text"}
        and isinstance(node.args[0], ast.Constant)
    }
    declared = read_notebook(path).artefacts
    assert written
    assert sorted(written) == sorted(declared)


@every_notebook
def test_what_measures_and_writes_is_told_apart_from_what_shows(path: Path) -> None:
    """Cells tagged `writes-files` do all measuring and writing, so that a report can run the others again."""
    writing = re.compile(r"\bawait\b|\.(keep_rows|keep_record|write_table|write_json|write_text)\(")
    for cell in cells_of(path, "code"):
        tagged = "writes-files" in cell.metadata.get("tags", [])
        assert tagged == bool(writing.search(cell.source)), cell.id


def test_no_two_notebooks_write_the_same_file() -> None:
    """The later one would take the evidence of the earlier one away."""
    files = [file for notebook in load_notebooks(Settings()) for file in notebook.artefacts]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("profile", ["smoke", "quick", "full"])
def test_profiles_name_only_notebooks_and_parameters_there_are(profile: str) -> None:
    """Names, parameters and types fit, and every cell has a limit."""
    content = yaml.safe_load((FOLDER / "profiles.yaml").read_text(encoding="utf-8"))
    assert set(content["profiles"]) == {"smoke", "quick", "full"}
    plans = load_plans(Settings(), profile, load_notebooks(Settings()))
    assert [plan.notebook.path for plan in plans] == PATHS
    assert all(plan.cell_timeout_s > 0 for plan in plans)


def test_full_measures_no_less_than_quick() -> None:
    """Nobody gets fewer requests or repeats by asking for more."""
    notebooks = load_notebooks(Settings())
    quick, full = (load_plans(Settings(), profile, notebooks) for profile in ("quick", "full"))
    for less, more in zip(quick, full, strict=True):
        assert less.cell_timeout_s <= more.cell_timeout_s
        for name, value in less.parameters.items():
            if name == "shares":  # of a peak: more of them is more, not larger ones
                assert set(more.parameters[name]) >= set(value)  # type: ignore[arg-type]  # both are lists
            elif isinstance(value, int | list):
                assert more.parameters[name] >= value  # type: ignore[operator]  # both of the parameter's type


def test_a_list_of_requests_fits_the_list_of_lengths() -> None:
    """Notebook 10 pairs them; a profile that gives one more or less would fail only when run."""
    notebook = next(item for item in load_notebooks(Settings()) if item.name == "10_latency")
    defaults = {parameter.name: parameter.default for parameter in notebook.parameters}
    for profile in ("smoke", "quick", "full"):
        (plan,) = load_plans(Settings(), profile, [notebook])
        values = defaults | plan.parameters
        assert len(values["clip_seconds"]) == len(values["requests"])  # type: ignore[arg-type]


@pytest.mark.notebooks
def test_plain_papermill_works_from_any_folder(tmp_path: Path) -> None:
    """`papermill NOTEBOOK OUT -p out_dir …`: no runner, no checkout as working directory."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JARVIS_BENCH_")}
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(FOLDER / "00_environment.ipynb")]
    done = subprocess.run(
        [*command, "out.ipynb", "-p", "out_dir", "results"],
        cwd=tmp_path,
        env=environment | {"IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "results" / "environment.json").read_text(encoding="utf-8"))
    assert written["cores"] == os.cpu_count()
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    shown = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("jarvis-bench" in json.dumps(output) for output in shown)
