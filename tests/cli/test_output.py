"""A record is printed as one line of JSON, whatever it holds."""

from __future__ import annotations

import json

import pytest

from jarvis_bench.cli.output import print_record
from jarvis_bench.records import Decision


def test_a_record_is_one_line_with_its_schema_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Signs beyond ASCII stay readable, line breaks do not break the line."""
    print_record(Decision(None, "❌ Docker:\nnone"))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "❌" in out
    assert json.loads(out) == {
        "schema_version": 1,
        "tier": None,
        "reason": "❌ Docker:\nnone",
        "starts": None,
    }
