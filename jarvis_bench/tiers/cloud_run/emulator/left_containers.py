"""A process beside the emulator that removes its containers where the emulator itself was killed.

    python -m …left_containers MARK DOCKER_HOST

It waits for its standard input to end. A line before that says that nothing is left; an end without one, that the
emulator was killed. An engine makes a container to the end even where nobody waits for it, so it looks several times.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

from jarvis_bench.errors import TierFailed
from jarvis_bench.tiers.cloud_run.emulator.container_instance import EMULATOR_LABEL
from jarvis_bench.tiers.docker.addresses import load_docker_client
from jarvis_bench.tiers.docker.engine import CHANGE_TIMEOUT_S, Engine

LOOKS, BETWEEN_LOOKS_S = 4, 1.0


async def remove_left(mark: str, docker_host: str) -> None:
    """Remove every container that carries the mark."""
    engine = Engine(docker_host)
    for _ in range(LOOKS):
        with contextlib.suppress(TierFailed):
            await engine.ask(lambda client, _: _remove(client, mark), timeout_s=CHANGE_TIMEOUT_S)
        await asyncio.sleep(BETWEEN_LOOKS_S)


def _remove(client: Any, mark: str) -> None:
    for found in client.containers(all=True, filters={"label": f"{EMULATOR_LABEL}={mark}"}):
        with contextlib.suppress(load_docker_client().errors.APIError):
            client.remove_container(found["Id"], force=True, v=True)


def main() -> None:
    """Wait, and remove what is left where the emulator did not say goodbye."""
    _, mark, docker_host = sys.argv
    if not sys.stdin.readline():
        asyncio.run(remove_left(mark, docker_host))


if __name__ == "__main__":
    main()
