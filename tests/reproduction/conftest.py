"""Each version is run once in each world, however many tests look at the result."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from jarvis_bench.records import Reproduction
from jarvis_bench.reproduction.reproduce import EXHIBITS, reproduce

# In the environment of all that a reproduction starts, so that what it leaves behind can be found.
MARK = "REPRODUCED_BY_TESTS"
REPRODUCED = uuid.uuid4().hex
Reproduced = Callable[[str, str], Awaitable[Reproduction]]


@pytest.fixture(scope="session")
def reproduced() -> Reproduced:
    """What a version did in a world."""
    known: dict[tuple[str, str], Reproduction] = {}

    async def look_up(version: str, world: str) -> Reproduction:
        if (version, world) not in known:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(MARK, REPRODUCED)
                # A cold start is mere waiting, and the exhibits may as well wait together.
                together = EXHIBITS if world == "cloud-cold" and version in EXHIBITS else (version,)
                results = await asyncio.gather(*(reproduce(each, world) for each in together))
            known.update({(result.version, world): result for result in results})
        return known[version, world]

    return look_up
