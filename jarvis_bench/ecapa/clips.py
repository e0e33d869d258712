"""The speech clips that ship in `data/clips`."""

from __future__ import annotations

import hashlib
import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000


# A clip is made unique in the lowest bits of so many samples in its middle: 16 million clips that sound alike.
MARK_BITS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Mono 16 kHz speech: `samples` is float32 `[n]` in [-1, 1]."""

    name: str
    speaker: str
    language: str
    seconds: float
    samples: NDArray[np.float32]


def load_clips(data_dir: Path, seconds: Sequence[float] | None = None) -> tuple[Clip, ...]:
    """The clips of the manifest, checked against its hashes.

    Args:
        data_dir: the folder that holds `clips/manifest.json`.
        seconds: only clips of these lengths; default all.

    Raises:
        UsageError: no manifest, no clip of a wanted length, or a file that differs from its hash.
    """
    manifest = data_dir / "clips" / "manifest.json"
    if not manifest.is_file():
        raise UsageError(f"no {manifest}: run from a clone of jarvis-bench")
    entries = json.loads(manifest.read_text(encoding="utf-8"))["clips"]
    known = sorted({float(entry["seconds"]) for entry in entries})
    for wanted in seconds or ():
        if wanted not in known:
            raise UsageError(f"no clips of {wanted:g} s (there are: {', '.join(f'{s:g}' for s in known)})")
    return tuple(
        _load(manifest.parent, entry) for entry in entries if seconds is None or entry["seconds"] in seconds
    )


def _load(folder: Path, entry: dict[str, str | float]) -> Clip:
    path = folder / str(entry["file"])
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise UsageError(f"{path} differs from its manifest: restore it with `git checkout -- {path.name}`")
    return Clip(
        name=path.stem,
        speaker=str(entry["speaker"]),
        language=str(entry["language"]),
        seconds=float(entry["seconds"]),
        samples=_samples(path),
    )


def _samples(path: Path) -> NDArray[np.float32]:
    try:
        import numpy as np
    except ModuleNotFoundError as exc:
        raise MissingExtra("numpy", "kit") from exc
    with wave.open(str(path), "rb") as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return (pcm.astype(np.float32) / 32768.0).astype(np.float32)


def mark_start(length: int) -> int:
    """Where the mark of a clip of so many samples begins; a multiple of 3, as base64 groups bytes by three."""
    return max(0, (length - MARK_BITS) // 2) // 3 * 3


def mark_pcm(pcm: NDArray[np.int16], number: int) -> NDArray[np.int16]:
    """The samples of a mark, int16 `[24]`, with the bits of `number` (modulo 2²⁴) flipped into their lowest bits."""
    import numpy as np

    bits = np.unpackbits(np.frombuffer((number % (1 << MARK_BITS)).to_bytes(3, "big"), dtype=np.uint8))
    return pcm ^ bits[: len(pcm)].astype(np.int16)


def mark(samples: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """A clip that differs from the given one, and from that of any other number, by 1/32768 in a few samples.

    Nothing that remembers answers can answer it from memory. Mono, float32 `[n]` on the grid of 16 bits.
    """
    import numpy as np

    start = mark_start(len(samples))
    window = slice(start, start + MARK_BITS)
    marked = samples.copy()
    pcm = np.clip(np.rint(samples[window] * 32768.0), -32768, 32767).astype(np.int16)
    marked[window] = mark_pcm(pcm, number).astype(np.float32) / 32768.0
    return marked
