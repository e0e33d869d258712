"""Records are frozen and become the JSON that other programs read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from jarvis_bench.records import (
    Decision,
    ProbeReport,
    Status,
    TierStatus,
    as_json,
)


@dataclasses.dataclass(frozen=True)
class Odd:
    """A record with a field of any kind."""

    value: object


def test_as_json_is_plain_and_carries_the_schema_version() -> None:
    """A nested record becomes plain JSON values with the version in front."""
    docker = TierStatus("docker", Status.NOT_INSTALLED, "not-installed", "Docker: Not installed", 0.25)
    report = ProbeReport((docker,), Decision(None, "Docker: Not installed"), 0.5)
    fields = as_json(report)
    assert next(iter(fields)) == "schema_version"
    assert json.loads(json.dumps(fields)) == {
        "schema_version": 1,
        "tiers": [
            {
                "tier": "docker",
                "status": "not-installed",
                "cause": "not-installed",
                "reason": "Docker: Not installed",
                "seconds": 0.25,
            }
        ],
        "decision": {"tier": None, "reason": "Docker: Not installed", "starts": None},
        "seconds": 0.5,
    }


def test_as_json_writes_a_path_as_text() -> None:
    """A path in a record is shown as it would be typed."""
    assert as_json(Odd(Path("/runs/7")))["value"] == "/runs/7"


def test_as_json_refuses_what_json_cannot_hold() -> None:
    """A foreign object in a record is an error, not its `repr` in somebody's data."""
    with pytest.raises(TypeError, match="object has no place in a record"):
        as_json(Odd(object()))


def test_records_cannot_be_changed() -> None:
    """A result stays what was measured."""
    decision = Decision("docker", "Docker: Ready")
    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.tier = "local"  # type: ignore[misc]  # the mistake under test


def test_status_has_the_seven_words() -> None:
    """A probe answers in one of the seven words that DESIGN defines, and no other."""
    assert {str(status) for status in Status} == {
        *("ready", "starting", "stopped", "not-installed"),
        *("misconfigured", "busy", "broken"),
    }
