"""The router over scripted tiers on a clock that jumps: who serves, what it costs, when it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.kit.virtual_time import now_s, run_virtually
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.router import Router, Served
from jarvis_bench.selection.router_state import Switch
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.tiers.fake import DEAD, GOOD, STOPPED, Behaviour, FakeTier
from jarvis_bench.tiers.tier import Answer

CLIP = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
HANGS = Behaviour(hangs=True)
Script = list[tuple[float, Behaviour]]
Story = Callable[[Router, dict[str, FakeTier]], Awaitable[None]]


def play(
    story: Story,
    *,
    docker: Script | None = None,
    cloud: Script | None = None,
    local: Script | None = None,
    policy: Policy | None = None,
    rules: Rules | None = None,
    begin_with: type[FakeTier] = FakeTier,
) -> None:
    """Let a story happen to a router over three scripted tiers."""

    async def main() -> None:
        scripts = {"docker": docker, "cloud-run": cloud, "local": local}
        tiers = {
            name: begin_with(name, script or [], start_s=5.0, clock=now_s) for name, script in scripts.items()
        }
        known = TrialClip(CLIP, clock=now_s)
        async with Router(
            list(tiers.values()), policy=policy, rules=rules, trial_clip=known, clock=now_s, wall=now_s
        ) as router:
            await story(router, tiers)

    run_virtually(main())


async def traffic(router: Router, seconds: float, *, per_s: float = 10.0) -> list[tuple[float, Served]]:
    """Requests at planned times; what each user waited, and who served."""
    waits: list[tuple[float, Served]] = []

    async def ask() -> None:
        began_s = now_s()
        served = await router.serve(CLIP)
        waits.append((now_s() - began_s, served))

    async with asyncio.TaskGroup() as group:
        for _ in range(round(seconds * per_s)):
            group.create_task(ask())
            await asyncio.sleep(1.0 / per_s)
    return waits


def path_of(switches: tuple[Switch, ...]) -> list[str | None]:
    """The tiers, in the order in which they served."""
    return [switch.taken for switch in switches]


FAULTS = {
    "killed": (DEAD, "unreachable", 0.2),
    "frozen": (HANGS, "timeout", 1.0),
    "slowed by 2 s": (Behaviour(latency_s=2.05), "timeout", 1.0),
    "slowed by 0.3 s": (Behaviour(latency_s=0.35), "slow", 0.4),
    "failing": (Behaviour(status=Status.BROKEN, cause="http-500"), "http-500", 0.2),
    "out of memory": (Behaviour(status=Status.BROKEN, cause="out-of-memory"), "out-of-memory", 0.2),
    "wrong": (Behaviour(wrong=True), "wrong-embedding", 0.2),
    "stopped by its engine": (STOPPED, "container-stopped", 0.2),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_no_request_and_one_switch_each_way(name: str) -> None:
    """Ten requests a second, a fault of 10 s; the user waits little, and the tier comes back when it is well."""
    behaviour, cause, extra_s = FAULTS[name]

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        waits = await traffic(router, 90.0)
        assert len(waits) == 900
        assert max(wait_s for wait_s, _ in waits) <= extra_s + 0.1
        switches = router.state().switches
        assert path_of(switches) == ["docker", "cloud-run", "docker"]
        assert [switch.cause for switch in switches] == ["start", cause, "came-back"]
        assert 15.0 < switches[2].at_s - switches[1].at_s < 70.0

    play(story, docker=[(20.0, behaviour), (30.0, GOOD)])


def test_no_flapping_under_a_tier_that_alternates_every_three_seconds() -> None:
    """Good, bad, good, bad for five minutes: it is left once, and taken back when that is over."""
    script = [(20.0 + 3.0 * number, DEAD if number % 2 == 0 else GOOD) for number in range(100)]

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        waits = await traffic(router, 480.0, per_s=2.0)
        assert len(waits) == 960
        assert path_of(router.state().switches) == ["docker", "cloud-run", "docker"]

    play(story, docker=script)


def test_in_peace_everything_is_sent_once_to_the_best() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        waits = await traffic(router, 60.0)
        assert {served.tier for _, served in waits} == {"docker"}
        counters = router.state().counters
        assert (counters.requests, counters.sent, counters.failovers, counters.failed) == (600, 600, 0, 0)
        assert tiers["local"].requests == 0

    play(story)


def test_all_dead_is_an_error_that_names_each() -> None:
    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await asyncio.sleep(1.0)
        began_s = now_s()
        with pytest.raises(TierFailed, match=r"docker: broken.*cloud-run: broken.*local: broken") as failed:
            await router.embed(CLIP, deadline_s=3.0)
        assert failed.value.status.tier == "router"
        assert now_s() - began_s <= 3.0
        assert router.state().counters.failed == 1

    play(story, docker=[(1.0, DEAD)], cloud=[(1.0, DEAD)], local=[(1.0, DEAD)])


def test_a_deadline_is_kept_when_everything_hangs() -> None:
    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await asyncio.sleep(1.0)
        began_s = now_s()
        with pytest.raises(TierFailed):
            await router.embed(CLIP, deadline_s=4.0)
        assert now_s() - began_s == pytest.approx(4.0, abs=0.2)

    play(story, docker=[(1.0, HANGS)], cloud=[(1.0, HANGS)], local=[(1.0, HANGS)])


def test_a_tier_that_recovers_within_the_deadline_serves() -> None:
    """All dead for two seconds: the request waits for it, on the budget."""

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await asyncio.sleep(1.0)
        assert (await router.serve(CLIP)).tier == "local"
        counters = router.state().counters
        assert counters.retries > 0
        assert counters.sent == 1 + counters.failovers + counters.retries

    play(story, docker=[(1.0, DEAD)], cloud=[(1.0, DEAD)], local=[(1.0, DEAD), (3.0, GOOD)])


def test_a_slow_answer_is_waited_for_where_nothing_else_is_left() -> None:
    """A cold start of 8 s: nobody else can serve, so it gets the time that there is."""

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await asyncio.sleep(1.0)
        assert (await router.serve(CLIP, deadline_s=30.0)).tier == "cloud-run"

    cold = [(0.5, Behaviour(latency_s=8.0))]
    play(story, cloud=cold, policy=Policy(forced="cloud-run"))


class Refusing(FakeTier):
    """Refuses every clip but the known one."""

    async def embed(self, samples: np.typing.NDArray[np.float32]) -> Answer:
        if len(samples) != len(CLIP):
            raise RequestRefused("too_short", "the clip is too short")
        return await super().embed(samples)


def test_a_refused_clip_is_nobodys_fault() -> None:
    """It is not tried elsewhere, and the tier stays."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        for _ in range(3):
            with pytest.raises(RequestRefused):
                await router.embed(CLIP[:100])
        assert router.state().active == "docker"
        assert router.state().counters.sent == 3
        assert tiers["cloud-run"].requests == 1

    play(story, begin_with=Refusing)


def test_cancellation_passes_through_and_counts_for_nothing() -> None:
    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        for _attempt in range(5):
            asking = asyncio.create_task(router.embed(CLIP))
            await asyncio.sleep(0.01)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        assert router.state().active == "docker"
        assert router.state().counters.sent == 5

    play(story)


def test_a_caller_in_a_hurry_says_nothing_about_the_tier() -> None:
    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        for _attempt in range(5):
            with pytest.raises(TierFailed):
                await router.embed(CLIP, deadline_s=0.02)
        assert path_of(router.state().switches) == ["docker"]

    play(story)


@pytest.mark.parametrize("retry_after_s", [5.0, None])
def test_busy_comes_back_by_itself(retry_after_s: float | None) -> None:
    """429 is "busy until", in the tile as in the choice."""
    busy = Behaviour(status=Status.BUSY, cause="rate-exceeded", retry_after_s=retry_after_s, seems_ready=True)

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await traffic(router, 20.5)
        docker = router.state().tiers[0]
        assert (docker.status, docker.state) == (Status.BUSY, "closed")
        await traffic(router, 40.0)
        state = router.state()
        assert state.active == "docker"
        assert state.counters.failed == 0
        assert state.switches[1].cause == "rate-exceeded"

    play(story, docker=[(20.0, busy), (22.0, GOOD)])


def test_an_idle_paid_tier_is_asked_every_quarter_of_an_hour() -> None:
    """While Docker serves, nobody pays for probing Cloud Run."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        probes = 0
        asked = tiers["cloud-run"].probe

        async def counted() -> TierStatus:
            nonlocal probes
            probes += 1
            return await asked()

        tiers["cloud-run"].probe = counted  # type: ignore[method-assign]  # counts
        await traffic(router, 3600.0, per_s=0.5)
        assert probes == 4
        assert tiers["cloud-run"].requests == 1

    play(story)


def test_a_paid_tier_that_is_missed_is_tried_like_any_other() -> None:
    """Cloud Run fails while it serves and only local is left: it comes back within a minute."""

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        await traffic(router, 100.0)
        assert path_of(router.state().switches) == ["cloud-run", "local", "cloud-run"]

    play(story, docker=[(0.0, STOPPED)], cloud=[(10.0, DEAD), (20.0, GOOD)])


def test_phase_two_starts_docker_while_local_serves() -> None:
    """What works is used meanwhile, the switch comes when Docker has proved itself, and what was started is stopped."""
    seen: list[FakeTier] = []

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        seen.append(tiers["docker"])
        assert router.decision.decision.tier == "local"
        assert router.decision.decision.starts == "docker"
        await traffic(router, 40.0)
        assert path_of(router.state().switches) == ["local", "docker"]
        assert tiers["docker"].starts == 1

    play(story, docker=[(0.0, STOPPED)], cloud=[(0.0, DEAD)], policy=Policy(started=("docker",)))
    assert seen[0].stops == 1


def test_docker_is_started_when_the_better_tier_goes_later() -> None:
    """Cloud Run sufficed; when it dies, Docker is started."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        await traffic(router, 9.0)
        assert tiers["docker"].starts == 0
        await traffic(router, 40.0)
        assert path_of(router.state().switches) == ["cloud-run", "local", "docker"]

    play(story, docker=[(0.0, STOPPED)], cloud=[(10.0, DEAD)], policy=Policy(started=("docker",)))


def test_what_was_warmed_up_is_ended_and_what_ran_before_is_not() -> None:
    """Local was loaded for us; Docker's container was somebody else's."""
    seen: dict[str, FakeTier] = {}

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        seen.update(tiers)
        await traffic(router, 2.0)
        assert router.state().tiers[0].how == "scripted"

    play(story, policy=Policy(warm=("docker", "local")))
    assert (seen["docker"].stops, seen["local"].stops) == (0, 1)


def test_a_skipped_tier_is_neither_probed_nor_used() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        tiers["docker"].act(DEAD)
        assert (await router.serve(CLIP)).tier == "local"
        assert [tier.name for tier in router.state().tiers] == ["docker", "local"]
        assert tiers["cloud-run"].requests == 0

    play(story, policy=Policy(skipped=frozenset({"cloud-run"})))


def test_without_leave_nothing_is_started() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        await traffic(router, 60.0)
        assert tiers["docker"].starts == 0

    play(story, docker=[(0.0, STOPPED)])


def test_an_event_of_the_engine_switches_before_any_request_fails() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        await traffic(router, 1.0)
        tiers["docker"].act(STOPPED)
        router.note_event(
            TierStatus("docker", Status.STOPPED, "container-died", "Docker: container died (137)")
        )
        assert router.state().active == "cloud-run"
        waits = await traffic(router, 1.0)
        assert {served.attempts for _, served in waits} == {1}
        assert router.state().switches[-1].reason == "Docker: container died (137)"

    play(story)


def test_nobody_waits_for_a_tier_that_its_engine_says_has_died() -> None:
    """What was sent before hangs until the network notices; the engine knows at once."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        await traffic(router, 1.0)
        tiers["docker"].act(HANGS)
        asking = asyncio.create_task(router.serve(CLIP))
        await asyncio.sleep(0.1)
        died = TierStatus("docker", Status.STOPPED, "container-died", "Docker: container died (137)")
        began_s = now_s()
        router.note_event(died)
        served = await asking
        assert (served.tier, served.attempts) == ("cloud-run", 2)
        assert now_s() - began_s < 0.1
        assert router.state().active == "cloud-run"

    play(story)


class OneAtATime(FakeTier):
    """As a service with one worker: who comes later waits for those before."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.turn = asyncio.Lock()

    async def embed(self, samples: np.typing.NDArray[np.float32]) -> Answer:
        async with self.turn:
            return await super().embed(samples)


def test_a_tier_that_is_busy_but_gets_on_is_not_given_up() -> None:
    """A second try elsewhere would add to the load that makes all tiers of a machine slow."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        await traffic(router, 2.0)
        tiers["docker"].act(Behaviour(latency_s=0.25))
        waits = await traffic(router, 1.5)
        tiers["docker"].act(GOOD)
        waits += await traffic(router, 3.0)
        assert max(wait_s for wait_s, _ in waits) > 1.0
        assert {served.attempts for _, served in waits} == {1}
        assert path_of(router.state().switches) == ["docker"]

    play(story, begin_with=OneAtATime)


def test_all_that_waits_for_a_dead_tier_is_told_why() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        for tier in tiers.values():
            tier.act(HANGS)
        asking = asyncio.create_task(router.serve(CLIP))
        await asyncio.sleep(0.1)
        router.note_event(TierStatus("docker", Status.STOPPED, "container-died", "Docker: container died"))
        with pytest.raises(TierFailed, match="Docker: container died; "):
            await asking

    play(story)


def test_a_tier_of_our_own_that_raises_something_else_costs_no_request() -> None:
    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        async def broken(_: object) -> Answer:
            raise ZeroDivisionError("division by zero")

        tiers["docker"].embed = broken  # type: ignore[method-assign, assignment]  # a fault of the adapter
        assert (await router.serve(CLIP)).tier == "cloud-run"
        await traffic(router, 1.0)
        assert "ZeroDivisionError: division by zero" in router.state().switches[-1].reason

    play(story)


def test_a_half_open_trial_always_ends() -> None:
    """A tier that answers probes but hangs on every clip is tried again and again, and never blocks anything."""

    class Hollow(FakeTier):
        async def embed(self, samples: np.typing.NDArray[np.float32]) -> Answer:
            if self.name == "docker" and now_s() > 1010.0:
                await asyncio.Event().wait()
            return await super().embed(samples)

    async def story(router: Router, _: dict[str, FakeTier]) -> None:
        waits = await traffic(router, 300.0, per_s=2.0)
        assert len(waits) == 600
        assert path_of(router.state().switches) == ["docker", "cloud-run"]

    play(story, begin_with=Hollow)


def test_the_record_is_bounded_and_follows() -> None:
    """Views, changes and latencies; a change wakes whoever waits for it."""

    async def story(router: Router, tiers: dict[str, FakeTier]) -> None:
        waiting = asyncio.create_task(router.changed())
        await traffic(router, 700.0, per_s=2.0)
        docker, cloud, _local = router.state().tiers
        assert docker.answers == 1400
        assert len(docker.latencies_s) == 60
        assert docker.p50_s == pytest.approx(0.05)
        assert docker.p99_s == pytest.approx(0.05)
        assert cloud.p99_s is None
        assert not waiting.done()
        tiers["docker"].act(DEAD)
        await traffic(router, 1.0)
        await waiting
        assert router.state().changes[-1].tier == "docker"

    play(story)
