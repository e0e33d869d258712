"""A client of the embedding service, shared by the tiers that speak HTTP and by the load generator.

The httpx API over the aiohttp transport: one core sends some 3,500 requests a second this way, and 650
over httpx's own transport. Another client means another version of this file and of nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE
from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.connection_failures import Failure, read_failure
from jarvis_bench.tiers.http_health import LOOPBACK, load_http_client
from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray

EMBED_PATH = "/api/ml/speaker_embedding"
Authorise = Callable[[], Awaitable[Mapping[str, str]]]
Judge = Callable[["httpx.Response"], Failure | None]
# The clip's own fault: the same clip would be refused everywhere.
REFUSED = frozenset({400, 413, 422})
BY_CODE = {
    401: (Status.MISCONFIGURED, "unauthorised", "wants an ID token (401)"),
    403: (Status.MISCONFIGURED, "forbidden", "refuses this caller (403)"),
    404: (Status.MISCONFIGURED, "wrong-service", "has no such path (404): another service answers there"),
    405: (Status.MISCONFIGURED, "wrong-service", "has another method there (405): another service answers"),
    429: (Status.BUSY, "rate-exceeded", "is at its limit (429)"),
    503: (Status.STARTING, "not-ready", "is up but not ready (503)"),
    504: (Status.BUSY, "deadline", "did not finish within its own deadline (504)"),
}


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Explicit limits of one client; they are recorded with every measurement.

    Args:
        connect_s: for opening a connection, in seconds.
        read_s: between two parts of an answer, in seconds; the caller's own deadline covers the whole.
        pool_s: for a free connection, in seconds.
        connections: at most so many at once.
        keepalive_s: how long an idle connection is kept, in seconds.
    """

    connect_s: float = 2.0
    read_s: float = 30.0
    pool_s: float = 30.0
    connections: int = 256
    keepalive_s: float = 30.0


def encode_body(samples: NDArray[np.float32]) -> bytes:
    """A clip as a request's body: upstream's JSON with base64 int16, 128 kB for 3 s.

    Args:
        samples: mono 16 kHz, float32 `[n]`; what lies outside [-1, 1] is clipped.
    """
    import numpy as np

    pcm = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2")
    audio = base64.b64encode(pcm.tobytes()).decode("ascii")
    return json.dumps({"audio_data": audio, "sample_rate": SAMPLE_RATE_HZ, "format": "int16"}).encode()


class ServiceClient:
    """Connections to one service; made on first use, closed by `aclose`.

    Args:
        url: root of the service.
        tier: name of the tier, for the statuses in errors.
        title: the tier's name in a sentence.
        limits: time-outs and number of connections.
        authorise: gives the headers that prove who asks; called for every request, so it should cache.
        judge: says of an answer that another than the service gave (a front end, a login page) what it means;
            None for the service's own.
        on_head: called when the head of an answer has arrived, before its body.
    """

    def __init__(
        self,
        url: str,
        *,
        tier: str,
        title: str,
        limits: ClientLimits | None = None,
        authorise: Authorise | None = None,
        judge: Judge | None = None,
        on_head: Callable[[], None] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._tier, self._title = tier, title
        self._limits = limits or ClientLimits()
        self._authorise, self._judge, self._on_head = authorise, judge, on_head
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`.

        Raises:
            TierFailed: the service did not give it.
            RequestRefused: the service says that the clip is at fault.
        """
        return await self.embed_body(encode_body(samples))

    async def embed_body(self, body: bytes) -> Answer:
        """The embedding for a body that `encode_body` has made; raises as `embed` does."""
        answer = await self.request("POST", EMBED_PATH, content=body)
        return read_answer(
            answer.status_code, answer.headers, answer.content, tier=self._tier, title=self._title
        )

    async def request(self, method: str, path: str, *, content: bytes | None = None) -> httpx.Response:
        """One request, answered completely; its status is the caller's to judge.

        Raises:
            TierFailed: there was no complete answer.
        """
        client = await self._open()
        import aiohttp
        import httpx

        headers = {"Content-Type": "application/json"} if content is not None else {}
        if self._authorise is not None:
            headers |= await self._authorise()
        try:
            answer = await client.request(method, f"{self.url}{path}", content=content, headers=headers)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as exc:
            raise self._failed(Status.MISCONFIGURED, "bad-url", f"no usable address ({self.url!r})") from exc
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as exc:
            failure = read_failure(exc, read_s=self._limits.read_s)
            raise self._failed(failure.status, failure.cause, failure.detail) from exc
        foreign = self._judge(answer) if self._judge is not None else None
        if foreign is not None:
            retry_after_s = _retry_after_s(answer.headers)
            failed = TierStatus(self._tier, foreign.status, foreign.cause, f"{self._title}: {foreign.detail}")
            raise TierFailed(failed, retry_after_s=retry_after_s)
        return answer

    async def aclose(self) -> None:
        """Close all connections; the next request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _open(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make)
            return self._client

    def _make(self) -> httpx.AsyncClient:
        load_http_client()
        import httpx
        import httpx_aiohttp

        verify = httpx.create_ssl_context() if self.url.startswith("https:") else False
        limits = self._limits
        client: httpx.AsyncClient = httpx_aiohttp.HttpxAiohttpClient(
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s, pool=limits.pool_s),
            limits=httpx.Limits(
                max_connections=limits.connections,
                max_keepalive_connections=limits.connections,
                keepalive_expiry=limits.keepalive_s,
            ),
            verify=verify,
            trust_env=httpx.URL(self.url).host not in LOOPBACK,
            event_hooks={"response": [self._note_head]},
        )
        return client

    async def _note_head(self, _: httpx.Response) -> None:
        if self._on_head is not None:
            self._on_head()

    def _failed(self, status: Status, cause: str, detail: str) -> TierFailed:
        return TierFailed(TierStatus(self._tier, status, cause, f"{self._title}: {detail}"))


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
        status, cause, detail = BY_CODE.get(code, (Status.BROKEN, f"http-{code}", f"answers {code}"))
        failed = TierStatus(tier, status, str(fields.get("code", cause)), f"{title}: {detail}")
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

    if not isinstance(value, list) or len(value) != EMBEDDING_SIZE:
        return None
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
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
