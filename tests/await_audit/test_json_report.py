"""Findings for programs: the fields that others read."""

from __future__ import annotations

import json

from jarvis_bench.await_audit.json_report import as_json

from .made import HOSTILE, finding, report


def test_the_fields_are_those_that_were_promised() -> None:
    """Path, line, column, rule, grade, message, evidence and fix of each finding; the problems."""
    content = json.loads(as_json(report(finding())))
    assert content["schema_version"] == 1
    (found,) = content["findings"]
    assert {"path", "line", "column", "rule", "grade", "message", "evidence", "fix"} <= set(found)
    assert (found["path"], found["line"], found["column"]) == ("app/start_system.py", 17131, 22)
    assert found["fix"] == {
        "description": "insert `await`",
        "grade": "certain",
        "applicable": True,
        "refused": None,
        "edits": [{"offset_bytes": 100, "text": "await "}],
    }
    assert content["problems"][0]["path"] == "app/old.py"
    assert content["stats"]["counts"] == {"missing-await": {"certain": 1, "likely": 0}}


def test_it_is_one_line_of_ascii() -> None:
    """Whatever stands in names and messages."""
    text = as_json(report(HOSTILE))
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text)["findings"][0]["message"] == HOSTILE.message
