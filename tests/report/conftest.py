"""A run as the report's pages see it: the bug reproduced, one notebook dead half-way."""

from __future__ import annotations

import base64
import dataclasses

import nbformat
import pytest
from nbformat import NotebookNode

from jarvis_bench.report.pages import DataFile, IndexPage, KeyNumber, NotebookRow, VerdictRow

from .nodes import code, error, markdown, notebook, result, shown, stream

HEADER = """# How much RAM does each tier take?

**Does Docker really need under 500 MB where the local tier needs 2 GB?**

PSS is taken from `smaps_rollup`, in a process of its own."""
DIED = "the worker of tier 'local' ended before it answered"
TRACEBACK = (
    "\x1b[31m-----------------\x1b[39m",
    "\x1b[31mNothingMeasured\x1b[39m   Traceback (most recent call last)",
    'File "memory.py", line 3, in peak',
    f"\x1b[31mNothingMeasured\x1b[39m: {DIED}",
)

VERDICTS = (
    VerdictRow(
        "The Docker probe dies with a coroutine AttributeError",
        "reproduced",
        "'coroutine' object has no attribute 'check_docker_installed', in 20 of 20 starts.",
        "01_reproduce_missing_await.html#cell-verdict",
        (8, 38, 39, 40),
    ),
    VerdictRow(
        "Docker needs under 500 MB",
        "partly",
        "Peak PSS was 412 MB with onnx and 1,310 MB with speechbrain.",
        "20_measure_memory.html",
        (113, 239),
    ),
    VerdictRow(
        "No other async/await issues found",
        "refuted",
        "The auditor reports two missing methods and one racy singleton in v10.6.",
        "03_audit.html",
        (226,),
    ),
    VerdictRow(
        "Docker Desktop becomes ready in 30–60 s",
        "not-tested",
        "This host has no Docker Desktop.",
        None,
        (311,),
    ),
)
NUMBERS = (
    KeyNumber(
        "Latency, Docker tier",
        "41.2",
        "ms",
        "response p50, 480 requests",
        "measured",
        "10_measure_latency.html",
    ),
    KeyNumber("RAM, local tier", "1.31", "GB", "peak PSS", "measured", "20_measure_memory.html"),
    KeyNumber("Cold start, Cloud Run", "5.8", "s", "first response, n = 11", "emulated", ""),
    KeyNumber("Latency at p99, Docker tier", "n/a (needs 662)", "", "response p99", "measured", ""),
    KeyNumber("Price of one embedding", "0.000031", "USD", "price table of 2027-01", "modelled", ""),
)


def _picture(colour: str) -> str:
    bars = "".join(
        f'<rect x="190" y="{22 + 56 * row}" width="{width}" height="34" fill="{colour}"/>'
        f'<text x="178" y="{44 + 56 * row}" text-anchor="end" font-size="16" fill="{colour}">{name}</text>'
        for row, (name, width) in enumerate((("docker", 150), ("cloud-run", 96), ("local", 560)))
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="190">{bars}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


FIGURE = (
    '<figure><picture><source media="(prefers-color-scheme: dark)" '
    f'srcset="{_picture("#85b8f0")}"><img alt="RAM of three tiers: local needs the most" '
    f'src="{_picture("#1c5aa6")}"></picture>'
    '<figcaption>Peak PSS after 200 clips. Data: <a href="memory.parquet">memory.parquet</a></figcaption>'
    "</figure>"
)
TABLE = (
    "<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>"
    '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>runtime</th>'
    "<th>p50 [s]</th><th>p90 [s]</th><th>p99 [s]</th><th>requests</th><th>failed</th>"
    "<th>schedule delay p50 [s]</th>"
    "</tr></thead><tbody><tr><th>docker</th><td>onnx</td><td>0.041</td><td>0.048</td><td>n/a (needs 662)</td>"
    "<td>480</td><td>0</td><td>0.0004</td></tr><tr><th>local</th><td>speechbrain</td><td>0.093</td><td>0.121</td>"
    "<td>n/a (needs 662)</td><td>480</td><td>2</td><td>0.0004</td></tr></tbody></table></div>"
)


@pytest.fixture
def figure() -> str:
    """A figure for light and dark, as the notebooks show one."""
    return FIGURE


@pytest.fixture
def table() -> str:
    """A table as pandas writes it."""
    return TABLE


@pytest.fixture
def dead_row() -> NotebookRow:
    """A notebook whose fifth cell raised."""
    return NotebookRow(
        name="20_measure_memory",
        title="How much RAM does each tier take?",
        question="Does Docker really need under 500 MB where the local tier needs 2 GB?",
        status="failed",
        seconds=83.2,
        reason="NothingMeasured: the worker of tier 'local' ended before it answered",
        failing_cell="measure",
        html="20_measure_memory.html",
        ipynb="20_measure_memory.ipynb",
        log="20_measure_memory.log",
        parameters=(("profile", "quick"), ("repeats", "3"), ("tiers", "docker, cloud-run, local")),
        artefacts=("memory.parquet",),
    )


@pytest.fixture
def healthy_row(dead_row: NotebookRow) -> NotebookRow:
    """The notebook of `dead_row`, had it gone well."""
    return dataclasses.replace(dead_row, status="ok", reason=None, failing_cell=None)


@pytest.fixture
def dead_notebook() -> NotebookNode:
    """The notebook of `dead_row`: every kind of output, then an error, then a cell that never ran."""
    made = notebook(
        markdown(HEADER, name="title"),
        code("from jarvis_bench import memory, show", name="imports"),
        code('secret_default = "never shown"', name="defaults", tags=("parameters",)),
        code('# Parameters\nprofile = "quick"\n', name="injected", tags=("injected-parameters",)),
        markdown("## Timeline\n\nOne row a second; `baseline` is the interpreter alone.", name="reading"),
        code(
            'rows = await memory.timeline(tiers, clip_s=3.0)  # 200 clips\nshow(rows, title="RAM")',
            stream("\x1b[32mcell 4/6\x1b[0m  docker ready <1 s\n"),
            stream("UserWarning: weights are seeded\n", name="stderr"),
            shown("text/html", FIGURE),
            result("text/html", TABLE),
            name="figure",
        ),
        code(
            "peak = await memory.peak(tiers['local'])",
            error("NothingMeasured", DIED, *TRACEBACK),
            name="measure",
        ),
        code("peak.verdict()", name="after", count=None),
    )
    nbformat.validate(made)
    return made


@pytest.fixture
def index_page(dead_row: NotebookRow, healthy_row: NotebookRow) -> IndexPage:
    """A failed run with every verdict and every kind of key number."""
    healthy = dataclasses.replace(
        healthy_row,
        name="01_reproduce_missing_await",
        title="Does the missing await reproduce?",
        question="Does v10.5 fall to the costliest tier although Docker is healthy?",
        html="01_reproduce_missing_await.html",
        parameters=(),
    )
    return IndexPage(
        run_id="2027-03-02T10-15-quick",
        started="2 March 2027, 10:15 UTC",
        profile="quick",
        status="failed",
        headline="Yes: one missing await hides a healthy Docker tier; v10.6 only changes the error.",
        facts=("2 × Xeon 2.4 GHz", "weights: seeded, so latency and RAM are valid and identities are not"),
        verdicts=VERDICTS,
        numbers=NUMBERS,
        picture=FIGURE,
        notebooks=(healthy, dead_row),
        data=(
            DataFile("memory.parquet", 48_213, "9f2c" * 16),
            DataFile("requests.parquet", 1_204_551, "07ab" * 16),
        ),
        environment=(
            ("python", "3.11.9"),
            ("cpu", "Intel Xeon, 2 cores"),
            ("packages", "torch 2.13.0, onnxruntime 1.24"),
        ),
    )
