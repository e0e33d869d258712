"""The settings reach the tiers."""

from __future__ import annotations

from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run import CloudRunTier
from jarvis_bench.tiers.configured import configured_tiers
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.local import LocalTier


def test_three_tiers_in_the_order_of_the_waterfall() -> None:
    """Docker, Cloud Run, local."""
    assert [tier.name for tier in configured_tiers(Settings())] == ["docker", "cloud-run", "local"]


def test_settings_reach_the_tiers() -> None:
    """Each setting about a tier is that tier's."""
    settings = Settings(
        container_name="mine",
        docker_host="unix:///run/mine.sock",
        cloud_run_url="https://mine.example",
        probe_deadline_s=1.25,
        local_ram_floor_bytes=7,
    )
    docker, cloud_run, local = configured_tiers(settings)
    assert isinstance(docker, DockerTier)
    assert docker.settings is settings
    assert docker.options.name == "mine"
    assert isinstance(cloud_run, CloudRunTier)
    assert cloud_run.settings is settings
    assert cloud_run.url == "https://mine.example"
    assert isinstance(local, LocalTier)
    assert local.settings is settings
