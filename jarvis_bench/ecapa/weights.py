"""Find the model's weights: a pretrained checkpoint where there is one, else seeded weights."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.settings import Settings

HUB_NAME = "speechbrain/spkrec-ecapa-voxceleb"
NEEDED_FILES = ("hyperparams.yaml", "embedding_model.ckpt")
HUB_TIMEOUT_S = 60.0
# In an image: what the weights are, where they themselves may be left out in favour of their graph.
BAKED = "baked.json"
SEEDED_NOTE = "weights: seeded — latency and RAM are valid, identities are not"


@dataclass(frozen=True, slots=True)
class Weights:
    """A model folder; `kind` is `pretrained` or `seeded`, `sha256` that of `embedding_model.ckpt`.

    What is made from the weights for other runtimes is kept in `exports`.
    """

    folder: Path
    kind: str
    sha256: str
    exports: Path = field(default=Settings().cache_dir / "exports", compare=False)

    @property
    def note(self) -> str:
        """What a report has to say about them."""
        return SEEDED_NOTE if self.kind == "seeded" else f"weights: pretrained ({self.sha256[:12]})"


async def find_weights(settings: Settings) -> Weights:
    """The weights that the settings ask for.

    `auto` takes a pretrained model from the hub's cache or the hub, else seeded weights, which are made on
    first use (some 10 s). `seeded` takes those at once. Anything else is a folder: a model, or a baked one.

    Raises:
        UsageError: the folder named by the settings holds no model.
    """
    if settings.weights not in {"auto", "seeded"}:
        return _read(Path(settings.weights).expanduser().resolve(), "pretrained", settings)
    if settings.weights == "auto" and (folder := await _pretrained(settings)):
        return _read(folder, "pretrained", settings)
    return await _seeded(settings)


async def _pretrained(settings: Settings) -> Path | None:
    """The hub's copy, from its cache or fetched once; a failed fetch is remembered beside our own cache."""
    mark = settings.cache_dir / "weights" / "hub-not-reached"
    if (folder := _cached_by_hub()) is not None:
        return folder
    if mark.exists():
        return None
    arguments = [str(settings.cache_dir / "weights" / "hub")]
    try:
        async with (
            asyncio.timeout(HUB_TIMEOUT_S),
            child_process("jarvis_bench.ecapa.hub", arguments, stderr=asyncio.subprocess.DEVNULL) as process,
        ):
            output = await read_output(process)
            if process.returncode == 0 and output.strip():
                return Path(output.decode().strip().splitlines()[-1])
    except TimeoutError:
        pass
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text("The model hub could not be reached; remove this file to try again.\n", encoding="utf-8")
    return None


def _cached_by_hub() -> Path | None:
    """A snapshot in the user's own hub cache, looked up without importing the hub's client."""
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    snapshots = home / "hub" / f"models--{HUB_NAME.replace('/', '--')}" / "snapshots"
    complete = [folder for folder in sorted(snapshots.glob("*")) if _is_model(folder)]
    return complete[-1] if complete else None


async def _seeded(settings: Settings) -> Weights:
    from jarvis_bench.ecapa.seeded_weights import CALIBRATION, HYPERPARAMS, SEED

    recipe = hashlib.sha256(f"{SEED} {CALIBRATION} {HYPERPARAMS}".encode()).hexdigest()[:12]
    folder = settings.cache_dir / "weights" / f"seeded-{recipe}"
    if not _is_model(folder):
        arguments = [str(folder), str(settings.data_dir)]
        async with child_process(
            "jarvis_bench.ecapa.seeded_weights", arguments, stderr=asyncio.subprocess.STDOUT
        ) as process:
            output = await read_output(process)
        if not _is_model(folder):
            last = output.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise NothingMeasured(f"the seeded weights could not be made: {last[0]}")
    return _read(folder, "seeded", settings)


def _is_model(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED_FILES)


def describe_baked(weights: Weights) -> bytes:
    """The content of `baked.json` for a folder that holds these weights, or just their graphs in `exports/`."""
    return json.dumps({"kind": weights.kind, "sha256": weights.sha256}).encode()


def _read(folder: Path, kind: str, settings: Settings) -> Weights:
    if (folder / BAKED).is_file():
        return Weights(folder, **json.loads((folder / BAKED).read_bytes()), exports=folder / "exports")
    if not _is_model(folder):
        raise UsageError(f"no model in {folder}: it needs {' and '.join(NEEDED_FILES)} (setting `weights`)")
    digest = hashlib.sha256((folder / "embedding_model.ckpt").read_bytes()).hexdigest()
    return Weights(folder, kind, digest, settings.cache_dir / "exports")
