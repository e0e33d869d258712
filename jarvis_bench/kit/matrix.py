"""A matrix of measurements: one YAML file; every combination is a cell, and each cell a run in a folder of its own.

    notebook: 10_latency            # what measures a cell
    tiers: [local, docker]          # parameter `tiers`, one at a time; also the URL of a service
    runtimes: [onnx, speechbrain]   # parameter `runtime`
    clip_seconds: [1.0, 3.0]        # parameter `clip_seconds`, and `load_clip_s` with it
    loads:                          # any parameters of the notebook, together one load
      - {name: one caller, requests: 130, shares: []}
      - {name: half of the peak, requests: 30, shares: [0.5], load_s: 60}
    cell_timeout_s: 600             # for one cell of the notebook

A single value stands for a list of one where the notebook wants a list. Only `notebook` has to be there.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.errors import MissingExtra, UsageError, unknown_name
from jarvis_bench.kit.likeness import read_object
from jarvis_bench.kit.notebook import Notebook, Value, check_value, choose_notebooks, load_notebooks
from jarvis_bench.kit.outcome import NotebookStatus, RunOutcome, RunStatus, read_outcome
from jarvis_bench.kit.profiles import Plan
from jarvis_bench.kit.progress import Progress
from jarvis_bench.kit.run import RUN_FILE, Request, check_names, run
from jarvis_bench.kit.run_folder import RunFolder, digest
from jarvis_bench.settings import Settings

# Of each axis, the parameters that it sets, of those that the notebook has; the first it must have.
AXES = {
    "tiers": ("tiers",),
    "runtimes": ("runtime",),
    "clip_seconds": ("clip_seconds", "load_clip_s"),
}
KEYS = ("notebook", *AXES, "loads", "cell_timeout_s")
CELL_TIMEOUT_S = 600
MOST_CELLS = 1000
PROFILE = "matrix"
CELLS = "cells"


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One combination: `place` is its value on each axis, in words; `plan` what is run for it."""

    name: str
    place: tuple[tuple[str, str], ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells in the order of the file; `key` tells two matrices apart that share a file name."""

    name: str
    key: str
    cells: tuple[MatrixCell, ...]

    @property
    def folder_name(self) -> str:
        """The same for the same file content, so that a second call finds what the first has finished."""
        return f"{PROFILE}-{self.name}-{self.key}"


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """What became of a cell; `kept` is true where an earlier call had finished it. None: not reached."""

    name: str
    place: tuple[tuple[str, str], ...]
    outcome: RunOutcome | None
    kept: bool


@dataclass(frozen=True, slots=True)
class MatrixOutcome:
    """All cells, and how the whole ended."""

    name: str
    status: RunStatus
    cells: tuple[CellOutcome, ...]

    @property
    def exit_code(self) -> int:
        """0 ok, 1 a cell failed, 130 interrupted."""
        return {RunStatus.OK: 0, RunStatus.FAILED: 1, RunStatus.INTERRUPTED: 130}[self.status]


def read_matrix(path: Path, settings: Settings) -> Matrix:
    """Read and check a whole matrix before anything runs.

    Raises:
        UsageError: no readable YAML, an unknown key, notebook, parameter or name, or a value of another type.
    """
    content = _content(path)
    for key in content:
        if key not in KEYS:
            raise unknown_name(f"key in {path.name}", str(key), KEYS)
    if not isinstance(content.get("notebook"), str):
        raise UsageError(f"{path.name}: `notebook` must name the notebook that measures a cell")
    (notebook,) = choose_notebooks(load_notebooks(settings), [content["notebook"]])
    timeout_s = content.get("cell_timeout_s", CELL_TIMEOUT_S)
    if not isinstance(timeout_s, int) or timeout_s <= 0:
        raise UsageError(f"{path.name}: cell_timeout_s must be a whole number of seconds, not {timeout_s!r}")
    cells = tuple(_cells(content, notebook, timeout_s, settings, path.name))
    if len({cell.name for cell in cells}) < len(cells):
        raise UsageError(
            f"{path.name}: two cells have the same name; give the loads names, and no value twice"
        )
    canonical = json.dumps(content, sort_keys=True, default=str).encode()
    return Matrix(_slug(path.stem), hashlib.sha256(canonical).hexdigest()[:8], cells)


def _content(path: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ModuleNotFoundError as exc:
        raise MissingExtra("pyyaml", "kit") from exc
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise UsageError(f"{path} holds no readable matrix: {exc}") from exc
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no matrix: expected keys such as {', '.join(KEYS)}")
    return content


def _cells(
    content: Mapping[str, Any], notebook: Notebook, timeout_s: int, settings: Settings, where: str
) -> Iterator[MatrixCell]:
    axes = [_axis(content, key, where) for key in (*AXES, "loads")]
    if (count := _count(axes)) > MOST_CELLS:
        raise UsageError(f"{where}: {count} cells are more than {MOST_CELLS}")
    for values in itertools.product(*axes):
        place, parameters = _place(values), _parameters(values, notebook, where)
        check_names(parameters)
        name = "-".join(_slug(text) for _, text in place) or "only"
        yield MatrixCell(name, place, Plan(notebook, parameters, timeout_s, settings))


def _count(axes: list[list[Any]]) -> int:
    count = 1
    for axis in axes:
        count *= len(axis)
    return count


def _axis(content: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """Its values; an axis that is not there has one, which sets nothing."""
    values = content.get(key, [None])
    if not isinstance(values, list) or not values:
        raise UsageError(f"{where}: `{key}` must be a list with at least one value")
    if key == "loads" and not all(value is None or isinstance(value, dict) for value in values):
        raise UsageError(f"{where}: each load must be parameters by name, such as {{requests: 30}}")
    return values


def _place(values: tuple[Any, ...]) -> tuple[tuple[str, str], ...]:
    *scalars, load = values
    words = {key: _word(key, value) for key, value in zip(AXES, scalars, strict=True) if value is not None}
    if load:
        words["loads"] = str(load.get("name") or ",".join(f"{key}={value}" for key, value in load.items()))
    return tuple(words.items())


def _word(key: str, value: object) -> str:
    return f"{value:g} s" if key == "clip_seconds" and isinstance(value, int | float) else str(value)


def _parameters(values: tuple[Any, ...], notebook: Notebook, where: str) -> dict[str, Value]:
    *scalars, load = values
    kinds = {parameter.name: parameter.kind for parameter in notebook.parameters}
    wanted = {
        name: value
        for (first, *others), value in zip(AXES.values(), scalars, strict=True)
        if value is not None
        for name in (first, *(other for other in others if other in kinds))
    }
    wanted |= {name: value for name, value in (load or {}).items() if name != "name"}
    for name, value in wanted.items():
        if name == "out_dir" or name not in kinds:
            raise unknown_name(f"parameter of {notebook.name} in {where}", name, kinds.keys() - {"out_dir"})
        wanted[name] = [value] if kinds[name] == "list" and not isinstance(value, list) else value
        check_value(name, wanted[name], kinds[name])
    return wanted


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")


async def run_matrix(
    matrix: Matrix, folder: RunFolder, progress: Progress, finished: Callable[[RunFolder], object]
) -> MatrixOutcome:
    """Run every cell that is not finished yet, one at a time; a failing one does not stop the others.

    Args:
        matrix: what to run.
        folder: keeps the cells; those that it holds finished are left as they are.
        progress: told of each cell.
        finished: called with the folder of each cell that was run, such as to render its pages.
    """
    done: dict[str, CellOutcome] = {}
    status = RunStatus.OK
    for number, cell in enumerate(matrix.cells, start=1):
        own = RunFolder(folder.path / CELLS / cell.name)
        kept = finished_cell(own)
        progress.note(f"cell {number} of {len(matrix.cells)}: {cell.name}" + (" (kept)" if kept else ""))
        if kept is None:
            own.path.mkdir(parents=True, exist_ok=True)
            outcome = await run(Request(PROFILE, (cell.plan,), {}), own, progress)
            finished(own)
        else:
            outcome = kept
        done[cell.name] = CellOutcome(cell.name, cell.place, outcome, kept is not None)
        if outcome.status is RunStatus.INTERRUPTED:
            status = RunStatus.INTERRUPTED
            break
        status = outcome.status if outcome.status is not RunStatus.OK else status
    rest = (done.get(cell.name, CellOutcome(cell.name, cell.place, None, False)) for cell in matrix.cells)
    return MatrixOutcome(folder.path.name, status, tuple(rest))


def finished_cell(folder: RunFolder) -> RunOutcome | None:
    """The outcome of a cell that ended well and whose files are still what they were; else None."""
    try:
        outcome = read_outcome(read_object(folder, RUN_FILE))
    except (UsageError, KeyError, TypeError, ValueError):
        return None
    artefacts = [artefact for item in outcome.notebooks for artefact in item.artefacts]
    good = outcome.status is RunStatus.OK and all(
        item.status is NotebookStatus.OK for item in outcome.notebooks
    )
    whole = all(folder.has(item.path) and digest(folder, item.path) == item.sha256 for item in artefacts)
    return outcome if good and whole and artefacts else None
