"""The Docker tier: finding an engine, building our image, running our container, watching and measuring it."""

from __future__ import annotations

from jarvis_bench.tiers.docker.addresses import load_docker_client
from jarvis_bench.tiers.docker.tier import DockerTier

__all__ = ["DockerTier", "load_docker_client"]
