"""What Prometheus reads at /metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry a service, so that two in one process do not mix.

    Also has the process's own figures (`process_resident_memory_bytes`, …).
    """

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.answers = Counter(
            "jarvis_requests",
            "Answers by path and HTTP status (499: the client went before it had one).",
            ["path", "status"],
            registry=self._registry,
        )
        self.refusals = Counter(
            "jarvis_refusals", "Refused requests by error code.", ["code"], registry=self._registry
        )
        self.stages = Histogram(
            "jarvis_stage_seconds",
            "Seconds by stage: decode, queue, model.",
            ["stage"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.audio = Counter("jarvis_audio_seconds", "Seconds of audio embedded.", registry=self._registry)
        self.pending = Gauge(
            "jarvis_pending_requests", "Requests that wait or are computed.", registry=self._registry
        )
        self.ready = Gauge("jarvis_ready", "1 when the model has proved itself.", registry=self._registry)

    def render(self) -> bytes:
        """Prometheus's text format 0.0.4."""
        return generate_latest(self._registry)
