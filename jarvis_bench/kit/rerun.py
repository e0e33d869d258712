"""A finished run once more, by the same plan, and whether it came out the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from jarvis_bench.errors import UsageError, unknown_name
from jarvis_bench.kit.compare import ComparedFigure, CompareReport, compare_figure, compare_runs
from jarvis_bench.kit.figures_of_run import read_figures
from jarvis_bench.kit.likeness import other_code, read_object, read_run
from jarvis_bench.kit.notebook import Value, check_value, choose_notebooks, load_notebooks
from jarvis_bench.kit.outcome import NotebookStatus, RunOutcome, read_outcome
from jarvis_bench.kit.profiles import Plan, load_plans
from jarvis_bench.kit.run import Request
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.settings import Settings

# Two days on the same machine: its neighbours, its temperature, its kernel's moods.
TOLERANCE = 0.25
SAME = frozenset({"INCONCLUSIVE"})


class Again(StrEnum):
    """How a run came out the second time."""

    REPRODUCED = "reproduced"
    NOT = "not-reproduced"
    HOST_DIFFERS = "host-differs"


@dataclass(frozen=True, slots=True)
class RerunReport:
    """A run and its repetition: `reasons` say what did not come again, or in what the hosts differ.

    `figures` are judged with `tolerance`, the share by which a figure may differ and still count as the same.
    """

    verdict: Again
    reasons: tuple[str, ...]
    original: str
    again: str
    tolerance: float
    figures: tuple[ComparedFigure, ...]
    compared: CompareReport

    @property
    def exit_code(self) -> int:
        """0 reproduced, 1 not, 3 where the host differs and so nothing is proven."""
        return {Again.REPRODUCED: 0, Again.NOT: 1, Again.HOST_DIFFERS: 3}[self.verdict]


def read_finished(folder: RunFolder) -> RunOutcome:
    """The outcome of the run that is to be repeated.

    Raises:
        UsageError: the folder holds no run.
    """
    try:
        return read_outcome(read_run(folder))
    except (KeyError, TypeError, ValueError) as exc:
        raise UsageError(f"{folder.path} holds no readable run.json: {type(exc).__name__}: {exc}") from exc


def same_request(finished: RunOutcome, settings: Settings) -> Request:
    """The same notebooks with the parameters, and so the seeds, that they were run with.

    Raises:
        UsageError: a notebook, profile or parameter that this checkout does not have.
    """
    ran = {item.name: item for item in finished.notebooks if item.status is not NotebookStatus.NOT_RUN}
    if not ran:
        raise UsageError(f"run {finished.run_id} has run no notebook")
    chosen = choose_notebooks(load_notebooks(settings), list(ran))
    plans = load_plans(settings, finished.profile, chosen)
    return Request(
        finished.profile, tuple(_with(plan, dict(ran[plan.notebook.name].parameters)) for plan in plans), {}
    )


def _with(plan: Plan, parameters: dict[str, Value]) -> Plan:
    kinds = {parameter.name: parameter.kind for parameter in plan.notebook.parameters}
    for name, value in parameters.items():
        if name not in kinds:
            raise unknown_name(f"parameter of {plan.notebook.name} in that run", name, kinds)
        check_value(name, value, kinds[name])
    return replace(plan, parameters=parameters)


def refuse_other_versions(original: RunFolder, *, force: bool) -> tuple[str, ...]:
    """What runs here must be what ran there; returns in words what does not where that is forced.

    Raises:
        UsageError: Python, this package's commit or a package differs; each is named with both versions.
    """
    differing = other_code(read_object(original, "environment.json"))
    if differing and not force:
        raise UsageError(
            f"this is not what that run ran with: {'; '.join(differing)}. Check out its commit and install its "
            "versions (constraints.txt), or run it all the same with --force"
        )
    return differing


def judge_again(
    original: RunFolder, again: RunFolder, *, tolerance: float = TOLERANCE, forced: Sequence[str] = ()
) -> RerunReport:
    """Whether the second run says the same as the first.

    Args:
        original: the first run.
        again: its repetition.
        tolerance: by what share a figure may differ.
        forced: in what the versions differ.
    """
    compared = compare_runs(original, again, force=True)
    first, second = read_figures(original), read_figures(again)
    figures = tuple(
        compare_figure(first[name], second[name], least_share=tolerance) for name in first if name in second
    )
    host = [f"the host differs: {item}" for item in compared.differing if item.is_of_host]
    reasons = _reasons(original, again, compared, figures)
    verdict = Again.HOST_DIFFERS if host else Again.NOT if reasons else Again.REPRODUCED
    return RerunReport(
        verdict=verdict,
        reasons=(*host, *reasons, *(f"forced: {text}" for text in forced)),
        original=compared.a,
        again=compared.b,
        tolerance=tolerance,
        figures=figures,
        compared=compared,
    )


def _reasons(
    original: RunFolder, again: RunFolder, compared: CompareReport, figures: Sequence[ComparedFigure]
) -> list[str]:
    before, after = (
        {item.name: item.status for item in read_finished(run).notebooks} for run in (original, again)
    )
    statuses = [
        f"{name} ended {after[name].value}, and {status.value} before"
        for name, status in before.items()
        if name in after and after[name] is not status
    ]
    weights = [str(item) for item in compared.differing if item.key.endswith(".weights")]
    beyond = [
        f"{figure.name}, {figure.metric}: {figure.verdict}, {figure.ratio:.2f} × ({figure.why})"
        for figure in figures
        if figure.verdict not in SAME
    ]
    claims = [f"claim {item.check}: {item.b}, and {item.a} before" for item in compared.claims]
    lost = [f"not measured again: {name}" for name in compared.only_a]
    return [*statuses, *weights, *beyond, *claims, *lost]
