"""The exported graph of some weights: where it is kept, and how it comes there. Imports neither torch nor onnx."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured

GRAPH, FACTS = "ecapa.onnx", "export.json"
GRAPH_RUNTIMES = ("onnx", "openvino")
# What decides the bytes of the graph: when one of these changes, the old graphs are not used any more.
RECIPE = ("front_end.py", "graph.py", "layers.py", "network.py", "export.py")


@dataclass(frozen=True, slots=True)
class Export:
    """A graph from waveform to embedding, `.data` with its weights beside it.

    `sha256` by file; `macs_per_frame` and `macs_per_clip` are the multiplications with addition of its matrix
    products for each hop of `hop_samples` and once a clip (counted from the shapes of the layers).
    """

    graph: Path
    sha256: dict[str, str]
    bytes: int
    hop_samples: int
    macs_per_frame: int
    macs_per_clip: int

    @classmethod
    def read(cls, folder: Path) -> Export:
        """What `export` has left in a folder."""
        return cls(folder / GRAPH, **json.loads((folder / FACTS).read_text(encoding="utf-8")))

    def operations(self, samples: int) -> int:
        """Floating-point operations for a clip of so many samples, two for each multiplication with addition."""
        frames = samples // self.hop_samples + 1
        return 2 * (self.macs_per_frame * frames + self.macs_per_clip)


def export_folder(weights: Weights) -> Path:
    """Where the graph of these weights is kept."""
    here = Path(__file__).parent
    recipe = hashlib.sha256(b"".join((here / name).read_bytes() for name in RECIPE)).hexdigest()
    return weights.exports / f"{weights.sha256[:16]}-{recipe[:8]}"


async def find_export(weights: Weights) -> Export:
    """The graph of these weights; made on first use in a process of its own (some 5 s).

    Raises:
        NothingMeasured: it could not be made; the text says why.
    """
    folder = export_folder(weights)
    if not (folder / FACTS).is_file():
        async with child_process(
            "jarvis_bench.ecapa.export", [str(weights.folder), str(folder)], stderr=asyncio.subprocess.STDOUT
        ) as process:
            output = await read_output(process)
        if not (folder / FACTS).is_file():
            last = output.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise NothingMeasured(f"the weights could not be exported: {last[0]}")
    return Export.read(folder)


async def model_path(weights: Weights, runtime: str) -> Path:
    """What `open_encoder` wants for a runtime: the weights' folder, or the graph (made on first use)."""
    return (await find_export(weights)).graph if runtime in GRAPH_RUNTIMES else weights.folder
