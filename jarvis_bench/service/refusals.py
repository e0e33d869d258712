"""The documented errors: every code, its HTTP status, the field that it names, and when it is given.

An error's body has upstream's top-level fields, so that JARVIS's client can read it, and ours:

    {"success": false, "error": "sample_rate: 7 Hz is not …", "code": "bad_sample_rate",
     "field": "sample_rate", "retry_after": null, "startup_state": "ready", …identity}

`error` is a string as upstream's is, and starts with the field's name; `code` is for programs. What is
not HTTP at all is answered by the server below us, with 400 in plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from jarvis_bench.errors import RequestRefused


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row: `field` is the field named, `*` where it depends, None where it is no field's fault.

    `retries` says whether the answer carries Retry-After.
    """

    code: str
    status: HTTPStatus
    field: str | None
    when: str
    retries: bool = False


REFUSALS = (
    Refusal("empty_body", HTTPStatus.BAD_REQUEST, "body", "the request has no body"),
    Refusal("invalid_json", HTTPStatus.BAD_REQUEST, "body", "the body is not JSON (RFC 8259)"),
    Refusal("invalid_base64", HTTPStatus.BAD_REQUEST, "audio_data", "the audio is not base64 (RFC 4648 §4)"),
    Refusal("not_found", HTTPStatus.NOT_FOUND, None, "there is no such path"),
    Refusal("method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED, None, "the path has another method"),
    Refusal("body_timeout", HTTPStatus.REQUEST_TIMEOUT, "body", "the body did not arrive in time"),
    Refusal("body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body", "the body is larger than 8 MiB"),
    Refusal("clip_too_long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "audio_data", "a clip longer than 30 s"),
    Refusal(
        "too_many_clips",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "audio_samples",
        "a batch of more than 32 clips",
    ),
    Refusal(
        "batch_too_long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "audio_samples", "a batch of more than 60 s"
    ),
    Refusal(
        "unsupported_media_type",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Content-Type",
        "the body is not said to be JSON",
    ),
    Refusal(
        "unsupported_encoding",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Content-Encoding",
        "the body is compressed",
    ),
    Refusal("missing_field", HTTPStatus.UNPROCESSABLE_ENTITY, "*", "a field that has no default is missing"),
    Refusal(
        "wrong_type", HTTPStatus.UNPROCESSABLE_ENTITY, "*", "a field has another JSON type than it should"
    ),
    Refusal("unknown_format", HTTPStatus.UNPROCESSABLE_ENTITY, "format", "neither `float32` nor `int16`"),
    Refusal("bad_sample_rate", HTTPStatus.UNPROCESSABLE_ENTITY, "sample_rate", "outside 8,000 … 48,000 Hz"),
    Refusal("empty_audio", HTTPStatus.UNPROCESSABLE_ENTITY, "audio_data", "no samples"),
    Refusal("odd_byte_count", HTTPStatus.UNPROCESSABLE_ENTITY, "audio_data", "no whole number of samples"),
    Refusal("clip_too_short", HTTPStatus.UNPROCESSABLE_ENTITY, "audio_data", "a clip shorter than 0.1 s"),
    Refusal("not_finite", HTTPStatus.UNPROCESSABLE_ENTITY, "*", "a sample or number is NaN or infinite"),
    Refusal("empty_batch", HTTPStatus.UNPROCESSABLE_ENTITY, "audio_samples", "a batch without clips"),
    Refusal(
        "bad_reference",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "reference_embedding",
        "not 192 numbers, or all of them zero",
    ),
    Refusal(
        "queue_full",
        HTTPStatus.TOO_MANY_REQUESTS,
        None,
        "as many requests wait as may, or the wait would exceed 3.5 s",
        retries=True,
    ),
    Refusal("model_error", HTTPStatus.INTERNAL_SERVER_ERROR, None, "the runtime failed on a good clip"),
    Refusal(
        "model_loading", HTTPStatus.SERVICE_UNAVAILABLE, None, "the model is not ready yet", retries=True
    ),
    Refusal(
        "model_not_loaded",
        HTTPStatus.SERVICE_UNAVAILABLE,
        None,
        "loading the model failed; prewarm tries again",
        retries=True,
    ),
    Refusal("draining", HTTPStatus.SERVICE_UNAVAILABLE, None, "the service is shutting down", retries=True),
    Refusal("deadline", HTTPStatus.GATEWAY_TIMEOUT, None, "no answer within 7.5 s of the complete body"),
)
BY_CODE = {refusal.code: refusal for refusal in REFUSALS}
RETRY_AFTER_S = 5


def refuse(
    code: str, reason: str, *, field: str | None = None, retry_after_s: int = RETRY_AFTER_S
) -> RequestRefused:
    """The error for a row of the table; `reason` is what makes it true here.

    Args:
        code: of the row.
        reason: in words, without the field's name.
        field: where the row leaves it open, or a place inside the field, such as `audio_samples[3]`.
        retry_after_s: used where the row says so.
    """
    row = BY_CODE[code]
    named = field or (row.field if row.field != "*" else None)
    return RequestRefused(
        code,
        f"{named}: {reason}" if named else reason,
        field=named,
        retry_after_s=retry_after_s if row.retries else None,
    )


def as_markdown() -> str:
    """The table for people."""
    rows = [
        f"| {row.status.value} | `{row.code}` | {_cell(row.field)} | {row.when} | {'yes' if row.retries else ''} |"
        for row in REFUSALS
    ]
    return "\n".join(["| status | code | field | when | Retry-After |", "|---|---|---|---|---|", *rows])


def _cell(field: str | None) -> str:
    return {None: "", "*": "the wrong one"}.get(field, f"`{field}`")
