"""The three tiers as the settings describe them."""

from __future__ import annotations

from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.tier import Tier


def configured_tiers(settings: Settings) -> tuple[Tier, ...]:
    """Docker, Cloud Run and local, in the order of the waterfall."""
    return (
        DockerTier(container=settings.container_name, host=settings.docker_host),
        CloudRunTier(url=settings.cloud_run_url, timeout_s=settings.probe_deadline_s),
        LocalTier(ram_floor_bytes=settings.local_ram_floor_bytes),
    )
