"""The Cloud Run tier: a service that the user named, what it costs, and an emulator of it."""

from jarvis_bench.tiers.cloud_run.tier import CloudRunTier

__all__ = ["CloudRunTier"]
