"""Following a router over the configured tiers, in words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jarvis_bench.selection.following import (
    describe_switch,
    find_price,
    find_trial_clip,
    follow,
    open_router,
)
from jarvis_bench.selection.router_state import Switch
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.fake import DEAD, FakeTier


async def test_every_tier_and_switch_is_told_until_told_to_stop() -> None:
    docker, local = FakeTier("docker"), FakeTier("local")
    told: list[str] = []
    stop = asyncio.Event()
    async with open_router([docker, local], Settings()) as router:
        following = asyncio.create_task(follow(router, stop, told.append))
        while len(told) < 3:
            await asyncio.sleep(0.01)
        docker.act(DEAD)
        clip = find_trial_clip(Settings())
        assert clip is not None
        await router.embed(clip.samples)
        stop.set()
        state = await following
    assert state.active == "local"
    assert [line.split()[1] for line in told[:2]] == ["docker", "local"]
    assert "- → docker (start)" in told[2]


async def test_a_duration_ends_it() -> None:
    async with open_router([FakeTier("local")], Settings()) as router:
        state = await follow(router, asyncio.Event(), lambda _: None, duration_s=0.05)
    assert state.active == "local"


def test_without_clips_probes_are_believed(tmp_path: Path) -> None:
    assert find_trial_clip(Settings(home=tmp_path)) is None


def test_the_price_is_modelled_and_says_of_what() -> None:
    price = find_price(Settings())
    assert price is not None
    figure = price(0.138)
    assert figure.how == "modelled"
    assert "modelled with the prices of" in figure.basis
    assert price(0.25).usd_per_1000 > figure.usd_per_1000 == pytest.approx(price(0.2).usd_per_1000)


def test_there_is_no_price_without_a_table(tmp_path: Path) -> None:
    assert find_price(Settings(home=tmp_path)) is None


def test_a_switch_to_nothing_says_so() -> None:
    assert "docker → no tier (unreachable): gone" in describe_switch(
        Switch(0.0, "docker", None, "unreachable", "gone")
    )


def test_a_router_left_early_leaves_no_task() -> None:
    async def main() -> set[asyncio.Task[object]]:
        clock = asyncio.get_running_loop().time
        async with open_router([FakeTier("local", clock=clock)], Settings(home=Path("/nonexistent"))):
            pass
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(main()) == set()
