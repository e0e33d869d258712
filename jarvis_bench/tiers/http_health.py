"""Ask an embedding service over HTTP whether it is ready; shared by the Docker and Cloud Run tiers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.errors import MissingExtra
from jarvis_bench.records import Status

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Health:
    """What a service answered, in the words of a tier's status; `detail` completes a sentence.

    `weights_sha256` is the hash of the weights that the service says it has; None where it does not say.
    """

    status: Status
    cause: str
    detail: str
    weights_sha256: str | None = None


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
BY_CODE = {
    401: Health(Status.MISCONFIGURED, "unauthorised", "wants an ID token (401)"),
    403: Health(Status.MISCONFIGURED, "forbidden", "refuses this caller (403)"),
    404: Health(Status.MISCONFIGURED, "wrong-service", "has no /health (404): another service answers there"),
    429: Health(Status.BUSY, "rate-exceeded", "is at its limit (429)"),
    503: Health(Status.STARTING, "not-ready", "is up but not ready (503)"),
}


def of_code(code: int, known: Mapping[int, Health]) -> Health:
    """What an answer with this HTTP status says of a service; one that is not `known` is a broken service's."""
    return known.get(code, Health(Status.BROKEN, f"http-{code}", f"answers {code}"))


async def ask_health(url: str, *, timeout_s: float, extra: str) -> Health:
    """GET `url`/health and classify the answer; ready means HTTP 200 with `ecapa_ready: true`.

    Args:
        url: root of the service.
        timeout_s: for connecting, and again for the answer, in seconds.
        extra: the optional dependency to name where the HTTP client is not installed.
    """
    # First use imports the client, and https reads the trust store: off the loop, as far as a thread can.
    make_client = await asyncio.to_thread(_client_factory, url, timeout_s, extra)
    import aiohttp
    import httpx

    try:
        async with make_client() as client:
            answer = await client.get(f"{url.rstrip('/')}/health")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return Health(Status.MISCONFIGURED, "bad-url", f"has no usable address ({url!r})")
    except (httpx.HTTPError, aiohttp.ClientError) as exc:
        # Not every error of aiohttp is mapped by the transport; what is no HTTP at all comes through.
        return _read_failure(exc, timeout_s)
    return read_health(answer.status_code, answer.text)


def load_http_client(extra: str = "cloud") -> None:
    """Import the HTTP client and its transport.

    Raises:
        MissingExtra: one of them is not installed.
    """
    try:
        import httpx_aiohttp.transport  # noqa: F401  imported for its cost; it brings httpx and aiohttp
    except ModuleNotFoundError as exc:
        raise MissingExtra("httpx and httpx-aiohttp", extra) from exc


def _client_factory(url: str, timeout_s: float, extra: str) -> Callable[[], httpx.AsyncClient]:
    load_http_client(extra)
    import httpx
    import httpx_aiohttp

    verify = httpx.create_ssl_context() if url.startswith("https:") else False

    def make_client() -> httpx.AsyncClient:
        # A proxy is for the world outside; it would look for a container's port on its own machine.
        proxied = httpx.URL(url).host not in LOOPBACK
        client: httpx.AsyncClient = httpx_aiohttp.HttpxAiohttpClient(
            timeout=timeout_s, verify=verify, trust_env=proxied
        )
        return client

    return make_client


def _read_failure(exc: Exception, timeout_s: float) -> Health:
    import httpx

    # The aiohttp transport reports a refused connection as ConnectTimeout, too; only this one was accepted.
    if isinstance(exc, httpx.ReadTimeout):
        return Health(Status.STARTING, "no-answer", f"accepts, but did not answer within {timeout_s:g} s")
    if isinstance(exc.__cause__, OSError):
        return Health(Status.BROKEN, "unreachable", f"cannot be reached ({exc})")
    return Health(Status.BROKEN, "bad-answer", f"does not speak HTTP properly ({exc})")


def read_health(code: int, body: str) -> Health:
    """Classify one answer of /health; a 200 alone proves nothing."""
    if code != 200:
        return of_code(code, BY_CODE)
    try:
        fields = json.loads(body)
    except ValueError:
        return Health(Status.MISCONFIGURED, "wrong-service", "answers 200, but not with JSON")
    if not isinstance(fields, dict) or "ecapa_ready" not in fields:
        return Health(Status.MISCONFIGURED, "wrong-service", "answers 200 without saying `ecapa_ready`")
    if fields["ecapa_ready"] is not True:
        state = fields.get("startup_state", fields.get("status", "unknown"))
        return Health(
            Status.STARTING, "not-ready", f"answers 200, but its model is not ready (state: {state})"
        )
    sha256 = fields.get("weights_sha256")
    return Health(
        Status.READY,
        "ok",
        "answers and its model is ready",
        sha256 if isinstance(sha256, str) else None,
    )
