"""The start-up decision: the first ready tier in order, made once."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.records import Decision, Status
from jarvis_bench.selection.waterfall import Waterfall, choose
from tests.scripted_tier import ScriptedTier, told

READY = Status.READY
STOPPED = Status.STOPPED
NOT_READY = [status for status in Status if status is not Status.READY]


@pytest.mark.parametrize(
    ("docker", "cloud", "local", "expected"),
    [
        (READY, READY, READY, "docker"),
        (READY, STOPPED, STOPPED, "docker"),
        (STOPPED, READY, READY, "cloud-run"),
        (STOPPED, STOPPED, READY, "local"),
        (STOPPED, STOPPED, STOPPED, None),
    ],
)
def test_first_ready_tier_wins(docker: Status, cloud: Status, local: Status, expected: str | None) -> None:
    """Docker goes before Cloud Run, and Cloud Run before this machine."""
    statuses = [told("local", local), told("docker", docker), told("cloud-run", cloud)]
    assert choose(statuses).tier == expected


@pytest.mark.parametrize("status", NOT_READY)
def test_only_ready_is_chosen(status: Status) -> None:
    """A tier in any other state is passed over, a starting one as well."""
    assert choose([told("docker", status), told("local", READY)]).tier == "local"


def test_reason_names_those_passed_over() -> None:
    """The reason tells why each better tier was not taken, then why this one was."""
    statuses = [told("docker", STOPPED), told("cloud-run", Status.STARTING), told("local", READY)]
    assert choose(statuses).reason == "docker is stopped; cloud-run is starting; local is ready"


def test_no_tier_at_all() -> None:
    """With nothing to choose from, nothing is chosen, and the reason says so."""
    assert choose([]) == Decision(None, "no tier was asked")


async def test_decision_is_made_once_and_shared() -> None:
    """Two callers at once get the same, finished report, and each tier is asked once."""
    gate = asyncio.Event()
    tiers = [ScriptedTier("docker", gate=gate), ScriptedTier("cloud-run"), ScriptedTier("local")]
    waterfall = Waterfall(tiers, deadline_s=60.0)
    async with asyncio.TaskGroup() as group:
        callers = [group.create_task(waterfall.decide()) for _ in range(2)]
        await tiers[0].entered.wait()
        gate.set()
    first, second = (caller.result() for caller in callers)
    assert first is second
    assert first.decision.tier == "docker"
    assert [status.tier for status in first.tiers] == ["docker", "cloud-run", "local"]
    assert [tier.asked for tier in tiers] == [1, 1, 1]


async def test_silent_tier_costs_its_deadline_and_no_more() -> None:
    """A tier that never answers is passed over, and the decision still comes."""
    tiers = [ScriptedTier("docker", gate=asyncio.Event()), ScriptedTier("local")]
    async with asyncio.timeout(10.0):
        report = await Waterfall(tiers, deadline_s=0.05).decide()
    assert report.decision == Decision("local", "Scripted: no answer within 0.05 s; local is ready")
    assert report.seconds >= 0.05
