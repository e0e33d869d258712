"""What a run and its notebooks came to, as kept in run.json."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class NotebookStatus(StrEnum):
    """How a notebook ended."""

    OK = "ok"
    FAILED = "failed"
    TIMEOUT = "timeout"
    KERNEL_DIED = "kernel-died"
    MISSING_ARTEFACT = "missing-artefact"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not-run"


class RunStatus(StrEnum):
    """How a run ended."""

    OK = "ok"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class FailingCell:
    """The cell at which a notebook stopped; `id` is stable, `index` counts all cells of the executed notebook."""

    index: int
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that a notebook left behind, relative to the run's folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NotebookOutcome:
    """One notebook of a run; paths are relative to the run's folder."""

    name: str
    title: str
    question: str
    status: NotebookStatus
    seconds: float | None = None
    reason: str | None = None
    failing_cell: FailingCell | None = None
    parameters: tuple[tuple[str, Any], ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    ipynb: str | None = None
    html: str | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """One run."""

    run_id: str
    profile: str
    started: str
    status: RunStatus
    seconds: float
    notebooks: tuple[NotebookOutcome, ...]

    @property
    def exit_code(self) -> int:
        """0 ok, 1 a notebook failed, 130 interrupted."""
        return {RunStatus.OK: 0, RunStatus.FAILED: 1, RunStatus.INTERRUPTED: 130}[self.status]


def read_outcome(fields: dict[str, Any]) -> RunOutcome:
    """The record from run.json."""
    return RunOutcome(
        run_id=fields["run_id"],
        profile=fields["profile"],
        started=fields["started"],
        status=RunStatus(fields["status"]),
        seconds=fields["seconds"],
        notebooks=tuple(_read_notebook(notebook) for notebook in fields["notebooks"]),
    )


def _read_notebook(fields: dict[str, Any]) -> NotebookOutcome:
    cell = fields["failing_cell"]
    return NotebookOutcome(
        **fields
        | {
            "status": NotebookStatus(fields["status"]),
            "failing_cell": FailingCell(**cell) if cell else None,
            "parameters": tuple((name, value) for name, value in fields["parameters"]),
            "artefacts": tuple(Artefact(**artefact) for artefact in fields["artefacts"]),
        }
    )
