"""SARIF 2.1.0 as the standard asks for it; section numbers are those of the OASIS specification."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from jarvis_bench.await_audit.report import AuditReport
from jarvis_bench.await_audit.sarif_report import as_sarif

from .made import HOSTILE, finding, report

REPORT = report(finding(), finding(line=3, end_line=3, rule="missing-method"), HOSTILE)
# The properties that the schema of the standard knows, of every kind of object that is written.
KNOWN = {
    "sarifLog": {"$schema", "version", "runs", "inlineExternalProperties", "properties"},
    "run": {"tool", "invocations", "results", "originalUriBaseIds", "columnKind", "artifacts", "properties"},
    "toolComponent": {"name", "version", "semanticVersion", "informationUri", "rules", "properties"},
    "reportingDescriptor": {
        "id", "name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration", "properties",
    },
    "result": {
        "ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "fingerprints", "fixes",
        "properties", "suppressions",
    },
    "region": {"startLine", "startColumn", "endLine", "endColumn", "snippet", "charOffset", "charLength", "message"},
    "fix": {"description", "artifactChanges"},
    "replacement": {"deletedRegion", "insertedContent"},
    "notification": {"level", "message", "locations", "descriptor", "exception", "timeUtc"},
}  # fmt: skip


def only_run(of: AuditReport = REPORT) -> dict[str, Any]:
    """The one run of the log that is written."""
    log = json.loads(as_sarif(of))
    assert set(log) <= KNOWN["sarifLog"]
    assert log["version"] == "2.1.0"  # 3.13.2
    (run,) = log["runs"]  # 3.13.4
    assert set(run) <= KNOWN["run"]
    return dict(run)


def regions(node: Any) -> list[dict[str, Any]]:
    """Every region of a log."""
    if isinstance(node, list):
        return [region for item in node for region in regions(item)]
    if not isinstance(node, dict):
        return []
    own = [value for key, value in node.items() if key in {"region", "deletedRegion"}]
    return own + [region for value in node.values() for region in regions(value)]


def test_the_tool_names_itself_and_its_rules() -> None:
    """3.18.2, 3.19.2, 3.19.8, 3.49.3: a driver with a name; rules with ids that no two share, and texts."""
    driver = only_run()["tool"]["driver"]
    assert set(driver) <= KNOWN["toolComponent"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert set(rule) <= KNOWN["reportingDescriptor"]
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["help"]["text"].startswith("# ")  # 3.12.3: text is required where markdown stands


def test_results_agree_with_the_rules_they_name() -> None:
    """3.27.5 to 3.27.11: rule id and index name the same rule; a level of the four; a message with text."""
    run = only_run()
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert set(result) <= KNOWN["result"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]


def test_regions_are_text_regions_that_are_not_turned_round() -> None:
    """3.30: lines and columns from 1, the end not before the start; and the unit of columns is named (3.14.17)."""
    run = only_run()
    assert run["columnKind"] == "unicodeCodePoints"
    found = regions(run)
    assert len(found) == 5
    for region in found:
        assert set(region) <= KNOWN["region"]
        assert (region["startLine"], region["startColumn"]) >= (1, 1)
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


def test_uris_are_relative_to_a_base_that_is_declared_or_absolute() -> None:
    """3.4.3, 3.4.4, 3.14.14: percent-encoded, forward slashes, a known base id."""
    run = only_run(report(HOSTILE, finding(path=Path("/srv/a b.py"))))
    first, second = (
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]
    )
    assert unquote(first["uri"]) == "a b/ünï,c:%.py"
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", first["uri"])
    assert first["uriBaseId"] in run["originalUriBaseIds"]
    assert urlsplit(second["uri"]).scheme == "file"
    assert "uriBaseId" not in second
    assert second["uri"] == "file:///srv/a%20b.py"


def test_a_fix_is_a_list_of_replacements() -> None:
    """3.55.3, 3.56.3, 3.57: the empty region at the place, and the inserted text; none where nothing is inserted."""
    results = only_run()["results"]
    (fix,) = results[0]["fixes"]
    assert set(fix) <= KNOWN["fix"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    assert set(replacement) <= KNOWN["replacement"]
    place = replacement["deletedRegion"]
    assert (place["startLine"], place["startColumn"]) == (place["endLine"], place["endColumn"]) == (17131, 22)
    assert replacement["insertedContent"] == {"text": "await "}
    assert "fixes" not in results[2]


def test_what_was_not_audited_is_a_notification() -> None:
    """3.20.14, 3.20.21, 3.58: an invocation says whether it succeeded, a notification has a message."""
    (invocation,) = only_run()["invocations"]
    assert invocation["executionSuccessful"] is True
    (notification,) = invocation["toolExecutionNotifications"]
    assert set(notification) <= KNOWN["notification"]
    assert notification["message"]["text"].startswith("not audited: line 3")


def test_fingerprints_stay_when_lines_move_and_differ_otherwise() -> None:
    """3.27.17: so that a code host does not tell an old finding anew."""
    moved, other = finding(line=9, end_line=9), finding(function="other")
    first, second, third = (
        result["partialFingerprints"] for result in only_run(report(finding(), moved, other))["results"]
    )
    assert first == second != third


@pytest.mark.parametrize("of", [report(), REPORT])
def test_it_is_ascii(of: AuditReport) -> None:
    """Whatever stands in names."""
    assert as_sarif(of).isascii()
