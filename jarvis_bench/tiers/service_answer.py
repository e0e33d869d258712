"""What an answer of the embedding service means; independent of the client that fetched it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers import http_health
from jarvis_bench.tiers.http_health import Health
from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The clip's own fault: the same clip would be refused everywhere.
REFUSED = frozenset({400, 413, 422})
BY_CODE = http_health.BY_CODE | {
    404: Health(
        Status.MISCONFIGURED, "wrong-service", "has no such path (404): another service answers there"
    ),
    405: Health(
        Status.MISCONFIGURED, "wrong-service", "has another method there (405): another service answers"
    ),
    504: Health(Status.BUSY, "deadline", "did not finish within its own deadline (504)"),
}


def read_answer(code: int, headers: Mapping[str, str], content: bytes, *, tier: str, title: str) -> Answer:
    """Judge one answer of speaker_embedding; a 200 alone proves nothing.

    Raises:
        TierFailed: it is no embedding; the status says what that means for the tier.
        RequestRefused: the service says that the clip is at fault.
    """
    fields = _fields(content)
    if code in REFUSED and isinstance(fields.get("code"), str):
        raise RequestRefused(fields["code"], str(fields.get("error", "")), field=fields.get("field"))
    if code != 200:
        found = http_health.of_code(code, BY_CODE)
        failed = TierStatus(
            tier, found.status, str(fields.get("code", found.cause)), f"{title}: {found.detail}"
        )
        raise TierFailed(failed, retry_after_s=_retry_after_s(headers))
    vector = read_vector(fields.get("embedding"))
    if vector is None:
        reason = f"{title}: answers 200, but not with {EMBEDDING_SIZE} finite numbers"
        raise TierFailed(TierStatus(tier, Status.BROKEN, "bad-answer", reason))
    stages = read_server_timing(headers.get("server-timing", ""))
    index, instance = fields.get("request_index"), fields.get("instance_id")
    return Answer(
        vector,
        model_s=stages.get("model"),
        queue_s=stages.get("queue"),
        decode_s=stages.get("decode"),
        instance_id=instance if isinstance(instance, str) else None,
        request_index=index if isinstance(index, int) else None,
    )


def read_vector(value: object) -> NDArray[np.float32] | None:
    """The embedding in an answer, float32 `[192]`; None where it is none, not finite, or all zero."""
    import numpy as np

    if (
        not isinstance(value, list)
        or len(value) != EMBEDDING_SIZE
        or not set(map(type, value)) <= {int, float}
    ):
        return None
    vector = np.asarray(value, dtype=np.float32)
    return vector if np.isfinite(vector).all() and vector.any() else None


def read_server_timing(header: str) -> dict[str, float]:
    """The durations of a Server-Timing header (W3C) in seconds by name; what is malformed is left out."""
    stages: dict[str, float] = {}
    for metric in header.split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "dur" and (seconds := _number(value)) is not None:
                stages[name] = seconds / 1000
    return stages


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; its other form, a date, is not used by the services that we ask."""
    return _number(headers.get("retry-after", ""))


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().strip('"'))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _fields(content: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
