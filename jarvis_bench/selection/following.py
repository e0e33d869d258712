"""Run a router over the configured tiers until told to stop, and tell what it does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, cast

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import UsageError
from jarvis_bench.selection.engine_events import follow_engine
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.router_state import CostFigure, RouterState, Switch, TierView
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.cost import usd_per_1000_warm
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED
from jarvis_bench.tiers.cloud_run.prices import load_prices
from jarvis_bench.tiers.docker.tier import DockerTier
from jarvis_bench.tiers.tier import Probed, Tier

TRIAL_S = 1.0


@contextlib.asynccontextmanager
async def open_router(
    tiers: Sequence[Probed], settings: Settings, policy: Policy | None = None
) -> AsyncIterator[Router]:
    """A router over these tiers; they are closed with it.

    Args:
        tiers: as `configured_tiers` makes them, before the loop ran.
        settings: where the clip for trials is, and how long a probe may take.
        policy: what the user wants of the choice.
    """
    clip = await asyncio.to_thread(find_trial_clip, settings)
    # What can only be probed is watched like the others; nobody sends it a clip.
    embedding = cast("Sequence[Tier]", tiers)
    try:
        async with (
            Router(embedding, policy=policy, trial_clip=clip, deadline_s=settings.probe_deadline_s) as router,
            _following_engines(router, tiers),
        ):
            yield router
    finally:
        for tier in tiers:
            close = getattr(tier, "aclose", None)
            if close is not None:
                await close()


@contextlib.asynccontextmanager
async def _following_engines(router: Router, tiers: Sequence[Probed]) -> AsyncIterator[None]:
    followers = [
        asyncio.create_task(follow_engine(router, tier.settings.docker_host, tier.options.name))
        for tier in tiers
        if isinstance(tier, DockerTier)
    ]
    try:
        yield
    finally:
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)


def find_trial_clip(settings: Settings) -> TrialClip | None:
    """A clip of 1 s of `data/clips`; None where they or numpy are not there, and probes are believed then."""
    try:
        return TrialClip(load_clips(settings.data_dir, [TRIAL_S])[0].samples)
    except UsageError:
        return None


def find_price(settings: Settings) -> Callable[[float], CostFigure] | None:
    """What Cloud Run costs by the price table; None where there is none."""
    try:
        prices = load_prices(settings.data_dir)
    except UsageError:
        return None
    shape = DEPLOYED.shape

    def price(latency_s: float) -> CostFigure:
        basis = f"{shape.vcpu:g} vCPU, {shape.gib:g} GiB, request-based, warm, one at a time; {prices.note}"
        return CostFigure(usd_per_1000_warm(prices, shape, latency_s), basis)

    return price


async def follow(
    router: Router, stop: asyncio.Event, tell: Callable[[str], None], *, duration_s: float | None = None
) -> RouterState:
    """Tell the tiers' states and every switch in words, until `stop` is set or `duration_s` seconds are over."""
    for tier in router.state().tiers:
        tell(describe_tier(tier))
    told = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(duration_s):
            while not stop.is_set():
                switches = router.state().switches
                for switch in switches[told:]:
                    tell(describe_switch(switch))
                told = len(switches)
                await _first(router.changed(), stop.wait())
    return router.state()


def describe_tier(tier: TierView) -> str:
    """One line: the status, and why."""
    return f"{_clock(tier.since_s)}  {tier.name:<10} {tier.status.value:<14} {tier.reason}"


def describe_switch(switch: Switch) -> str:
    """One line: from where to where, and why."""
    way = f"{switch.left or '-'} → {switch.taken or 'no tier'}"
    return f"{_clock(switch.at_s)}  {way} ({switch.cause}): {switch.reason}"


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _clock(at_s: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at_s))
