"""The workflow on GitHub: renders, uploads, and says nothing that it did not measure."""

from __future__ import annotations

import re
from typing import Any

import yaml

from jarvis_bench.settings import CHECKOUT

TEXT = (CHECKOUT / ".github" / "workflows" / "report.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
# YAML 1.1 reads the key `on` as true.
EVENTS: dict[str, Any] = WORKFLOW[True]
(JOB,) = WORKFLOW["jobs"].values()


def test_every_push_and_a_schedule_make_a_report() -> None:
    """The push with quick, the schedule with full; both by the command that people use."""
    assert {"push", "pull_request", "schedule"} <= EVENTS.keys()
    assert (
        JOB["env"]["PROFILE"]
        == "${{ github.event_name == 'schedule' && 'full' || inputs.profile || 'quick' }}"
    )
    assert "PROFILE     ?= quick" in (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert [step["run"] for step in JOB["steps"] if "run" in step] == ["bash .ci/run"]
    assert "step report" in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_report_is_kept_also_where_something_failed() -> None:
    """The page of a failed run is what one wants to see."""
    (upload,) = (step for step in JOB["steps"] if "upload-artifact" in step.get("uses", ""))
    assert upload["if"] == "always()"
    assert "reports/" in upload["with"]["path"]


def test_it_may_read_and_nothing_else() -> None:
    """So it cannot comment, whatever a step would like to say."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in JOB
    assert not re.search(
        r"secrets\.|GITHUB_TOKEN|pull_request_target|gh (pr|issue)|comment", _without_comments()
    )


def test_every_action_is_pinned_to_a_version() -> None:
    """Not to a branch that moves."""
    assert all(re.search(r"@v?\d", step["uses"]) for step in JOB["steps"] if "uses" in step)


def _without_comments() -> str:
    return "\n".join(line for line in TEXT.splitlines() if not line.strip().startswith("#"))
