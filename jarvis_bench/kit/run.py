"""Run notebooks in order and keep what they leave behind."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from jarvis_bench.ecapa.encoder import RUNTIMES
from jarvis_bench.errors import unknown_name
from jarvis_bench.kit.environment import describe_environment
from jarvis_bench.kit.execution import Interrupted, execute
from jarvis_bench.kit.notebook import Value, choose_notebooks, load_notebooks, own_parameters, parse_settings
from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus, RunOutcome, RunStatus
from jarvis_bench.kit.profiles import Plan, load_plans
from jarvis_bench.kit.progress import Progress
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tiers_up import tiers_up
from jarvis_bench.records import as_json
from jarvis_bench.reproduction.reproduce import ALL_WORLDS, VERSIONS
from jarvis_bench.settings import Settings

RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: what to run, and with which parameters."""

    profile: str
    plans: tuple[Plan, ...]
    values: dict[str, Value]


def check_request(
    settings: Settings, profile: str, notebooks: Sequence[str], pairs: Sequence[str]
) -> Request:
    """Check every name and value before anything is written.

    Args:
        settings: where the notebooks are.
        profile: a name in `notebooks/profiles.yaml`.
        notebooks: names or numbers; all where empty.
        pairs: `NAME=VALUE` for parameters.

    Raises:
        UsageError: an unknown notebook, profile or parameter, or a value of another type.
    """
    chosen = choose_notebooks(load_notebooks(settings), notebooks)
    values = parse_settings(pairs, chosen)
    check_names(values)
    return Request(profile, load_plans(settings, profile, chosen), values)


def check_names(values: Mapping[str, Value]) -> None:
    """Names that a parameter holds are checked before anything runs, too.

    Raises:
        UsageError: an unknown world, version or runtime.
    """
    known = {"world": ALL_WORLDS, "version": VERSIONS, "runtime": RUNTIMES}
    for parameter, value in values.items():
        kind = parameter.removesuffix("s")
        for name in value if isinstance(value, list) else [value]:
            if kind in known and name not in known[kind]:
                raise unknown_name(kind, str(name), known[kind])


async def run(request: Request, folder: RunFolder, progress: Progress) -> RunOutcome:
    """Execute the notebooks one after the other; a failing one does not stop the others.

    run.json is written before the first and after every notebook, so that an interrupted run is readable.
    When this task is cancelled, the finished notebooks are kept, the rest is marked, and the outcome says so.
    """
    ledger = _Ledger(request, folder)
    folder.write_json("environment.json", describe_environment())
    ledger.write(RunStatus.INTERRUPTED)
    for number, plan in enumerate(request.plans, start=1):
        progress.notebook(plan.notebook.name, number, len(request.plans))
        try:
            outcome = await _execute(plan, own_parameters(plan.notebook, request.values), folder, progress)
        except Interrupted as interrupted:
            ledger.interrupt(interrupted.outcome)
            progress.done(interrupted.outcome)
            return ledger.write(RunStatus.INTERRUPTED)
        ledger.outcomes[plan.notebook.name] = outcome
        progress.done(outcome)
        ledger.write(RunStatus.INTERRUPTED)
    return ledger.write(ledger.status())


async def _execute(
    plan: Plan, values: Mapping[str, Value], folder: RunFolder, progress: Progress
) -> NotebookOutcome:
    if not plan.notebook.needs_tiers:
        return await execute(plan, values, folder, progress)
    async with tiers_up(plan.settings, progress.note) as settings:
        return await execute(replace(plan, settings=settings), values, folder, progress)


class _Ledger:
    """The run's outcome as it grows."""

    def __init__(self, request: Request, folder: RunFolder) -> None:
        self._request = request
        self._folder = folder
        self._started_s = time.perf_counter()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self.outcomes = {plan.notebook.name: _not_run(plan) for plan in request.plans}

    def interrupt(self, current: NotebookOutcome) -> None:
        """The running notebook and all after it were interrupted."""
        self.outcomes[current.name] = current
        for name, outcome in self.outcomes.items():
            if outcome.status is NotebookStatus.NOT_RUN:
                self.outcomes[name] = _not_run_because(outcome)

    def status(self) -> RunStatus:
        """Ok only when every notebook is."""
        good = all(outcome.status is NotebookStatus.OK for outcome in self.outcomes.values())
        return RunStatus.OK if good else RunStatus.FAILED

    def write(self, status: RunStatus) -> RunOutcome:
        """Write run.json and return what it says."""
        outcome = RunOutcome(
            run_id=self._folder.path.name,
            profile=self._request.profile,
            started=self._started,
            status=status,
            seconds=time.perf_counter() - self._started_s,
            notebooks=tuple(self.outcomes.values()),
        )
        self._folder.write_json(RUN_FILE, as_json(outcome))
        return outcome


def _not_run(plan: Plan) -> NotebookOutcome:
    notebook = plan.notebook
    return NotebookOutcome(notebook.name, notebook.title, notebook.question, NotebookStatus.NOT_RUN)


def _not_run_because(outcome: NotebookOutcome) -> NotebookOutcome:
    reason = "interrupted before it began"
    return NotebookOutcome(
        outcome.name, outcome.title, outcome.question, NotebookStatus.INTERRUPTED, reason=reason
    )


def reports_folder(settings: Settings, out: Path | None) -> Path:
    """Where runs are kept."""
    return (out or settings.home / "reports").expanduser().resolve()
