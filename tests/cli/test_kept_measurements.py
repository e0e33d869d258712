"""Ctrl-C during `cold-start` and `memory`: what was measured until then is printed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import pytest


def interrupted(*arguments: str, after: str) -> tuple[int, dict[str, Any] | None, str]:
    """Exit code, record and progress of a command that gets SIGINT once its progress says `after`."""
    command = [sys.executable, "-m", "jarvis_bench", *arguments, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if after in line:
                break
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else None, said + rest


@pytest.mark.model
def test_cold_starts_that_were_measured_are_kept() -> None:
    """With the number of those there are, and a note."""
    code, record, said = interrupted(
        "cold-start", "--tier", "local", "--runtime", "onnx", "--repeats", "500", after=" 3 of 500"
    )
    assert code == 130, said
    assert record is not None, said
    assert 2 <= record["summaries"][0]["cold"] <= 4
    assert record["notes"][-1].startswith("interrupted")
    assert "Traceback" not in said


@pytest.mark.model
def test_memory_that_was_read_is_kept() -> None:
    """The walks that were finished; half a second table is none."""
    tiers = ["--tier", "local", "--tier", "service", "--runtime", "onnx", "--repeats", "1", "--idle", "0"]
    code, record, said = interrupted("memory", *tiers, "--twice", after="service server, onnx, usual: loaded")
    assert code == 130, said
    assert record is not None, said
    assert {row["tier"] for row in record["rows"]} == {"local"}
    assert record["repeatability"] is None
    assert record["notes"][-1].startswith("interrupted")
    assert "Traceback" not in said


@pytest.mark.model
def test_before_anything_was_measured_there_is_no_record() -> None:
    """And no traceback."""
    code, record, said = interrupted(
        "cold-start", "--tier", "local", "--runtime", "onnx", "--repeats", "500", after=" 1 of 500"
    )
    assert (code, record) == (130, None), said
    assert "Traceback" not in said
