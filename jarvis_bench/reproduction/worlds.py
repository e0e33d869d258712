"""The worlds: everything outside that decides a start-up, named and made reproducible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jarvis_bench.errors import unknown_name

GIB = 1024**3


class Engine(StrEnum):
    """The state of Docker in a world."""

    ABSENT = "absent"
    STOPPED = "stopped"
    DENIED = "denied"
    NO_CONTAINER = "no-container"
    READY = "ready"
    UNHEALTHY = "unhealthy"
    STUCK = "stuck"


class Cloud(StrEnum):
    """The state of Cloud Run in a world."""

    NONE = "none"
    READY = "ready"
    COLD = "cold"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class World:
    """One world.

    Args:
        name: as on the command line.
        story: what is true in it, in one sentence.
        engine: Docker's state; None means the machine's own.
        cloud: Cloud Run's state; None means the machine's own.
        ram_bytes: free RAM that start-up sees; None means the machine's own.
        speechbrain: whether the local runtime looks installed; None means as it is.
    """

    name: str
    story: str
    engine: Engine | None
    cloud: Cloud | None = Cloud.NONE
    ram_bytes: int | None = 8 * GIB
    speechbrain: bool | None = True

    @property
    def is_here(self) -> bool:
        """Whether this is the machine as it is."""
        return self.engine is None


WORLDS: tuple[World, ...] = (
    World("here", "this machine as it is; nothing is started", None, None, None, None),
    World("docker-not-installed", "no docker command, no engine", Engine.ABSENT),
    World("docker-stopped", "docker is installed, its daemon is not running", Engine.STOPPED),
    World("docker-permission-denied", "the daemon runs, this user may not open its socket", Engine.DENIED),
    World("docker-no-container", "the daemon runs, our container does not exist", Engine.NO_CONTAINER),
    World("docker-ready", "the daemon runs, our container is healthy", Engine.READY),
    World(
        "docker-unhealthy", "the container runs and answers 200, its model is not loaded", Engine.UNHEALTHY
    ),
    World("docker-hangs", "the daemon answers, but no question about our container returns", Engine.STUCK),
    World("cloud-ready", "no daemon running, Cloud Run is warm", Engine.STOPPED, Cloud.READY),
    World(
        "cloud-cold",
        "no daemon running, Cloud Run holds each first request for 3 s",
        Engine.STOPPED,
        Cloud.COLD,
    ),
    World(
        "all-down",
        "no Docker, Cloud Run refuses, no local runtime",
        Engine.ABSENT,
        Cloud.DOWN,
        speechbrain=False,
    ),
    World("low-ram", "no daemon running, no Cloud Run, 0.5 GiB RAM free", Engine.STOPPED, ram_bytes=GIB // 2),
)


def find_world(name: str) -> World:
    """The world of that name."""
    for world in WORLDS:
        if world.name == name:
            return world
    raise unknown_name("world", name, (world.name for world in WORLDS))
