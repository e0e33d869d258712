"""Execute one notebook in a process of its own and judge it by the artefacts that it declared."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jarvis_bench.child_process import child_process
from jarvis_bench.kit.leftovers import RUN_MARK, end_marked_processes
from jarvis_bench.kit.notebook import Value
from jarvis_bench.kit.outcome import Artefact, FailingCell, NotebookOutcome, NotebookStatus
from jarvis_bench.kit.profiles import Plan
from jarvis_bench.kit.progress import Progress
from jarvis_bench.kit.run_folder import RunFolder, digest
from jarvis_bench.settings import Settings, as_environment

# After a cell's own limit, papermill interrupts and shuts the kernel down; this is for when it cannot.
SHUTDOWN_S = 60.0


@dataclass(slots=True)
class _Seen:
    """What the executing process has told so far; `older`: when the declared files last changed before it began."""

    older: Mapping[str, int]
    cell: dict[str, Any] | None = None
    status: NotebookStatus | None = None
    reason: str | None = None


async def execute(
    plan: Plan, values: Mapping[str, Value], folder: RunFolder, progress: Progress
) -> NotebookOutcome:
    """Run the notebook; whatever happens to it becomes an outcome.

    Args:
        plan: the notebook with its profile.
        values: parameters over those of the profile.
        folder: gets the executed notebook, its log and its artefacts.
        progress: told of each cell.
    """
    started_s = time.perf_counter()
    # Relative to the kernel's working directory: an executed notebook names no folder of its author.
    parameters = {**plan.parameters, **values, "out_dir": ".."}
    seen = _Seen({name: _changed_ns(folder, name) for name in plan.notebook.artefacts if folder.has(name)})
    try:
        await _run(plan, parameters, folder, progress, seen)
    except asyncio.CancelledError:
        seen.status, seen.reason = NotebookStatus.INTERRUPTED, "interrupted"
        raise Interrupted(_outcome(plan, parameters, folder, seen, started_s)) from None
    return _outcome(plan, parameters, folder, seen, started_s)


class Interrupted(asyncio.CancelledError):
    """Carries what is known of the notebook that was running."""

    def __init__(self, outcome: NotebookOutcome) -> None:
        super().__init__()
        self.outcome = outcome


async def _run(
    plan: Plan, parameters: Mapping[str, Value], folder: RunFolder, progress: Progress, seen: _Seen
) -> None:
    job = _job(plan, parameters, folder)
    path = folder.write_json(f"logs/{plan.notebook.name}.job.json", job)
    # The whole path: two runs may begin in the same second, in different folders.
    mark = f"{folder.path}:{plan.notebook.name}"
    module, env = "jarvis_bench.kit.papermill_process", _environment(plan.settings, folder, mark)
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        async with child_process(module, [str(path)], env=env, stderr=log) as process:
            await _listen(process, plan.cell_timeout_s + SHUTDOWN_S, seen, progress)
    finally:
        os.close(log)
        path.unlink(missing_ok=True)
        await asyncio.to_thread(end_marked_processes, mark)


def _job(plan: Plan, parameters: Mapping[str, Value], folder: RunFolder) -> dict[str, Any]:
    name = plan.notebook.name
    for part in ("logs", "notebooks", "work"):
        (folder.path / part).mkdir(exist_ok=True)
    return {
        "input": str(plan.notebook.path),
        "output": str(folder.path / "notebooks" / f"{name}.ipynb"),
        "log": str(folder.path / "logs" / f"{name}.log"),
        "parameters": dict(parameters),
        "cell_timeout_s": plan.cell_timeout_s,
        "cwd": str(folder.path / "work"),
    }


def _environment(settings: Settings, folder: RunFolder, mark: str) -> dict[str, str]:
    """Jupyter and matplotlib keep their files in the run's folder, not in the user's home."""
    work = folder.path / "work"
    return {
        **os.environ,
        **as_environment(settings),
        RUN_MARK: mark,
        "IPYTHONDIR": str(work / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(work / "jupyter"),
        "MPLCONFIGDIR": str(work / "matplotlib"),
        "PYTHONUNBUFFERED": "1",
        # A debugger's notice about frozen modules is no output of a notebook.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


async def _listen(
    process: asyncio.subprocess.Process, silence_s: float, seen: _Seen, progress: Progress
) -> None:
    """Follow the process's lines until it ends, or has said nothing for longer than any cell may take."""
    while process.stdout is not None:
        try:
            async with asyncio.timeout(silence_s):
                line = await process.stdout.readline()
        except TimeoutError:
            seen.status, seen.reason = NotebookStatus.TIMEOUT, f"no sign of life for {silence_s:g} s"
            return
        if not line:
            return
        _note(json.loads(line), seen, progress)


def _note(event: dict[str, Any], seen: _Seen, progress: Progress) -> None:
    match event["event"]:
        case "start":
            progress.cells(event["cells"])
        case "cell-start":
            seen.cell = {key: event[key] for key in ("index", "id", "title")}
            progress.cell(event["title"])
        case "cell-done":
            seen.cell = None
        case "failed":
            seen.status, seen.reason = NotebookStatus(event["kind"]), event["reason"]
            seen.cell = event["cell"] or seen.cell
        case "done":
            seen.status = NotebookStatus.OK


def _outcome(
    plan: Plan, parameters: Mapping[str, Value], folder: RunFolder, seen: _Seen, started_s: float
) -> NotebookOutcome:
    name = plan.notebook.name
    shown = tuple((key, value) for key, value in parameters.items() if key != "out_dir")
    ipynb, log = f"notebooks/{name}.ipynb", f"logs/{name}.log"
    outcome = NotebookOutcome(
        name=name,
        title=plan.notebook.title,
        question=plan.notebook.question,
        status=seen.status or NotebookStatus.KERNEL_DIED,
        seconds=time.perf_counter() - started_s,
        reason=seen.reason if seen.status else "the process that ran the notebook died",
        failing_cell=FailingCell(**seen.cell) if seen.cell and seen.status is not NotebookStatus.OK else None,
        parameters=shown,
        ipynb=ipynb if folder.has(ipynb) else None,
        log=log if folder.has(log) else None,
    )
    return judge_artefacts(outcome, plan.notebook.artefacts, folder, seen.older)


def judge_artefacts(
    outcome: NotebookOutcome, declared: tuple[str, ...], folder: RunFolder, older: Mapping[str, int]
) -> NotebookOutcome:
    """The outcome with the files found; a notebook that ended well without writing one of them did not.

    Args:
        outcome: what the notebook came to by its cells.
        declared: the files that it must leave behind.
        folder: where they are.
        older: of those that were there before, when they had last changed (ns).
    """
    found = tuple(_artefact(folder, name) for name in declared if folder.has(name))
    outcome = replace(outcome, artefacts=found)
    bad = [name for name in declared if not _is_written(folder, name, older)]
    if outcome.status is NotebookStatus.OK and bad:
        reason = f"declared, but not written or not readable: {', '.join(bad)}"
        return replace(outcome, status=NotebookStatus.MISSING_ARTEFACT, reason=reason)
    return outcome


def _artefact(folder: RunFolder, name: str) -> Artefact:
    return Artefact(name, (folder.path / name).stat().st_size, digest(folder, name))


def _is_written(folder: RunFolder, name: str, older: Mapping[str, int]) -> bool:
    new = folder.has(name) and _changed_ns(folder, name) != older.get(name)
    return new and _is_readable(folder, name)


def _changed_ns(folder: RunFolder, name: str) -> int:
    return (folder.path / name).stat().st_mtime_ns


def _is_readable(folder: RunFolder, name: str) -> bool:
    try:
        if name.endswith(".parquet"):
            return len(folder.read_table(name)) > 0
        if name.endswith(".json"):
            return folder.read_json(name) is not None
    except (OSError, ValueError):
        return False
    return True
