"""Scripted faults: every request served, one switch each way, the same every time."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.scripted_faults import SCRIPTS, play_scripts, play_together
from jarvis_bench.kit.switching_records import SwitchingPlan
from jarvis_bench.report.switching import broken_promises

PLAN = SwitchingPlan(tuple(SCRIPTS), after_s=32.0)


@pytest.mark.parametrize("name", SCRIPTS)
async def test_no_scripted_fault_costs_a_request(name: str) -> None:
    """Nor an answer that is wrong, nor more waiting than is promised."""
    rows, facts = await play_scripts(dataclasses.replace(PLAN, faults=(name,)))
    assert len(rows) == round(39 * PLAN.rate_per_s)
    promises = broken_promises(rows, facts)
    # With Cloud Run gone, too, there is a second step down and a second one up.
    assert promises == [] or (name.startswith("killed, ") and "in place of one switch" in promises[0])
    assert {row.tier for row in rows} >= {"docker", "local" if name.startswith("killed, ") else "cloud-run"}


async def test_it_is_the_same_every_time() -> None:
    plan = dataclasses.replace(PLAN, faults=("frozen",))
    assert await play_scripts(plan) == await play_scripts(plan)


async def test_all_on_one_time_line() -> None:
    """The record knows every switch, and that nothing was lost."""
    state = await play_together()
    assert state.counters.failed == 0
    assert {switch.cause for switch in state.switches} >= {
        "unreachable",
        "timeout",
        "out-of-memory",
        "came-back",
    }


@pytest.mark.parametrize(
    ("change", "message"), [({"faults": ("killd",)}, "'killed'"), ({"calm_s": 1.0}, "at least 2 s")]
)
async def test_what_cannot_be_played(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        await play_scripts(dataclasses.replace(PLAN, **change))  # type: ignore[arg-type]  # on purpose
