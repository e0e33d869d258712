"""A client of the embedding service, shared by the tiers that speak HTTP and by the load generator.

httpx's requests, answers and errors over the aiohttp transport, which is asked without httpx's client in between:
redirects, cookies and hooks are of no use here and cost every request some tenth of its time.
Another client means another version of this file and of nothing else.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.connection_failures import Failure, read_failure
from jarvis_bench.tiers.connection_trace import STAMPS, trace_connections
from jarvis_bench.tiers.http_health import LOOPBACK, load_http_client
from jarvis_bench.tiers.prepared_body import PreparedBody, encode_body
from jarvis_bench.tiers.service_answer import read_answer, read_server_timing, read_vector
from jarvis_bench.tiers.stamps import Send, Stamps
from jarvis_bench.tiers.tier import Answer

if TYPE_CHECKING:
    import aiohttp
    import httpx
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "EMBED_PATH",
    "Authorise",
    "ClientLimits",
    "ServiceClient",
    "encode_body",
    "read_answer",
    "read_server_timing",
    "read_vector",
]

EMBED_PATH = "/api/ml/speaker_embedding"
CONNECTIONS = 256
Authorise = Callable[[], Awaitable[Mapping[str, str]]]
Judge = Callable[["httpx.Response"], Failure | None]
OnHead = Callable[[], None]
# aiohttp sends larger bodies in one piece only under protest: it would hold the loop.
PART_BYTES = 1024 * 1024


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
    connections: int = CONNECTIONS
    keepalive_s: float = 30.0


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
        on_head: OnHead | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._tier, self._title = tier, title
        self._limits = limits or ClientLimits()
        self._authorise, self._judge, self._on_head = authorise, judge, on_head
        self._timeouts = {
            "connect": self._limits.connect_s,
            "read": self._limits.read_s,
            "write": self._limits.read_s,
            "pool": self._limits.pool_s,
        }
        self._transport: httpx.AsyncBaseTransport | None = None
        self._opening = asyncio.Lock()
        self._addresses: dict[str, httpx.URL] = {}

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`.

        Raises:
            TierFailed: the service did not give it.
            RequestRefused: the service says that the clip is at fault.
        """
        return await self.embed_body(encode_body(samples))

    async def embed_body(self, body: bytes, stamps: Stamps | None = None) -> Answer:
        """The embedding for a body that `encode_body` has made; raises as `embed` does."""
        answer = await self.request("POST", EMBED_PATH, content=body, stamps=stamps)
        return read_answer(
            answer.status_code, answer.headers, answer.content, tier=self._tier, title=self._title
        )

    def prepare(self, samples: NDArray[np.float32]) -> Send:
        """Encode a clip once; what comes back sends it, marked with a number, and fills in the stamps."""
        body = PreparedBody(encode_body(samples), samples)

        async def send(number: int, stamps: Stamps) -> Answer:
            return await self.embed_body(body.marked(number), stamps)

        return send

    async def request(
        self, method: str, path: str, *, content: bytes | None = None, stamps: Stamps | None = None
    ) -> httpx.Response:
        """One request, answered completely; its status is the caller's to judge.

        Args:
            method: of HTTP.
            path: below the root.
            content: the body, JSON.
            stamps: filled in on the way.

        Raises:
            TierFailed: there was no complete answer.
        """
        if self._transport is None:
            await asyncio.to_thread(load_http_client)
        import aiohttp
        import httpx

        headers = {"Content-Type": "application/json"} if content is not None else {}
        if (size := len(content or b"")) > PART_BYTES:
            headers["Content-Length"] = str(size)
        if self._authorise is not None:
            headers |= await self._authorise()
        try:
            transport = await self._open()
            request = httpx.Request(
                method,
                self._address(path),
                headers=headers,
                content=content if size <= PART_BYTES else _parts(content or b""),
                extensions={"timeout": self._timeouts},
            )
            answer = await _send(transport, request, stamps or Stamps(), size, self._on_head)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as exc:
            raise self._failed(
                Status.MISCONFIGURED, "bad-url", f"has no usable address ({self.url!r})"
            ) from exc
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as exc:
            failure = read_failure(exc, read_s=self._limits.read_s)
            raise self._failed(failure.status, failure.cause, failure.detail) from exc
        if self._judge is not None and (foreign := self._judge(answer)) is not None:
            raise self._failed(foreign.status, foreign.cause, foreign.detail)
        return answer

    async def aclose(self) -> None:
        """Close all connections; the next request opens new ones."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    def _address(self, path: str) -> httpx.URL:
        import httpx

        if path not in self._addresses:
            self._addresses[path] = httpx.URL(f"{self.url}{path}")
        return self._addresses[path]

    async def _open(self) -> httpx.AsyncBaseTransport:
        if self._transport is not None:
            return self._transport
        async with self._opening:
            if self._transport is None:
                self._transport = await asyncio.to_thread(self._make)
            return self._transport

    def _make(self) -> httpx.AsyncBaseTransport:
        load_http_client()
        import httpx
        import httpx_aiohttp

        verify = httpx.create_ssl_context() if self.url.startswith("https:") else False
        made: httpx.AsyncBaseTransport = httpx_aiohttp.AiohttpTransport(
            verify=verify, proxy=_proxy_of(self.url), client=lambda: _session(self._limits, verify)
        )
        return made

    def _failed(self, status: Status, cause: str, detail: str) -> TierFailed:
        return TierFailed(TierStatus(self._tier, status, cause, f"{self._title}: {detail}"))


async def _parts(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PART_BYTES):
        yield body[start : start + PART_BYTES]


async def _send(
    transport: httpx.AsyncBaseTransport,
    request: httpx.Request,
    stamps: Stamps,
    sent_bytes: int,
    on_head: OnHead | None,
) -> httpx.Response:
    """Send, and stamp what passes; the answer is read before it is judged, so that judging is not measured."""
    token = STAMPS.set(stamps)
    stamps.sent_bytes, stamps.sent_ns = sent_bytes, time.perf_counter_ns()
    try:
        answer = await transport.handle_async_request(request)
        stamps.first_byte_ns, stamps.http_status = time.perf_counter_ns(), answer.status_code
        if on_head is not None:
            on_head()
        try:
            content = await answer.aread()
        except BaseException:
            # Half an answer that nobody will read keeps its connection until somebody closes it.
            await answer.aclose()
            raise
        stamps.last_byte_ns, stamps.received_bytes = time.perf_counter_ns(), len(content)
        return answer
    finally:
        STAMPS.reset(token)


def _proxy_of(url: str) -> httpx.Proxy | None:
    import httpx

    parsed, proxies = httpx.URL(url), urllib.request.getproxies()
    found = proxies.get(parsed.scheme) or proxies.get("all")
    if not found or parsed.host in LOOPBACK or urllib.request.proxy_bypass(parsed.host):
        return None
    return httpx.Proxy(found if "://" in found else f"http://{found}")


def _session(limits: ClientLimits, verify: Any) -> aiohttp.ClientSession:
    """Connections that tell the stamps of the request they serve what they did."""
    import aiohttp

    connector = aiohttp.TCPConnector(
        limit=limits.connections, keepalive_timeout=limits.keepalive_s, ssl=verify or True
    )
    return aiohttp.ClientSession(
        connector=connector, trace_configs=[trace_connections()], cookie_jar=aiohttp.DummyCookieJar()
    )
