"""`jarvis-bench audit` asks for the same as the stand-alone command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jarvis_bench.await_audit import command
from jarvis_bench.await_audit.__main__ import main as stand_alone
from jarvis_bench.await_audit.request import AuditRequest
from jarvis_bench.cli import app

EVERYTHING = (
    "a b --fix --fix-likely --diff --format sarif --select missing-await,missing-method --ignore y --exclude c "
    "--baseline old --write-baseline new --python py --jobs 3 --no-cache --stats"
)


@pytest.mark.parametrize("line", ["", "a.py --json", EVERYTHING])
def test_both_command_lines_make_the_same_request(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is given."""
    requests: list[AuditRequest] = []

    def remember(request: AuditRequest) -> int:
        requests.append(request)
        return 1

    monkeypatch.setattr(command, "run", remember)
    monkeypatch.setattr("jarvis_bench.await_audit.__main__.run", remember)
    assert stand_alone(line.split()) == 1
    assert CliRunner().invoke(app, ["audit", *line.split()]).exit_code == 1
    assert requests[0] == requests[1]


def test_findings_are_1_and_the_object_is_all_that_is_printed(tmp_path: Path) -> None:
    """As other programs rely on it."""
    (tmp_path / "a.py").write_text(
        "async def f():\n    pass\n\n\nasync def g():\n    f()\n", encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["audit", str(tmp_path), "--json", "--no-cache", "--jobs", "1"])
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert {"path", "line", "column", "rule", "grade", "message", "evidence", "fix"} <= set(finding)


def test_a_page_is_printed_and_a_wrong_rule_is_2() -> None:
    """`--explain`."""
    assert (
        CliRunner().invoke(app, ["audit", "--explain", "missing-await"]).stdout.startswith("# missing-await")
    )
    assert CliRunner().invoke(app, ["audit", "--explain", "nope"]).exit_code == 2
