"""How the service is, in upstream's words."""

from __future__ import annotations

import datetime
import importlib.metadata

from jarvis_bench.service.answers import HealthAnswer
from jarvis_bench.service.model import StartupState
from jarvis_bench.service.refusals import RETRY_AFTER_S
from jarvis_bench.service.service import Service

STATUS = {
    StartupState.PENDING: "pending",
    StartupState.INITIALIZING: "initializing",
    StartupState.READY: "healthy",
    StartupState.FAILED: "unhealthy",
}


def read_health(service: Service) -> HealthAnswer:
    """The answer of /health as it is now."""
    model, loaded = service.model, service.model.loaded
    return HealthAnswer(
        status="draining" if service.draining else STATUS[model.state],
        ecapa_ready=service.ready,
        startup_state=model.state,
        timestamp=datetime.datetime.now(datetime.UTC).isoformat(),
        version=importlib.metadata.version("jarvis-bench"),
        startup_duration_ms=None if model.startup_s is None else model.startup_s * 1000,
        startup_attempts=model.attempts,
        last_error=model.last_error,
        load_source=loaded.source if loaded else None,
        load_time_ms=loaded.load_s * 1000 if loaded else None,
        runtime=loaded.runtime if loaded else None,
        weights_sha256=loaded.sha256 if loaded else None,
        draining=service.draining,
        pending_requests=service.queue.pending,
        retry_after=None if service.ready else RETRY_AFTER_S,
    )
