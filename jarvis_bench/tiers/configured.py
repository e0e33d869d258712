"""The three tiers as the settings describe them."""

from __future__ import annotations

import contextlib

from jarvis_bench.errors import MissingExtra
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.docker import DockerTier, load_docker_client
from jarvis_bench.tiers.http_health import load_http_client
from jarvis_bench.tiers.known_clip import find_known_clip
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.service_client import CONNECTIONS
from jarvis_bench.tiers.tier import Probed


def configured_tiers(settings: Settings, *, connections: int = CONNECTIONS) -> tuple[Probed, ...]:
    """Docker, Cloud Run and local, in the order of the waterfall; at most so many connections to each service.

    The clients they need are imported here, before any event loop runs: an import takes tenths of a second
    and holds the loop even from a thread. Where one is not installed, its tier says so when it is probed.
    """
    known = None
    for load_client in (load_docker_client, load_http_client):
        with contextlib.suppress(MissingExtra):
            load_client()
    with contextlib.suppress(MissingExtra):
        known = find_known_clip(settings)
    return (
        DockerTier(settings, known=known, connections=connections),
        CloudRunTier(
            settings.cloud_run_url,
            settings=settings,
            timeout_s=settings.probe_deadline_s,
            known=known,
            connections=connections,
        ),
        LocalTier(settings),
    )
