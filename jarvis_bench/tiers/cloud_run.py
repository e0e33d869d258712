"""The Cloud Run tier: asks a service that the user named; wakes it if it sleeps, so probes are few."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.errors import MissingExtra
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.http_health import ask_health


@dataclass(frozen=True, slots=True)
class CloudRunTier:
    """A service on Google Cloud Run.

    Args:
        url: root URL of the service; empty means that none is configured.
        timeout_s: for one probe, seconds.
    """

    url: str
    timeout_s: float = 2.0
    name: str = "cloud-run"
    title: str = "Cloud Run"
    # A request that is held without an answer is what a cold start looks like from outside.
    when_silent: Status = Status.STARTING

    async def probe(self) -> TierStatus:
        """Ask /health once, without retries."""
        if not self.url:
            reason = "Cloud Run: no service configured (set JARVIS_BENCH_CLOUD_RUN_URL)"
            return TierStatus(self.name, Status.NOT_INSTALLED, "no-url", reason)
        try:
            health = await ask_health(self.url, timeout_s=self.timeout_s, extra="cloud")
        except MissingExtra as exc:
            return TierStatus(self.name, Status.MISCONFIGURED, "missing-extra", f"Cloud Run: {exc}")
        if health.status is Status.READY:
            return TierStatus(self.name, health.status, health.cause, "Cloud Run: Ready (service healthy)")
        return TierStatus(self.name, health.status, health.cause, f"Cloud Run: the service {health.detail}")
