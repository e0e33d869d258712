"""The start-up decision: the first ready tier in order, made once."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.records import Decision, Status
from jarvis_bench.selection.policy import CLOUD_FIRST, Policy
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.selection.waterfall import Waterfall, choose
from jarvis_bench.tiers.fake import Behaviour, FakeTier
from tests.scripted_tier import ScriptedTier, told

READY = Status.READY
STOPPED = Status.STOPPED
ABSENT = Status.NOT_INSTALLED
BROKEN = Status.BROKEN
STARTS_DOCKER = Policy(started=("docker",))
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


# The flow chart "After Fix" of the document and its three scenarios, row by row. Its other chart skips the probe of
# Cloud Run after an error of Docker's; the probes are concurrent, so nothing is skipped, here as in v10.5.
FLOW_CHART = [
    ("daemon running, container healthy", READY, READY, READY, "docker", None),
    ("daemon running, container healthy, nothing else", READY, BROKEN, BROKEN, "docker", None),
    ("daemon not running, Cloud Run healthy", STOPPED, READY, READY, "cloud-run", None),
    ("daemon not running, Cloud Run unhealthy", STOPPED, BROKEN, READY, "local", "docker"),
    ("daemon not running, nothing else", STOPPED, BROKEN, BROKEN, None, "docker"),
    ("Docker not installed, Cloud Run healthy", ABSENT, READY, READY, "cloud-run", None),
    ("Docker not installed, Cloud Run unhealthy", ABSENT, BROKEN, READY, "local", None),
    ("Docker's probe fails, Cloud Run healthy", BROKEN, READY, READY, "cloud-run", None),
    ("Docker's probe fails, Cloud Run unhealthy", BROKEN, BROKEN, READY, "local", None),
    ("nothing works", ABSENT, ABSENT, ABSENT, None, None),
]


@pytest.mark.parametrize("row", FLOW_CHART, ids=lambda row: row[0])
async def test_the_flow_chart_of_the_document(
    row: tuple[str, Status, Status, Status, str | None, str | None],
) -> None:
    """Each row, decided by a waterfall over tiers in that state; Docker is started only where nothing better is."""
    _, docker, cloud, local, chosen, starts = row
    tiers = [ScriptedTier("docker", docker), ScriptedTier("cloud-run", cloud), ScriptedTier("local", local)]
    decision = (await Waterfall(tiers, policy=STARTS_DOCKER).decide()).decision
    assert (decision.tier, decision.starts) == (chosen, starts)
    assert ("docker is started in the background" in decision.reason) is (starts is not None)


@pytest.mark.parametrize("status", [status for status in Status if status not in (READY, STOPPED)])
def test_only_what_is_stopped_is_started(status: Status) -> None:
    """Starting cures nothing else."""
    assert choose([told("docker", status), told("local", READY)], STARTS_DOCKER).starts is None


def test_cloud_first() -> None:
    """Another order, and what starts is judged by it."""
    statuses = [told("docker", READY), told("cloud-run", READY), told("local", READY)]
    assert choose(statuses, Policy(order=CLOUD_FIRST)).tier == "cloud-run"


def test_forced_means_this_one_or_none() -> None:
    """Upstream drops to local where the forced tier fails; here nobody is deceived."""
    policy = Policy(forced="docker", started=("docker",))
    decision = choose([told("docker", STOPPED), told("local", READY)], policy)
    assert decision == Decision(None, "docker is stopped; docker is started in the background", "docker")
    assert choose([told("docker", READY), told("local", READY)], policy).tier == "docker"


async def test_a_skipped_tier_is_not_asked() -> None:
    """A skipped Cloud Run is not woken."""
    tiers = [ScriptedTier("cloud-run"), ScriptedTier("local")]
    report = await Waterfall(tiers, policy=Policy(skipped=frozenset({"cloud-run"}))).decide()
    assert report.decision.tier == "local"
    assert [status.tier for status in report.tiers] == ["local"]
    assert tiers[0].asked == 0


@pytest.mark.parametrize(("free", "chosen"), [(2_000_000_000, "local"), (1_999_999_999, None)])
async def test_ram_floor_of_local(free: int, chosen: str | None) -> None:
    """Below it the local tier is passed over, with both figures in the reason."""
    policy = Policy(local_ram_floor_bytes=2_000_000_000)
    waterfall = Waterfall([ScriptedTier("local")], policy=policy, available_ram=lambda: free)
    decision = (await waterfall.decide()).decision
    assert decision.tier == chosen
    if chosen is None:
        assert decision.reason == "Local: 2.0 GB RAM free, 2.0 GB wanted"


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"forced": "dokcer"}, "did you mean 'docker'"),
        ({"skipped": frozenset({"cloud"})}, "did you mean 'cloud-run'"),
        ({"forced": "docker", "skipped": frozenset({"docker"})}, "forced and skipped"),
        ({"order": ("docker", "docker")}, "twice"),
    ],
)
def test_impossible_policies(policy: dict[str, Any], message: str) -> None:
    """They are told at once, with the name that was probably meant."""
    with pytest.raises(UsageError, match=message):
        Waterfall([ScriptedTier("docker"), ScriptedTier("cloud-run")], policy=Policy(**policy))


CLIP = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)


@pytest.mark.parametrize(
    ("behaviour", "chosen", "reason"),
    [
        (Behaviour(latency_s=0.0), "docker", "docker: ready (ok)"),
        (Behaviour(wrong=True, latency_s=0.0), "cloud-run", "not finite"),
        (Behaviour(status=BROKEN, cause="http-500", seems_ready=True), "cloud-run", "http-500"),
        (Behaviour(latency_s=60.0), "cloud-run", "no embedding of the known clip within"),
    ],
)
async def test_ready_is_who_embeds_the_trial_clip(behaviour: Behaviour, chosen: str, reason: str) -> None:
    """A probe's word is not enough; the local tier is not woken for it."""
    docker, cloud = (
        FakeTier("docker", [(0.0, behaviour)]),
        FakeTier("cloud-run", [(0.0, Behaviour(latency_s=0.0))]),
    )
    local = FakeTier("local")
    waterfall = Waterfall([docker, cloud, local], deadline_s=0.3, trial_clip=TrialClip(CLIP))
    decision = (await waterfall.decide()).decision
    assert decision.tier == chosen
    assert reason in decision.reason
    assert (docker.requests, local.requests) == (1, 0)


async def test_a_tier_with_another_model_is_not_ready() -> None:
    """Where the weights are known to be the same, so is the embedding."""
    expected = (await FakeTier("reference").embed(np.cos(CLIP * 40))).vector
    waterfall = Waterfall([FakeTier("docker")], trial_clip=TrialClip(CLIP, expected))
    decision = (await waterfall.decide()).decision
    assert decision.tier is None
    assert "another embedding of the known clip (cosine" in decision.reason
