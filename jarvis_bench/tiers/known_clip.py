"""Readiness by proof: a known clip has to give its known vector. A 200 proves nothing.

The vector of the clip is computed once for each set of weights, by a runtime of ours in a process of its own, and kept
beside the weights' exports; a probe only reads it. A service whose weights have no such vector is asked for
consistency instead: the same clip twice gives the same vector, another clip another one.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import importlib.util
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, load_clips
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import RequestRefused, TierFailed, UsageError
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.http_health import Health, read_health
from jarvis_bench.tiers.service_client import ServiceClient, encode_body, read_vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLIP_S = 1.0
# The clip goes over the wire in 16 bits, and runtimes differ in the last digits.
COSINE_KNOWN = 0.999
COSINE_SAME = 0.9999
# Two noises reach 0.996 with some weights; a service that ignores its clip gives 1.
COSINE_OTHER = 0.9999


@dataclass(frozen=True, slots=True, eq=False)
class KnownClip:
    """A clip of 1 s as the body of a request, and another one.

    Args:
        body: of the clip; made once, so that a probe encodes nothing.
        other_body: of a clip of another speaker.
        sha256: of `body`.
        vectors: folder with the vectors that are known for `body`, by the hash of the weights; None for none.
    """

    body: bytes
    other_body: bytes
    sha256: str
    vectors: Path | None = field(default=None)

    def vector(self, weights_sha256: str | None) -> NDArray[np.float32] | None:
        """What these weights make of the clip, float32 `[192]`; None where nobody computed it here."""
        if not weights_sha256 or not weights_sha256.isalnum() or self.vectors is None:
            return None
        try:
            return read_vector(json.loads(self._path(weights_sha256).read_text(encoding="utf-8"))["vector"])
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def keep(self, weights_sha256: str, vector: NDArray[np.float32], runtime: str) -> None:
        """Write a vector down; complete or not at all."""
        path = self._path(weights_sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = {"weights_sha256": weights_sha256, "clip_sha256": self.sha256, "runtime": runtime}
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(facts | {"vector": [float(number) for number in vector]}, file)
        Path(file.name).replace(path)

    def _path(self, weights_sha256: str) -> Path:
        folder = self.vectors or Path()
        return folder / f"{weights_sha256[:16]}-{self.sha256[:8]}.json"


def find_known_clip(settings: Settings) -> KnownClip:
    """The known clip of `data/clips`; where those are not, noise that is the same every time.

    Reads two small files and imports numpy: call it before the loop runs.

    Raises:
        MissingExtra: numpy is not installed.
    """
    try:
        clips = load_clips(settings.data_dir, [CLIP_S])
    except UsageError:
        if importlib.util.find_spec("numpy") is None:
            raise
        return _noise_clip()
    first = clips[0]
    other = next(clip for clip in clips if clip.speaker != first.speaker)
    return _known(first.samples, other.samples, settings.cache_dir / "known-vectors")


async def compute_known_vector(settings: Settings, known: KnownClip | None = None) -> KnownClip:
    """Make sure that the known vector of our weights is there; computes it on first use (some seconds).

    Never part of a probe.

    Raises:
        NothingMeasured: the weights cannot be had, or the model cannot be run.
        MissingExtra: no runtime is installed.
    """
    known = known or find_known_clip(settings)
    weights = await find_weights(settings)
    if known.vectors is None or known.vector(weights.sha256) is not None:
        return known
    runtime = "onnx" if importlib.util.find_spec("onnxruntime") else "speechbrain"
    async with ModelProcess(weights, runtime=runtime) as process:
        await process.load()
        embedding = await process.embed(_samples(known.body))
    known.keep(weights.sha256, embedding.vector, runtime)
    return known


async def ask_ready(
    client: ServiceClient,
    known: KnownClip | None = None,
    *,
    timeout_s: float = 1.5,
    when_silent: Status = Status.BROKEN,
) -> Health:
    """Ask a service how it is, and let it prove it: /health, then one embedding of the known clip.

    Args:
        client: connections to the service; they stay open for the next question.
        known: the clip; None takes noise, for which no vector is known.
        timeout_s: for all of it, in seconds.
        when_silent: what it means that /health is not answered in time.
    """
    if known is None:
        known = await asyncio.to_thread(_noise_clip)
    silent = Health(when_silent, "no-answer", f"accepts, but did not answer within {timeout_s:g} s")
    try:
        async with asyncio.timeout(timeout_s):
            answer = await client.request("GET", "/health")
            health = read_health(answer.status_code, answer.text)
            if health.status is not Status.READY:
                return health
            slow = f"says that it is ready, but gave no embedding within {timeout_s:g} s"
            silent = Health(Status.BUSY, "no-embedding", slow, health.weights_sha256)
            return await _prove(client, known, health)
    except TimeoutError:
        return silent
    except RequestRefused as exc:
        return Health(Status.BROKEN, "known-clip-refused", f"refuses a good clip ({exc})")
    except TierFailed as exc:
        return Health(exc.status.status, exc.status.cause, exc.status.reason.partition(": ")[2])


async def _prove(client: ServiceClient, known: KnownClip, health: Health) -> Health:
    """Compare with the known vector where the weights are ours, else ask for consistency."""
    first = (await client.embed_body(known.body)).vector
    expected = await asyncio.to_thread(known.vector, health.weights_sha256)
    if expected is not None:
        similarity = cosine(first, expected)
        if similarity >= COSINE_KNOWN:
            return dataclasses.replace(health, detail="gave the known vector for the known clip")
        detail = f"gives another vector for the known clip than its weights do (cosine {similarity:.3f})"
        return Health(Status.BROKEN, "wrong-vector", detail, health.weights_sha256)
    again = (await client.embed_body(known.body)).vector
    other = (await client.embed_body(known.other_body)).vector
    if (similarity := cosine(first, again)) < COSINE_SAME:
        detail = f"gives two vectors for the same clip (cosine {similarity:.3f})"
        return Health(Status.BROKEN, "inconsistent-vectors", detail, health.weights_sha256)
    if (similarity := cosine(first, other)) >= COSINE_OTHER:
        detail = f"gives one vector for unlike clips (cosine {similarity:.3f})"
        return Health(Status.BROKEN, "constant-vector", detail, health.weights_sha256)
    return dataclasses.replace(health, detail="answers consistently; no vector is known for its weights")


def cosine(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The cosine of two vectors `[192]`, neither of them all zero."""
    import numpy as np

    a, b = first.astype(np.float64), second.astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def _known(first: NDArray[np.float32], other: NDArray[np.float32], vectors: Path | None) -> KnownClip:
    body = encode_body(first)
    return KnownClip(body, encode_body(other), hashlib.sha256(body).hexdigest(), vectors)


def _noise_clip() -> KnownClip:
    return _known(_noise(1), _noise(2), None)


def _samples(body: bytes) -> NDArray[np.float32]:
    """What a service hears in a body of `encode_body`, float32 `[n]`."""
    import numpy as np

    pcm = np.frombuffer(base64.b64decode(json.loads(body)["audio_data"]), dtype="<i2")
    return pcm.astype(np.float32) / np.float32(32768)


def _noise(seed: int) -> NDArray[np.float32]:
    """Noise with a spectrum of its own, float32 `[16000]`: white, and smoothed over `8·(seed-1)+1` samples."""
    import numpy as np

    white = np.random.default_rng(seed).standard_normal(int(CLIP_S * SAMPLE_RATE_HZ))
    width = 8 * (seed - 1) + 1
    return (np.convolve(white, np.ones(width) / width, "same") * 0.1).astype(np.float32)
