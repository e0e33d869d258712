"""The answers: upstream's fields under upstream's names, as frozen records, and how they become HTTP."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from jarvis_bench.errors import RequestRefused
from jarvis_bench.service.identity import Identity
from jarvis_bench.service.model import StartupState
from jarvis_bench.service.refusals import BY_CODE

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

VERIFY_THRESHOLD = 0.85


@dataclasses.dataclass(frozen=True, slots=True)
class Stages:
    """Where a request's time went, in seconds."""

    decode_s: float
    queue_s: float
    model_s: float

    def as_header(self) -> str:
        """The value of Server-Timing (W3C), whose durations are milliseconds."""
        named = {"decode": self.decode_s, "queue": self.queue_s, "model": self.model_s}
        return ", ".join(f"{name};dur={seconds * 1000:.3f}" for name, seconds in named.items())


@dataclasses.dataclass(frozen=True, slots=True)
class EmbeddingAnswer:
    """speaker_embedding: `cached` is always false, for there is no cache."""

    embedding: list[float]
    processing_time_ms: float
    embedding_size: int = 192
    success: bool = True
    cached: bool = False
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class VerifyAnswer:
    """speaker_verify: `similarity` is the cosine, `confidence` (cosine + 1) / 2; verified from 0.85 on."""

    verified: bool
    similarity: float
    confidence: float
    processing_time_ms: float
    threshold: float = VERIFY_THRESHOLD
    success: bool = True
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ItemError:
    """Why one clip of a batch has no embedding."""

    code: str
    field: str | None
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class BatchAnswer:
    """batch_embedding: null in `embeddings` for a failed clip, its reason at the same place in `errors`."""

    embeddings: list[list[float] | None]
    errors: list[ItemError | None]
    processing_time_ms: float
    success: bool = True
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class EmbeddingTest:
    """What prewarm's own embedding looked like."""

    shape: list[int]
    dim: int
    success: bool


@dataclasses.dataclass(frozen=True, slots=True)
class PrewarmAnswer:
    """prewarm: the model is loaded and has just computed an embedding."""

    was_ready: bool
    initialization_time_ms: float
    warmup_time_ms: float
    total_time_ms: float
    load_source: str
    embedding_test: EmbeddingTest
    using_prebaked: bool = False
    success: bool = True
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class HealthAnswer:
    """health and status; `ecapa_ready` only after a real embedding, and not while shutting down."""

    status: str
    ecapa_ready: bool
    startup_state: StartupState
    timestamp: str
    version: str
    startup_duration_ms: float | None
    startup_attempts: int
    last_error: str | None
    load_source: str | None
    load_time_ms: float | None
    runtime: str | None
    weights_sha256: str | None
    draining: bool
    pending_requests: int
    retry_after: int | None
    using_prebaked_cache: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Any refusal."""

    error: str
    code: str
    field: str | None
    retry_after: int | None
    startup_state: StartupState
    success: bool = False


def respond(
    answer: DataclassInstance, identity: Identity, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The answer and the identity fields as one flat JSON object."""
    fields = dataclasses.asdict(answer) | dataclasses.asdict(identity)
    # Escaped, because a request may hold half a surrogate pair, and an error may repeat it.
    content = json.dumps(fields, ensure_ascii=True, allow_nan=False)
    return Response(content, status, headers, media_type="application/json")


def respond_refused(refused: RequestRefused, state: StartupState, identity: Identity) -> Response:
    """The documented error."""
    answer = ErrorAnswer(refused.message, refused.code, refused.field, refused.retry_after_s, state)
    headers = {}
    if refused.retry_after_s is not None:
        headers["Retry-After"] = str(refused.retry_after_s)
    if refused.code == "body_timeout":
        headers["Connection"] = "close"
    return respond(answer, identity, status=BY_CODE[refused.code].status, headers=headers)
