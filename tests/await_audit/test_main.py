"""The stand-alone command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_bench.await_audit import __main__ as entry
from jarvis_bench.await_audit.request import AuditRequest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[AuditRequest]:
    """The requests that the command line made."""
    requests: list[AuditRequest] = []

    def remember(request: AuditRequest) -> int:
        requests.append(request)
        return 7

    monkeypatch.setattr(entry, "run", remember)
    return requests


def test_nothing_given_is_the_default_request(asked: list[AuditRequest]) -> None:
    """And the exit code is the run's."""
    assert entry.main([]) == 7
    assert asked == [AuditRequest()]


def test_every_option_reaches_the_request(asked: list[AuditRequest]) -> None:
    """Lists may be repeated or hold commas."""
    line = (
        "a b --fix --fix-likely --diff --format sarif --select missing-await,missing-method --select x --ignore y "
        "--exclude c/* --exclude d --baseline old --write-baseline new --python py --jobs 3 --no-cache --stats"
    )
    entry.main(line.split())
    assert asked == [
        AuditRequest(
            paths=(Path("a"), Path("b")),
            format="sarif",
            select=("missing-await", "missing-method", "x"),
            ignore=("y",),
            exclude=("c/*", "d"),
            fix=True,
            fix_likely=True,
            diff=True,
            baseline=Path("old"),
            write_baseline=Path("new"),
            python=Path("py"),
            jobs=3,
            cache=False,
            stats=True,
        )
    ]


def test_json_is_a_format(asked: list[AuditRequest]) -> None:
    """As every command of the package takes it."""
    entry.main(["--json"])
    assert asked[0].format == "json"


def test_explain_prints_and_audits_nothing(
    asked: list[AuditRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    """The page of the rule."""
    assert entry.main(["--explain", "missing-await"]) == 0
    assert capsys.readouterr().out.startswith("# missing-await")
    assert asked == []


def test_a_wrong_option_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Argparse's own message."""
    with pytest.raises(SystemExit) as caught:
        entry.main(["--formt", "json"])
    assert caught.value.code == 2
    assert "--formt" in capsys.readouterr().err


def test_a_run_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through to the end, on a real file."""
    (tmp_path / "a.py").write_text(
        "async def f():\n    pass\n\n\nasync def g():\n    f()\n", encoding="utf-8"
    )
    assert entry.main([str(tmp_path), "--json", "--no-cache", "--jobs", "1"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["line"] == 6
