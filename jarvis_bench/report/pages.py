"""The pages of a report: records in, self-contained HTML out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from jarvis_bench.look.sheet import shared_sheet
from jarvis_bench.report import cells, wording
from jarvis_bench.report.passive_html import passive
from jarvis_bench.report.tier_answer import Answer

_TEMPLATES: Final = Path(__file__).parent / "templates"
_FILTERS: Final[Mapping[str, Callable[..., str]]] = MappingProxyType(
    {
        "duration": wording.duration,
        "line_ranges": wording.line_ranges,
        "local_href": wording.local_href,
        "passive": passive,
        "size": wording.size,
        "spoken": wording.spoken,
        "tone": wording.tone,
        "what_happened": wording.what_happened,
    }
)
# Most telling form first; what would need a script to show is not in the list.
_SHOWN: Final = (
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/plain",
)


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One figure of the run; `how` says whether it was measured, emulated or modelled."""

    label: str
    value: str
    unit: str
    metric: str
    how: str
    link: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What became of one claim of the seed, which stands on its `lines`."""

    title: str
    verdict: str
    finding: str
    evidence_href: str | None
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotebookRow:
    """One notebook of the run; `html`, `ipynb`, `log` and `artefacts` are paths inside the run folder.

    `note`: what the reader of its page must know about where the outputs come from.
    """

    name: str
    title: str
    question: str
    status: str
    seconds: float | None
    reason: str | None
    failing_cell: str | None
    html: str | None
    ipynb: str | None
    log: str | None
    parameters: tuple[tuple[str, str], ...]
    artefacts: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of rows that the run left behind; size and hash are those of then.

    `since`: empty where the file is still what was measured; `changed` or `missing` where it is not.
    """

    name: str
    bytes: int
    sha256: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Everything the first page of a report says; `picture` is HTML and trusted as it stands."""

    run_id: str
    started: str
    profile: str
    status: str
    headline: str
    facts: tuple[str, ...]
    verdicts: tuple[VerdictRow, ...]
    numbers: tuple[KeyNumber, ...]
    picture: str
    notebooks: tuple[NotebookRow, ...]
    data: tuple[DataFile, ...]
    environment: tuple[tuple[str, str], ...]
    answer: Answer | None = None


def index_html(page: IndexPage) -> str:
    """The first page of a run: the answer, the verdicts, the numbers, and the way to everything else."""
    template = page_environment().get_template("index.html.j2")
    return template.render(page=page, counts=_counts(page.verdicts), style=page_style())


def page_environment() -> Environment:
    """Where the templates of whole pages are found; everything that they show is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(_FILTERS)
    return environment


def notebook_html(notebook: NotebookNode, row: NotebookRow, run_id: str) -> str:
    """The page of one executed notebook, which may have stopped half-way."""
    shown = cells.prepare(notebook, row.title, row.question)
    injected = cells.tagged(shown, cells.INJECTED)
    declared = cells.tagged(shown, cells.PARAMETERS)
    known = {cell.id for cell in shown.cells}
    place = {
        "row": row,
        "run_id": run_id,
        "style": page_style(),
        "hidden": declared if row.parameters else (*declared, *injected),
        "settings": (injected or declared) if row.parameters else (),
        "failing": row.failing_cell if row.failing_cell in known else None,
    }
    html, _ = _exporter().from_notebook_node(shown, resources=place)
    return str(html)


def _exporter() -> HTMLExporter:
    settings = Config(
        CoalesceStreamsPreprocessor={"enabled": True},
        NbConvertBase={"display_data_priority": list(_SHOWN)},
    )
    exporter = HTMLExporter(
        config=settings,
        template_name="notebook",
        extra_template_basedirs=[str(_TEMPLATES)],
        extra_template_paths=[str(_TEMPLATES)],
        filters=dict(_FILTERS),
        exclude_anchor_links=True,
    )
    # nbconvert's own environment escapes nothing.
    exporter.environment.autoescape = True
    exporter.environment.trim_blocks = True
    return exporter


def _counts(verdicts: tuple[VerdictRow, ...]) -> tuple[tuple[str, int], ...]:
    words = dict.fromkeys([*(word for word, _ in wording.VERDICTS), *(row.verdict for row in verdicts)])
    counted = ((word, sum(row.verdict == word for row in verdicts)) for word in words)
    return tuple((word, count) for word, count in counted if count)


def page_style() -> Markup:
    """The style sheet that every page carries."""
    return Markup(shared_sheet() + (_TEMPLATES / "style.css").read_text(encoding="utf-8"))
