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
