"""`jarvis-bench load`: options make an order, verdicts make exit codes, and Ctrl-C keeps what there is."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
from pathlib import Path

import pytest

from jarvis_bench.cli.load import Loads, exit_code
from jarvis_bench.cli.load_text import as_text
from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.load_report import LoadReport, ThresholdResult, reports
from jarvis_bench.records import MeasurementVerdict, Status, TierStatus
from jarvis_bench.tiers.cores import share_cores
from tests.report.finished_run import LATENCY, LATENCY_FACTS, TICKS

from .conftest import PROGRAM, Command

REPORTS = reports(LATENCY_FACTS.runs, LATENCY, TICKS)
SKIPPED = TierStatus("docker", Status.STOPPED, "no-container", "Docker: no container")


def loads(
    *found: LoadReport, skipped: tuple[TierStatus, ...] = (), met: bool = True, interrupted: bool = False
) -> Loads:
    """What came of a command."""
    result = ThresholdResult("p(50) < 1s", met, "50 ms")
    judged = tuple(dataclasses.replace(report, thresholds=(result,)) for report in found)
    return Loads(judged, skipped, "weights: seeded", interrupted)


def test_the_worst_decides_the_exit_code() -> None:
    """130 > 4 > 3 > 1, as the command line promises."""
    good, bad = REPORTS[0], dataclasses.replace(REPORTS[0], verdict=MeasurementVerdict.INVALID)
    assert exit_code(loads(good)) == 0
    assert exit_code(loads(good, met=False)) == 1
    assert exit_code(loads(good, bad, met=False)) == 3
    assert exit_code(loads(bad, skipped=(SKIPPED,))) == 4
    assert exit_code(loads()) == 4
    assert exit_code(loads(bad, skipped=(SKIPPED,), interrupted=True)) == 130


def test_three_tiers_are_one_table() -> None:
    """A row a tier, the bound beside the percentile, what was not measured with its reason."""
    text = as_text(loads(*REPORTS[:3], skipped=(SKIPPED,)), Path("kept"))
    groups, heads, *_ = text.splitlines()
    assert heads.startswith("tier")
    assert groups.index("response [ms]") == heads.index("p50")
    assert groups.index("service [ms]") == heads.rindex("p50")
    assert "n/a (needs 662)" in text
    assert "(≤ " in text
    assert "docker: not measured: Docker: no container" in text
    assert "met            p(50) < 1s: 50 ms" in text
    assert "rows, plans and reports: kept" in text


def test_an_invalid_row_says_why_and_what_to_do() -> None:
    """Below the table."""
    bad = dataclasses.replace(
        REPORTS[0],
        verdict=MeasurementVerdict.INVALID,
        reasons=("client's loop: blocked",),
        advice="free the loop",
    )
    text = as_text(loads(bad), None)
    assert "invalid        client's loop: blocked" in text
    assert "advice         free the loop" in text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--rate", "5", "--concurrency", "2"], "choose one"),
        (["--scenario", "open-poisson"], "needs --rate"),
        (["--scenario", "find-peak", "--rate", "5"], "find-peak"),
        (["--threshold", "p99 < 1"], "no threshold"),
        (["--tier", "lokal"], "did you mean 'local'"),
        (["--plan", "nowhere.json"], "nowhere.json"),
        (["--duration", "0"], "0 s"),
    ],
)
def test_a_wrong_request_is_told(command: Command, options: list[str], told: str) -> None:
    """Exit 2 before anything is started."""
    done = command("load", *options)
    assert done.code == 2
    assert told in done.err


async def test_the_record_has_the_names_that_other_programs_read() -> None:
    """One load is the object itself; several, or a tier that could not be measured, are its lists."""
    options = ("--concurrency", "2", "--requests", "12", "--clip-seconds", "1", "--json")
    async with known_server(Behaviour(delay_s=0.01), core=share_cores().tier) as url:
        alone, beside = (
            subprocess.run([PROGRAM, "load", *tiers, *options], stdout=subprocess.PIPE, check=False)
            for tiers in (("--tier", url), ("--tier", url, "--tier", "http://127.0.0.1:9"))
        )
    load = json.loads(alone.stdout)
    assert load["schema_version"] == 1
    assert {"verdict", "reasons", "response_s", "service_s", "requests", "rate"} <= load.keys()
    assert load["response_s"].keys() == load["service_s"].keys() >= {"p50", "p90", "p99"}
    assert load["requests"].keys() == {"planned", "sent", "ok", "failed", "dropped", "censored"}
    assert {"requested", "achieved"} <= load["rate"].keys()
    both = json.loads(beside.stdout)
    assert beside.returncode == 4
    assert both["schema_version"] == 1
    assert [found["tier"] for found in both["loads"]] == [url]
    assert both["loads"][0].keys() == load.keys() - {"schema_version"}
    assert {"tier", "status", "cause", "reason"} <= both["skipped"][0].keys()


async def test_ctrl_c_half_way_keeps_the_rows_and_says_how_many(tmp_path: Path) -> None:
    """A minute is asked for; interrupted after the load began, it exits 130 and the folder has what was measured."""
    async with known_server(Behaviour(delay_s=0.01), core=share_cores().tier) as url:
        command = [
            str(PROGRAM),
            "load",
            "--tier",
            url,
            "--tier",
            "docker",
            "--rate",
            "30",
            "--clip-seconds",
            "1",
            "--out",
            str(tmp_path),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "open-poisson" in line:
                    break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(1.0)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "were measured and are kept" in out
    assert "no load begun: docker" in out
    (load,) = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))["loads"]
    assert load["requests"]["ok"] > 3
    assert load["verdict"] != "VALID"
    assert (tmp_path / "requests.parquet").stat().st_size > 1000
