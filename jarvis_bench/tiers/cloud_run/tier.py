"""The Cloud Run tier: asks a service that the user named; wakes it if it sleeps, so probes are few and counted."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jarvis_bench.errors import MissingExtra, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.credentials import token_fetch
from jarvis_bench.tiers.cloud_run.front_end_answers import Sent, judge
from jarvis_bench.tiers.cloud_run.id_tokens import IdToken, IdTokens
from jarvis_bench.tiers.cloud_run.probe_meter import ProbeMeter
from jarvis_bench.tiers.connection_failures import Failure
from jarvis_bench.tiers.http_health import Health, load_http_client
from jarvis_bench.tiers.known_clip import KnownClip, ask_ready, find_known_clip
from jarvis_bench.tiers.self_report import read_self_report
from jarvis_bench.tiers.service_client import CONNECTIONS, ClientLimits, ServiceClient
from jarvis_bench.tiers.stamps import Send, Stamps
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import httpx
    import numpy as np
    from numpy.typing import NDArray

EMULATED_HEADER = "x-jarvis-bench-emulated"
MEMORY_S = 5.0
AGAIN_S = 1.0
# Nobody was asked, so nothing was woken, and nothing is owed.
UNREACHED = frozenset(
    {"bad-url", "unknown-host", "dns-failure", "untrusted-certificate", "tls-failure", "unreachable"}
)
# States that pass by themselves; every other one needs somebody to change something.
PASSING = frozenset({Status.STARTING, Status.BUSY})


class CloudRunTier:
    """A service on Google Cloud Run.

    Args:
        url: root URL of the service; empty means that none is configured.
        settings: audience and source of the ID tokens.
        timeout_s: for one probe, seconds; the wait for a token is part of it.
        request_s: for one embedding, seconds, a cold start included (Cloud Run's own default is 300).
        start_s: for waking the service, seconds.
        known: the clip that proves readiness; default the settings' one.
        tokens: instead of those that the settings describe.
        connections: of the client that asks for embeddings, at most so many.
    """

    name = "cloud-run"
    title = "Cloud Run"
    # A request that is held without an answer is what a cold start looks like from outside.
    when_silent = Status.STARTING

    def __init__(
        self,
        url: str,
        *,
        settings: Settings | None = None,
        timeout_s: float = 2.0,
        request_s: float = 300.0,
        start_s: float = 300.0,
        known: KnownClip | None = None,
        tokens: IdTokens | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self.settings = settings = settings or Settings()
        self.url = url.rstrip("/")
        self.meter = ProbeMeter()
        self.emulated = False
        self.limits = ClientLimits(read_s=request_s, connections=connections)
        self._timeout_s, self._request_s, self._start_s = timeout_s, request_s, start_s
        self._known = known
        self._audience = settings.cloud_run_audience or self.url
        self._tokens = tokens or IdTokens(
            token_fetch(url, audience=settings.cloud_run_audience, source=settings.cloud_run_auth)
        )
        self._sent = Sent(self._audience, token=False, origin="none was asked for")
        self._client = self._connect(read_s=request_s)

    @property
    def how(self) -> str:
        """What figures of this tier are: `measured`, or `emulated` once the emulator has answered."""
        return "emulated" if self.emulated else "measured"

    async def probe(self) -> TierStatus:
        """Ask /health once, then for the known clip's embedding, without retries; counted in `meter`."""
        if not self.url:
            reason = "no service configured (set JARVIS_BENCH_CLOUD_RUN_URL)"
            return self._status(Status.NOT_INSTALLED, "no-url", reason)
        try:
            load_http_client()
            health = await self._ask(await asyncio.to_thread(self._known_clip))
        except MissingExtra as exc:
            return self._status(Status.MISCONFIGURED, "missing-extra", str(exc))
        if health.status is Status.READY:
            label = ", emulated" if self.emulated else ""
            return self._status(health.status, health.cause, f"Ready (service healthy{label})")
        return self._status(health.status, health.cause, f"the service {health.detail}")

    async def start(self) -> None:
        """Wake the service: ask until it is ready.

        Raises:
            TierFailed: it is not ready after `start_s`, or something has to be put right first.
        """
        loop = asyncio.get_running_loop()
        end_s = loop.time() + self._start_s
        while (status := await self.probe()).status is not Status.READY:
            if status.status not in PASSING or loop.time() >= end_s:
                raise TierFailed(status)
            await asyncio.sleep(AGAIN_S)

    async def stop(self) -> None:
        """Nothing: Cloud Run ends idle instances itself, and nothing of it runs here."""

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`; the first one after a while pays for a cold start.

        Raises:
            TierFailed: it did not come within `request_s`, or not at all; the cause says why.
            RequestRefused: the clip is at fault.
        """
        return await self._within_limit(lambda: self._client.embed(samples))

    def prepare(self, samples: NDArray[np.float32]) -> Send:
        """Encode the clip once; each request then differs in one mark, and raises as `embed` does."""
        prepared = self._client.prepare(samples)

        async def send(number: int, stamps: Stamps) -> Answer:
            return await self._within_limit(lambda: prepared(number, stamps))

        return send

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What an instance says it holds; asking wakes one, so it counts as a probe."""
        if not self.url:
            return ()
        started_s = time.perf_counter()
        self.meter.asked()
        try:
            async with asyncio.timeout(MEMORY_S):
                answer = await self._client.request("GET", "/metrics")
        except (TierFailed, TimeoutError):
            return ()
        finally:
            self.meter.ended(time.perf_counter() - started_s, silent=False)
        how = "emulated" if self.emulated else "self-reported"
        return read_self_report(answer.text, how=how) if answer.status_code == 200 else ()

    async def aclose(self) -> None:
        """Close connections, and end the fetch of a token."""
        await self._client.aclose()
        await self._tokens.aclose()

    async def _within_limit(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        if not self.url:
            raise TierFailed(await self.probe())
        try:
            async with asyncio.timeout(self._request_s):
                return await ask()
        except TimeoutError as exc:
            reason = f"no complete answer within {self._request_s:g} s"
            raise TierFailed(self._status(Status.BROKEN, "timeout", reason)) from exc

    def _known_clip(self) -> KnownClip:
        if self._known is None:
            self._known = find_known_clip(self.settings)
        return self._known

    async def _ask(self, known: KnownClip) -> Health:
        """One probe on connections of its own, so that who only probes has nothing to close."""
        watch = _Watch(time.time())
        client = self._connect(read_s=self._timeout_s, watch=watch)
        started_s = time.perf_counter()
        cause = ""
        try:
            health = await ask_ready(client, known, timeout_s=self._timeout_s, when_silent=self.when_silent)
            cause = health.cause
        finally:
            await client.aclose()
            if watch.sent and cause not in UNREACHED:
                self.meter.asked(watch.sent)
                self.meter.ended(time.perf_counter() - started_s, silent=not watch.heads)
        if health.cause != "no-answer":
            return health
        if not watch.sent:
            detail = "was not asked: its ID token has not arrived yet; the next probe finds it"
            return Health(Status.STARTING, "token-pending", detail)
        if watch.heads:
            detail = f"began an answer, but did not end it within {self._timeout_s:g} s"
            return Health(Status.BROKEN, "slow-answer", detail)
        return health

    def _connect(self, *, read_s: float, watch: _Watch | None = None) -> ServiceClient:
        async def authorise() -> Mapping[str, str]:
            headers = await self._authorise()
            if watch is not None:
                watch.sent += 1
            return headers

        def judge_answer(answer: httpx.Response) -> Failure | None:
            self.emulated = EMULATED_HEADER in answer.headers
            if answer.status_code == 401:
                self._tokens.forget()
            foreign = judge(answer, self._sent)
            if foreign is None and watch is not None and answer.url.path == "/health":
                self.meter.answered(_fields(answer), watch.sent_unix_s)
            return foreign

        return ServiceClient(
            self.url,
            tier=self.name,
            title=self.title,
            limits=dataclasses.replace(self.limits, read_s=read_s),
            authorise=authorise,
            judge=judge_answer,
            on_head=watch.note_head if watch is not None else None,
        )

    async def _authorise(self) -> Mapping[str, str]:
        token = await self._tokens.get()
        if isinstance(token, IdToken):
            self._sent = Sent(self._audience, token=True, origin=token.origin)
            return {"Authorization": f"Bearer {token.value}"}
        self._sent = Sent(self._audience, token=False, origin=token.why)
        return {}

    def _status(self, status: Status, cause: str, detail: str) -> TierStatus:
        return TierStatus(self.name, status, cause, f"{self.title}: {detail}")


@dataclass(slots=True)
class _Watch:
    """What became of one probe: how many requests were sent, and how many answers began."""

    sent_unix_s: float
    sent: int = 0
    heads: int = 0

    def note_head(self) -> None:
        self.heads += 1


def _fields(answer: httpx.Response) -> dict[str, Any]:
    try:
        fields = answer.json()
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
