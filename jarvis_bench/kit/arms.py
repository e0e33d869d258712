"""One arm of a comparison: what `versus` is given in one word, and how it is asked for embeddings.

    local  local:onnx              this machine, with a runtime
    runtime=onnx,threads=2         the same, by settings; also weights=…, commit=… and slowdown=…
    http://host:8080               a service that runs already
    v1.2.0  HEAD~1  @main          a commit of this repository, checked out beside it

`slowdown=0.1` lengthens every request of the arm by 10 %: it shows whether a verdict finds what is known to be there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.ecapa.clips import Clip
from jarvis_bench.ecapa.encoder import RUNTIMES
from jarvis_bench.ecapa.exported import GRAPH_RUNTIMES
from jarvis_bench.ecapa.weights import Weights, find_weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import NothingMeasured, TierFailed, UsageError, unknown_name
from jarvis_bench.settings import PREFIX, Settings
from jarvis_bench.tiers.service_client import ServiceClient

Embed = Callable[[Clip], Awaitable[float | None]]
KEYS = ("runtime", "threads", "weights", "commit", "slowdown")
MOST_THREADS = 256


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison; `text` is what was asked for, `slowdown` a share of each request's own time.

    `url` is empty for the local tier; `commit` is empty for the code as it is here.
    """

    text: str
    runtime: str
    threads: int
    weights: str
    url: str = ""
    commit: str = ""
    slowdown: float = 0.0


def parse_arm(text: str, settings: Settings) -> Arm:
    """The arm that a word describes.

    Raises:
        UsageError: an unknown tier, runtime or key, or a value that cannot be.
    """
    arm = Arm(text, settings.runtime, 1, settings.weights)
    if text.startswith(("http://", "https://")):
        url, _, rest = text.partition(",")
        return _with_settings(replace(arm, url=url), rest, frozenset({"slowdown"}))
    head, _, rest = text.partition(",")
    if "=" in head:
        head, rest = "", text
    tier, colon, runtime = head.partition(":")
    if tier in {"docker", "cloud-run"}:
        raise UsageError(f"{text!r}: name that service by its URL, such as http://127.0.0.1:8080")
    if tier == "local":
        arm = replace(arm, runtime=_runtime(runtime)) if colon else arm
    elif head:
        arm = replace(arm, commit=head.removeprefix("@"))
    return _with_settings(arm, rest, frozenset(KEYS))


def _with_settings(arm: Arm, pairs: str, keys: frozenset[str]) -> Arm:
    for pair in filter(None, pairs.split(",")):
        key, equals, value = pair.partition("=")
        if not equals or not value:
            raise UsageError(f"{arm.text!r}: expected KEY=VALUE, found {pair!r}")
        if key not in keys:
            raise unknown_name(f"key in {arm.text!r}", key, keys)
        arm = replace(arm, **{key: _parse(key, value)})  # type: ignore[arg-type]  # parsed by its key
    return arm


def _parse(key: str, value: str) -> str | int | float:
    if key == "runtime":
        return _runtime(value)
    try:
        number = int(value) if key == "threads" else float(value) if key == "slowdown" else None
    except ValueError as exc:
        raise UsageError(f"{key}: {value!r} is no number") from exc
    if key == "threads" and not 1 <= (number or 0) <= MOST_THREADS:
        raise UsageError(f"threads: {value} is not between 1 and {MOST_THREADS}")
    if key == "slowdown" and not 0 <= (number or 0) <= 10:
        raise UsageError(f"slowdown: {value} is no share between 0 and 10 (0.1 is 10 %)")
    return value if number is None else number


def _runtime(name: str) -> str:
    if name not in RUNTIMES:
        raise unknown_name("runtime", name, RUNTIMES)
    return name


@dataclass(frozen=True, slots=True)
class ReadyArm:
    """An arm with all that is made once: its weights, and the checkout and model of its commit."""

    arm: Arm
    weights: Weights | None = None
    checkout: Path | None = None
    model: Path | None = None

    @property
    def note(self) -> str:
        """What a result has to say about its weights."""
        return self.weights.note if self.weights else "weights: the service's own, not known here"


async def prepare_arm(arm: Arm, settings: Settings, checkout: Path | None) -> ReadyArm:
    """Find its weights and make its model, so that no process of it has to.

    Raises:
        UsageError: no such weights.
        NothingMeasured: the graph could not be made.
    """
    if arm.url:
        return ReadyArm(arm)
    weights = await find_weights(replace(settings, weights=arm.weights))
    if checkout is None:
        return ReadyArm(arm, weights)
    model = weights.folder
    if arm.runtime in GRAPH_RUNTIMES:
        model = await _graph_of(checkout, weights, settings)
    return ReadyArm(arm, weights, checkout, model)


async def _graph_of(checkout: Path, weights: Weights, settings: Settings) -> Path:
    """The graph that a checkout's own code makes of the weights; one per recipe is kept in the cache."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    own = {f"{PREFIX}WEIGHTS": str(weights.folder), f"{PREFIX}CACHE_DIR": str(settings.cache_dir)}
    async with child_process(
        "jarvis_bench", ["export", "--json"], env=kept | own, stderr=asyncio.subprocess.DEVNULL, cwd=checkout
    ) as process:
        output = await read_output(process)
    try:
        return Path(json.loads(output)["graph"])
    except (ValueError, KeyError) as exc:
        raise NothingMeasured(
            f"the code of {checkout.name} exports no graph: compare that commit with runtime=speechbrain"
        ) from exc


@contextlib.asynccontextmanager
async def open_arm(ready: ReadyArm, core: int | None) -> AsyncIterator[Embed]:
    """A fresh process (or, of a service, fresh connections) that gives embeddings; ended afterwards.

    The call returns what the tier says it computed for, in seconds.

    Raises:
        NothingMeasured: it did not become ready, or gave no embedding.
    """
    opened = _open_service(ready) if ready.arm.url else _open_process(ready, core)
    async with opened as embed:
        yield _slowed(embed, ready.arm.slowdown)


@contextlib.asynccontextmanager
async def _open_process(ready: ReadyArm, core: int | None) -> AsyncIterator[Embed]:
    if ready.weights is None:
        raise UsageError("an arm of this machine has no weights")
    arm = ready.arm
    async with ModelProcess(
        ready.weights,
        runtime=arm.runtime,
        threads=arm.threads,
        core=core if arm.threads == 1 else None,
        model=ready.model,
        checkout=ready.checkout,
    ) as process:
        await process.import_runtime()
        await process.load()

        async def embed(clip: Clip) -> float:
            return (await process.embed(clip.samples)).model_s

        yield embed


@contextlib.asynccontextmanager
async def _open_service(ready: ReadyArm) -> AsyncIterator[Embed]:
    client = ServiceClient(ready.arm.url, tier="service", title=ready.arm.url)

    async def embed(clip: Clip) -> float | None:
        try:
            return (await client.embed(clip.samples)).model_s
        except TierFailed as exc:
            raise NothingMeasured(str(exc)) from exc

    try:
        yield embed
    finally:
        await client.aclose()


def _slowed(embed: Embed, share: float) -> Embed:
    if not share:
        return embed

    async def slowed(clip: Clip) -> float | None:
        started_s = time.perf_counter()
        answer = await embed(clip)
        until_s = time.perf_counter() + share * (time.perf_counter() - started_s)
        while time.perf_counter() < until_s:  # noqa: ASYNC110  a sleep would overshoot by up to a millisecond
            await asyncio.sleep(0)
        return answer

    return slowed


def as_words(arm: Arm) -> Mapping[str, str]:
    """What the arm is, by the name of each of its settings."""
    own = {"service": arm.url} if arm.url else {"runtime": arm.runtime, "threads": str(arm.threads)}
    code = {"commit": arm.commit} if arm.commit else {}
    slow = {"slowdown": f"{arm.slowdown:.0%}, injected"} if arm.slowdown else {}
    return {**own, **code, **slow}
