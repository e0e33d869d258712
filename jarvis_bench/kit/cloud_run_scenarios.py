"""The document's waterfall below a stopped Docker daemon, with Cloud Run emulated by real instances of our service."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.reproduction.reproduce import reproduce
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED, EmulatorSettings
from jarvis_bench.tiers.known_clip import compute_known_vector

if TYPE_CHECKING:
    from jarvis_bench.tiers.cloud_run.emulator.emulator import Emulated

# The document's version, and this package's own.
VERSIONS = ("v10.6", "current")
WORLD = "docker-stopped"
# Added to a cold start, for what Google does before the container runs; longer than our own probe's deadline.
DELAY_S = 3.0
# Our service holds more once its model is loaded.
TOO_SMALL_MIB = 128
_PUBLIC = dataclasses.replace(DEPLOYED, require_token=False, max_instances=1)


@dataclass(frozen=True, slots=True)
class CloudState:
    """Cloud Run in one state.

    Args:
        name: of the scenario.
        story: what is true in it.
        expected: the tier that the document's flow chart then takes; empty where it does not say.
        emulated: the emulator's settings.
        warm: whether an instance is ready before the start-up asks.
    """

    name: str
    story: str
    expected: str
    emulated: EmulatorSettings
    warm: bool = False


STATES = (
    CloudState("healthy", "an instance is ready", "cloud-run", _PUBLIC, warm=True),
    CloudState(
        "unhealthy",
        f"every instance is ended at its limit of {TOO_SMALL_MIB} MiB",
        "local",
        dataclasses.replace(_PUBLIC, memory_mib=TOO_SMALL_MIB),
    ),
    CloudState(
        "cold",
        f"no instance runs, and a start takes {DELAY_S:g} s longer than our service's own",
        "",
        dataclasses.replace(_PUBLIC, start_delay_s=DELAY_S),
    ),
)


@dataclass(frozen=True, slots=True)
class CloudRunScenario:
    """What one start-up did with Cloud Run in one state.

    Args:
        scenario: the state's name.
        story: what was true.
        version: of the start-up.
        expected: the tier that the document expects; empty where it does not say.
        chosen: the tier that was taken; empty for none.
        reason: as the start-up gave it; begins with "not run" where the scenario could not be made.
        seconds: until it had decided.
        starts: instances that were started because it asked.
        billed_s: instance time that this cost, with the end of what was started.
        how: the instances are real, the front door and the bill are not Google's.
    """

    scenario: str
    story: str
    version: str
    expected: str
    chosen: str
    reason: str
    seconds: float | None
    starts: int | None
    billed_s: float | None
    how: str = "emulated"

    @property
    def as_expected(self) -> bool:
        """Whether it took the tier that the document expects."""
        return self.was_run and self.chosen == self.expected

    @property
    def was_run(self) -> bool:
        """Whether there was a start-up."""
        return not self.reason.startswith("not run")


async def run_cloud_run_scenarios(
    settings: Settings, versions: Sequence[str] = VERSIONS, *, progress: Callable[[str], None] = print
) -> tuple[CloudRunScenario, ...]:
    """Each state with each version: a fresh emulator, then one start-up in a process of its own.

    Instances are processes, so that the scenarios run where no engine is, too.

    Args:
        settings: weights and cache of the instances.
        versions: of the start-up.
        progress: told each scenario before it runs.
    """
    found = []
    with contextlib.suppress(JarvisBenchError):
        await compute_known_vector(settings)
    for state in STATES:
        for version in versions:
            progress(f"Cloud Run {state.name}, {version}")
            try:
                found.append(await _run(settings, state, version))
            except JarvisBenchError as exc:
                found.append(_result(state, version, chosen="", reason=f"not run: {exc}"))
    progress(f"{len(found)} start-ups with an emulated Cloud Run")
    return tuple(found)


async def _run(settings: Settings, state: CloudState, version: str) -> CloudRunScenario:
    async with _emulating(settings, state) as cloud_run:
        before = cloud_run.bill()
        started = await reproduce(version, WORLD, cloud_url=cloud_run.url)
    # Read after the end: ending an instance is billed, too.
    bill = cloud_run.bill()
    return _result(
        state,
        version,
        chosen=started.decision.tier or "",
        reason=started.decision.reason,
        seconds=started.seconds,
        starts=bill.starts - before.starts,
        billed_s=bill.billed_s - before.billed_s,
    )


@contextlib.asynccontextmanager
async def _emulating(settings: Settings, state: CloudState) -> AsyncIterator[Emulated]:
    from jarvis_bench.tiers.cloud_run.emulator.emulator import emulator

    async with emulator(state.emulated, settings=settings) as cloud_run:
        if state.warm:
            tier = CloudRunTier(cloud_run.url, settings=settings)
            try:
                await tier.start()
            finally:
                await tier.aclose()
        yield cloud_run


def _result(
    state: CloudState,
    version: str,
    *,
    chosen: str,
    reason: str,
    seconds: float | None = None,
    starts: int | None = None,
    billed_s: float | None = None,
) -> CloudRunScenario:
    return CloudRunScenario(
        state.name, state.story, version, state.expected, chosen, reason, seconds, starts, billed_s
    )
