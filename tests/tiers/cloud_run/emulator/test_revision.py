"""Scaling, queueing and billing in virtual time; nothing here starts a process or waits."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest

from jarvis_bench.kit.virtual_time import now_s, run_virtually
from jarvis_bench.tiers.cloud_run.emulator.events import Event, Kind
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending
from jarvis_bench.tiers.cloud_run.emulator.meter import Bill
from jarvis_bench.tiers.cloud_run.emulator.revision import NoInstance, QueueFull, Revision
from jarvis_bench.tiers.cloud_run.emulator.settings import MIB, EmulatorSettings, StartupProbe

from .scripted_instance import Script

# Where the virtual clock begins.
BEGIN_S = 1000.0
ONE = EmulatorSettings(concurrency=1, max_instances=1)


class Scene:
    """A revision of scripted instances, and requests that hold a place for a time."""

    def __init__(self, settings: EmulatorSettings, script: Script) -> None:
        self.script = script
        self.events: list[Event] = []
        self.revision = Revision(settings, script.make, self.events.append)

    async def request(self, seconds: float) -> tuple[str, float]:
        """Hold a place; which instance it was on, and when it was had."""
        async with self.revision.lease() as instance:
            had_s = now()
            await asyncio.sleep(seconds)
            return instance.name, had_s

    def kinds(self) -> list[Kind]:
        return [event.kind for event in self.events]


def now() -> float:
    """Virtual seconds since the beginning."""
    return round(now_s() - BEGIN_S, 6)


def count(scene: Scene) -> int:
    """Instances that have not ended."""
    return len(scene.revision.instances)


def play(
    scenario: Callable[[Scene], Awaitable[None]],
    settings: EmulatorSettings = ONE,
    script: Script | None = None,
) -> tuple[Scene, Bill]:
    """Run a scenario; the scene and the bill after everything has ended."""

    async def run() -> tuple[Scene, Bill]:
        scene = Scene(settings, script or Script())
        async with scene.revision:
            await scenario(scene)
        return scene, scene.revision.bill()

    return run_virtually(run())


def test_a_cold_request_waits_for_the_start_and_a_warm_one_does_not() -> None:
    async def scenario(scene: Scene) -> None:
        assert await scene.request(0.5) == ("instance-1", 2.0)
        assert await scene.request(0.5) == ("instance-1", 2.5)

    scene, _ = play(scenario)
    assert scene.revision.starts_s == [2.0]


def test_the_added_delay_is_part_of_a_start() -> None:
    async def scenario(scene: Scene) -> None:
        assert (await scene.request(0.1))[1] == 5.0

    scene, _ = play(scenario, dataclasses.replace(ONE, start_delay_s=3.0))
    assert scene.revision.starts_s == [5.0]


def test_an_http_start_up_probe_gates_by_its_period() -> None:
    """Up after 2.0 s, asked at 0, 0.7, 1.4 and 2.1 s."""
    settings = dataclasses.replace(ONE, startup_probe=StartupProbe("/health", period_s=0.7, failures=10))

    async def scenario(scene: Scene) -> None:
        assert (await scene.request(0.1))[1] == pytest.approx(2.1)

    play(scenario, settings)


def test_an_instance_has_no_more_requests_than_its_concurrency() -> None:
    async def scenario(scene: Scene) -> None:
        got = await asyncio.gather(*(scene.request(1.0) for _ in range(5)))
        assert [had_s for _, had_s in got] == [2.0, 2.0, 3.0, 3.0, 4.0]

    play(scenario, dataclasses.replace(ONE, concurrency=2))


def test_it_scales_out_to_the_maximum_and_no_further() -> None:
    async def scenario(scene: Scene) -> None:
        got = await asyncio.gather(*(scene.request(1.0) for _ in range(5)))
        assert {name for name, _ in got} == {"instance-1", "instance-2", "instance-3"}
        assert [had_s for _, had_s in got] == [2.0, 2.0, 2.0, 3.0, 3.0]

    scene, _ = play(scenario, dataclasses.replace(ONE, max_instances=3))
    assert len(scene.script.made) == 3


def test_requests_go_to_the_fullest_instance_so_that_others_become_idle() -> None:
    settings = dataclasses.replace(ONE, concurrency=2, max_instances=2)

    async def scenario(scene: Scene) -> None:
        await asyncio.gather(*(scene.request(1.0) for _ in range(4)))
        first = asyncio.create_task(scene.request(1.0))
        await asyncio.sleep(0)
        second = asyncio.create_task(scene.request(1.0))
        assert (await first)[0] == (await second)[0]

    play(scenario, settings)


def test_after_ten_seconds_in_the_queue_it_is_429() -> None:
    """The start took 2 s, so 10 s are more than 3.5 times that."""

    async def scenario(scene: Scene) -> None:
        await scene.request(0.1)
        holding = asyncio.create_task(scene.request(30.0))
        await asyncio.sleep(0)
        began_s = now()
        with pytest.raises(QueueFull):
            await scene.request(0.1)
        assert now() - began_s == pytest.approx(10.0)
        await holding

    scene, _ = play(scenario)
    assert scene.revision.patience_s == 10.0
    assert Kind.REFUSED in scene.kinds()


def test_slow_starts_make_the_queue_more_patient() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(0.1)
        assert scene.revision.patience_s == 3.5 * 8.0
        holding = asyncio.create_task(scene.request(27.9))
        await asyncio.sleep(0)
        assert (await scene.request(0.1))[0] == "instance-1"
        await holding

    play(scenario, script=Script(start_s=8.0))


def test_who_waits_for_a_starting_instance_is_not_refused() -> None:
    """A first start of 25 s outlasts the 10 s of the queue; what fits on that instance waits for it."""

    async def scenario(scene: Scene) -> None:
        got = await asyncio.gather(*(scene.request(1.0) for _ in range(3)), return_exceptions=True)
        assert [type(item) for item in got] == [tuple, tuple, QueueFull]
        assert now() == 26.0

    play(scenario, dataclasses.replace(ONE, concurrency=2), Script(start_s=25.0))


def test_the_queue_is_first_come_first_served() -> None:
    async def scenario(scene: Scene) -> None:
        order: list[int] = []

        async def numbered(number: int) -> None:
            await scene.request(0.5)
            order.append(number)

        await asyncio.gather(*(numbered(number) for number in range(6)))
        assert order == sorted(order)

    play(scenario)


def test_a_client_that_leaves_the_queue_takes_no_place() -> None:
    async def scenario(scene: Scene) -> None:
        gone = asyncio.create_task(scene.request(100.0))
        staying = asyncio.create_task(scene.request(0.5))
        await asyncio.sleep(1.0)
        gone.cancel()
        assert (await staying)[1] == 2.0
        # And one that leaves in the very moment in which it gets its place gives it back.
        late = asyncio.create_task(scene.request(100.0))
        holding = asyncio.create_task(scene.request(0.5))
        await asyncio.sleep(0)
        late.cancel()
        await holding
        assert (await scene.request(0.1))[0] == "instance-1"

    _, bill = play(scenario)
    assert bill.starts == 1


def test_it_scales_to_zero_and_is_cold_again() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(0.5)
        await asyncio.sleep(899.0)
        assert count(scene) == 1
        await asyncio.sleep(2.0)
        assert count(scene) == 0
        began_s = now()
        name, had_s = await scene.request(0.5)
        assert name == "instance-2"
        assert had_s - began_s == pytest.approx(2.0)

    play(scenario)


def test_the_minimum_is_kept_and_replaced() -> None:
    settings = dataclasses.replace(ONE, min_instances=1, max_instances=2)

    async def scenario(scene: Scene) -> None:
        await asyncio.sleep(3.0)
        assert (await scene.request(0.5))[1] == 3.0
        await asyncio.sleep(5000.0)
        assert [instance.name for instance in scene.revision.instances] == ["instance-1"]
        scene.script.made[0].gone.set()
        await asyncio.sleep(3.0)
        assert [instance.name for instance in scene.revision.instances] == ["instance-2"]

    scene, _ = play(scenario, settings)
    assert Kind.DIED in scene.kinds()


def test_the_cpu_is_there_during_requests_only() -> None:
    async def scenario(scene: Scene) -> None:
        await asyncio.gather(scene.request(1.0), scene.request(2.0))
        await asyncio.sleep(0.1)
        await scene.request(0.1)
        await asyncio.sleep(0.1)

    scene, _ = play(scenario, dataclasses.replace(ONE, concurrency=2))
    assert scene.script.made[0].log == ["start", "freeze", "thaw", "freeze", "stop"]


def test_with_cpu_always_nothing_is_frozen() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(1.0)

    scene, _ = play(scenario, dataclasses.replace(ONE, cpu_always=True))
    assert scene.script.made[0].log == ["start", "stop"]


def test_too_much_memory_kills_and_the_next_one_starts_anew() -> None:
    async def scenario(scene: Scene) -> None:
        holding = asyncio.create_task(scene.request(5.0))
        await asyncio.sleep(3.0)
        scene.script.made[0].held_bytes = 513 * MIB
        await asyncio.sleep(0.5)
        assert "kill" in scene.script.made[0].log
        assert (await scene.request(0.1))[0] == "instance-2"
        await holding

    scene, _ = play(scenario)
    told = next(event for event in scene.events if event.kind is Kind.OUT_OF_MEMORY)
    assert told.detail == "Memory limit of 512 MiB exceeded with 513 MiB used"
    assert "emulated" in str(told)


def test_an_instance_that_the_kernel_ended_at_its_limit_says_so() -> None:
    """Also where a request found out first that nothing listens any more."""

    async def scenario(scene: Scene) -> None:
        await scene.request(0.1)
        first = scene.script.made[0]
        first.ending = Ending(out_of_memory=True)
        scene.revision.lost(first)
        await asyncio.sleep(0.2)
        first.gone.set()
        assert (await scene.request(0.1))[0] == "instance-2"

    scene, _ = play(scenario)
    told = next(event for event in scene.events if event.kind is Kind.OUT_OF_MEMORY)
    assert told.detail == "Memory limit of 512 MiB exceeded"
    assert Kind.DIED not in scene.kinds()


def test_one_that_does_not_listen_and_does_not_end_is_ended() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(0.1)
        scene.revision.lost(scene.script.made[0])
        assert (await scene.request(0.1)) == ("instance-2", 2.1 + 2.0 + 0.5 + 2.0)

    play(scenario)


def test_the_next_request_does_not_wait_for_a_freeze_that_has_not_begun() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(1.0)
        await scene.request(1.0)
        await asyncio.sleep(0.1)

    scene, _ = play(scenario)
    assert scene.script.made[0].log == ["start", "freeze", "stop"]
    assert scene.revision.thaws_s == []


def test_an_instance_that_cannot_start_fails_its_request_and_is_not_retried_at_once() -> None:
    async def scenario(scene: Scene) -> None:
        for _ in range(3):
            with pytest.raises(NoInstance):
                await scene.request(0.1)
        assert now() == 0.0
        assert len(scene.script.made) == 1
        await asyncio.sleep(1.5)
        with pytest.raises(NoInstance):
            await scene.request(0.1)
        assert len(scene.script.made) == 2
        scene.script.fails = False
        await asyncio.sleep(2.5)
        assert (await scene.request(0.1))[0] == "instance-3"

    play(scenario, script=Script(fails=True))


def test_a_start_up_probe_that_never_passes_fails_the_start() -> None:
    settings = dataclasses.replace(ONE, startup_probe=StartupProbe("/health", period_s=1.0, failures=3))

    async def scenario(scene: Scene) -> None:
        with pytest.raises(NoInstance, match=r"did not pass in 3 x 1 s"):
            await scene.request(0.1)
        assert now() == 3.0

    play(scenario, settings, Script(never_up=True))


def test_one_that_exceeds_its_memory_while_it_starts_never_comes_up() -> None:
    async def scenario(scene: Scene) -> None:
        asking = asyncio.create_task(scene.request(0.1))
        await asyncio.sleep(0.5)
        scene.script.made[0].held_bytes = 513 * MIB
        with pytest.raises(NoInstance, match=r"exceeded its 512 MiB before it was up"):
            await asking
        assert scene.script.made[0].log[:2] == ["start", "kill"]

    scene, _ = play(scenario)
    assert scene.kinds()[:3] == [Kind.STARTING, Kind.OUT_OF_MEMORY, Kind.FAILED]


def test_an_end_during_a_start_leaves_nothing() -> None:
    async def scenario(scene: Scene) -> None:
        task = asyncio.create_task(scene.request(1.0))
        await asyncio.sleep(1.0)
        task.cancel()

    scene, _ = play(scenario)
    assert scene.script.made[0].gone.is_set()
    assert scene.revision.instances == ()


def test_the_bill_is_that_of_a_hand_computed_timeline() -> None:
    """Start 2.0 s + requests 0.0–0.55 and 0.3–1.02 s (shared) = 3.02 → 31 steps; 0.101 s → 2; end 0.5 s → 5."""

    async def scenario(scene: Scene) -> None:
        first = asyncio.create_task(scene.request(0.55))
        await asyncio.sleep(2.3)
        await asyncio.gather(first, scene.request(0.72))
        await asyncio.sleep(10.0)
        await scene.request(0.101)
        await asyncio.sleep(3.0)

    _, bill = play(scenario, dataclasses.replace(ONE, concurrency=2))
    assert (bill.steps, bill.requests, bill.starts) == (31 + 2 + 5, 3, 1)
    assert bill.how == "emulated"
    assert bill.billed_s == pytest.approx(3.8)


def test_a_kept_instance_is_billed_for_waiting() -> None:
    """Start 2.0 s, waiting 10 s, a request of 0.25 s → 3 steps, waiting 5 s, end 0.5 s."""

    async def scenario(scene: Scene) -> None:
        await asyncio.sleep(12.0)
        await scene.request(0.25)
        await asyncio.sleep(5.0)

    _, bill = play(scenario, dataclasses.replace(ONE, min_instances=1))
    assert bill.steps == 20 + 3 + 5
    assert bill.waiting_s == pytest.approx(15.0)


def test_with_cpu_always_the_whole_life_is_billed() -> None:
    async def scenario(scene: Scene) -> None:
        await scene.request(1.0)
        await asyncio.sleep(7.0)

    _, bill = play(scenario, dataclasses.replace(ONE, cpu_always=True))
    assert (bill.steps, bill.waiting_s) == (105, 0.0)
