"""The index page's content, computed from a run's results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jarvis_bench.kit.outcome import Artefact, NotebookOutcome, RunOutcome
from jarvis_bench.kit.run_folder import RunFolder, digest
from jarvis_bench.prober.load_report import LoadReport
from jarvis_bench.prober.plan import SINGLE
from jarvis_bench.records import ClaimVerdict
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.report.figures import startup_matrix
from jarvis_bench.report.pages import DataFile, IndexPage, KeyNumber, NotebookRow, VerdictRow
from jarvis_bench.report.tier_answer import tier_answer
from jarvis_bench.report.verdicts import Judged

OURS = "this package’s own start-up (“current”)"
# What matters most to a reader first; within a verdict, the order of the document.
READING_ORDER = tuple(ClaimVerdict(word) for word in ("refuted", "partly", "reproduced", "not-tested"))
TIER_NAMES = {"local": "Local", "docker": "Docker", "cloud-run": "Cloud Run"}


def index_page(
    outcome: RunOutcome, judged: Sequence[Judged], evidence: Evidence, pages: Mapping[str, str]
) -> IndexPage:
    """Everything the first page says.

    Args:
        outcome: the run.
        judged: the verdicts on the document's claims.
        evidence: the run's results.
        pages: the HTML page of each notebook that has one.
    """
    return IndexPage(
        run_id=outcome.run_id,
        started=_date(outcome.started),
        profile=outcome.profile,
        status=outcome.status.value,
        headline=headline(evidence),
        facts=tuple(_facts(evidence)),
        verdicts=tuple(
            _verdict_row(item, pages)
            for item in sorted(judged, key=lambda item: READING_ORDER.index(item.verdict))
        ),
        numbers=tuple(_key_numbers(evidence, pages)),
        picture=_picture(evidence),
        notebooks=tuple(notebook_row(item) for item in outcome.notebooks),
        data=tuple(_data_files(outcome, evidence.folder)),
        environment=tuple(_environment(evidence)),
        answer=_try(lambda: tier_answer(evidence)),
    )


def headline(evidence: Evidence) -> str:
    """The answer in one or two sentences."""
    try:
        chosen = {
            v: evidence.startup(v, "docker-ready").decision.tier
            for v in ("v10.5", "v10.6", "v10.7", "current")
        }
        six = evidence.startup("v10.6", "docker-ready")
    except NoEvidence as exc:
        return f"This run did not compare the start-up versions: {exc}."
    with_docker = [version for version, tier in chosen.items() if tier == "docker"]
    hidden = (
        "hides a healthy Docker tier" if chosen["v10.5"] != "docker" else "did not hide the Docker tier here"
    )
    fix = (
        "v10.6, the documented fix, uses it"
        if six.error is None
        else "v10.6, the documented fix, still does not use it: the next line calls a method that exists on no class"
    )
    takers = " and ".join(OURS if version == "current" else version for version in with_docker) or "nobody"
    return f"One missing await {hidden}; {fix}. Docker is chosen when it is ready by: {takers}."


def _date(iso: str) -> str:
    """An ISO time as people write it; `%d` would pad the day with a zero."""
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _facts(evidence: Evidence) -> list[str]:
    facts = []
    if environment := _try(lambda: evidence.environment):
        facts.append(f"{environment['cores']} × {environment['cpu']}")
        facts.append(f"{environment['ram_total_bytes'] / 1e9:.0f} GB RAM")
    if weights := _try(lambda: evidence.weights):
        facts.append(weights)
    return facts


def _verdict_row(item: Judged, pages: Mapping[str, str]) -> VerdictRow:
    tested = item.check.notebook is not None and item.verdict is not ClaimVerdict.NOT_TESTED
    href = pages.get(str(item.check.notebook)) if tested else None
    return VerdictRow(item.check.title, item.verdict.value, item.finding, href, item.check.lines)


def _key_numbers(evidence: Evidence, pages: Mapping[str, str]) -> list[KeyNumber]:
    makers: tuple[Callable[[Evidence, Mapping[str, str]], list[KeyNumber]], ...] = (
        _latency,
        _memory,
        _blocks,
    )
    return [number for make in makers for number in _try(lambda make=make: make(evidence, pages)) or []]  # type: ignore[misc]


def _latency(evidence: Evidence, pages: Mapping[str, str]) -> list[KeyNumber]:
    link = pages.get("10_latency", "latency.parquet")
    singles = [report for report in evidence.latency if report.load == SINGLE]
    shown = [report for report in singles if report.clip_s in {3.0, 30.0}] or singles[:2]
    return [_latency_number(report, link) for report in shown]


def _latency_number(report: LoadReport, link: str) -> KeyNumber:
    p50 = report.p50
    label = f"{TIER_NAMES.get(report.tier, report.tier)} tier, {report.clip_s:g} s clip"
    metric = f"service time p50, n = {report.requests.ok}, closed loop of one, {report.verdict.value}"
    value, unit = (p50.text(digits=0), "ms") if p50.seconds is not None else (p50.text(), "")
    return KeyNumber(label, value, unit, metric, report.facts.how, link)


def _memory(evidence: Evidence, pages: Mapping[str, str]) -> list[KeyNumber]:
    link = pages.get("20_memory", "memory.parquet")
    loaded, peak = evidence.bytes_at("loaded", "pss"), evidence.bytes_at("peak", "vm-hwm")
    return [
        KeyNumber(
            "RAM, local tier loaded", f"{loaded / 1e6:.0f}", "MB", "PSS, speechbrain", "measured", link
        ),
        KeyNumber(
            "RAM, local tier at its peak",
            f"{peak / 1e6:.0f}",
            "MB",
            "VmHWM, speechbrain, clips to 30 s",
            "measured",
            link,
        ),
    ]


def _blocks(evidence: Evidence, pages: Mapping[str, str]) -> list[KeyNumber]:
    link = pages.get("02_verify_fix", "reproductions.parquet")
    metric = "longest event-loop block, world docker-hangs"
    return [
        KeyNumber(f"Start-up {name}", f"{1e3 * run.longest_block_s:,.0f}", "ms", metric, "measured", link)
        for version, name in (("v10.7", "v10.7"), ("current", "of this package"))
        for run in [evidence.startup(version, "docker-hangs")]
    ]


def _picture(evidence: Evidence) -> str:
    results = _try(lambda: list(evidence.reproductions.values()))
    if not results:
        return "<p>No picture: this run did not compare the start-up versions.</p>"
    return startup_matrix(results)._repr_html_()


def notebook_row(item: NotebookOutcome) -> NotebookRow:
    """One notebook as the pages show it."""
    return NotebookRow(
        name=item.name,
        title=item.title,
        question=item.question,
        status=item.status.value,
        seconds=item.seconds,
        reason=item.reason,
        failing_cell=item.failing_cell.id if item.failing_cell else None,
        html=item.html,
        ipynb=item.ipynb,
        log=item.log,
        parameters=tuple((name, str(value)) for name, value in item.parameters),
        artefacts=tuple(artefact.path for artefact in item.artefacts),
    )


def _data_files(outcome: RunOutcome, folder: RunFolder) -> list[DataFile]:
    """What the run left behind, each compared with its hash of then; of several writers the last counts."""
    files = {artefact.path: artefact for item in outcome.notebooks for artefact in item.artefacts}
    return [
        DataFile(name, artefact.bytes, artefact.sha256, _since(folder, artefact))
        for name, artefact in sorted(files.items())
    ]


def _since(folder: RunFolder, artefact: Artefact) -> str:
    try:
        return "" if digest(folder, artefact.path) == artefact.sha256 else "changed"
    except OSError:
        return "missing"


def _environment(evidence: Evidence) -> list[tuple[str, str]]:
    found: dict[str, Any] = dict(_try(lambda: evidence.environment) or {})
    packages = found.pop("packages", None) or {}
    rows = [(name.replace("_", " "), _shown(value)) for name, value in found.items()]
    return rows + [(name, version or "not installed") for name, version in packages.items()]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return "unknown" if value is None else str(value)


def _try(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except NoEvidence:
        return None
