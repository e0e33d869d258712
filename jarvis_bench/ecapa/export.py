"""Turn a model folder into one ONNX graph: `python -m … WEIGHTS FOLDER` does so in a process of its own.

The graph is written down from the loaded modules, parameter by parameter, not traced: so every clip length
works, batch norms and the constant part of the attention are folded, and two exports have the same bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.ecapa.exported import FACTS, GRAPH, Export
from jarvis_bench.ecapa.front_end import WINDOWS, FrontEnd, window
from jarvis_bench.ecapa.graph import Graph
from jarvis_bench.ecapa.network import INPUT, OUTPUT, add_front_end, add_network
from jarvis_bench.errors import UsageError

if TYPE_CHECKING:
    from speechbrain.inference.classifiers import EncoderClassifier


def export(
    weights: Path, folder: Path, change: Callable[[FrontEnd], FrontEnd] = lambda front_end: front_end
) -> Export:
    """Write the graph of a model folder; complete or not at all.

    Args:
        weights: folder in SpeechBrain's layout, pretrained or seeded.
        folder: what to make; it is left alone where it exists.
        change: what to change about the model's front end; only the tests of the accuracy gate do.

    Raises:
        UsageError: no model, or one of another architecture.
    """
    from jarvis_bench.ecapa.speechbrain_runtime import load_classifier

    modules = load_classifier(weights).mods
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        facts = _write(modules, change(front_end_of(modules)), work)
        (work / FACTS).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        work.chmod(0o755)
        if not folder.exists():
            work.replace(folder)
    except OSError:
        # Another maker was quicker: its folder is complete, ours is not needed.
        if not (folder / FACTS).is_file():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Export.read(folder)


def _write(modules: EncoderClassifier, front_end: FrontEnd, folder: Path) -> dict[str, object]:
    state = {name: value.numpy() for name, value in modules.embedding_model.state_dict().items()}
    graph = Graph()
    add_front_end(graph, front_end)
    work = add_network(graph, state, _dilations(modules.embedding_model))
    path = folder / GRAPH
    outputs = len(state["fc.conv.bias"])
    graph.write(path, source=(INPUT, ["clips", "samples"]), sink=(OUTPUT, ["clips", outputs]))
    files = sorted(folder.iterdir())
    return {
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        "bytes": sum(file.stat().st_size for file in files),
        "hop_samples": front_end.hop_samples,
        **dataclasses.asdict(work),
    }


def front_end_of(modules: EncoderClassifier) -> FrontEnd:
    """The constants of SpeechBrain's front end as it was loaded.

    Raises:
        UsageError: it is of a kind that is not implemented here.
    """
    features, norm = modules.compute_features, modules.mean_var_norm
    stft, bank = features.compute_STFT, features.compute_fbanks
    _want("a centred transform padded with zeros", stft.center and stft.pad_mode == "constant")
    _want("frames as long as their transform", stft.win_length == stft.n_fft)
    _want("triangular, logarithmic filters of power", bank.filter_shape == "triangular" and bank.log_mel)
    _want("10·log10 of power", bank.multiplier == 10 and bank.ref_value == 1.0)
    _want("features without deltas and context", not features.deltas and not features.context)
    _want("normalisation by sentence", norm.norm_type == "sentence")
    found = FrontEnd(
        sample_rate_hz=stft.sample_rate,
        window_samples=stft.n_fft,
        hop_samples=stft.hop_length,
        low_hz=bank.f_min,
        high_hz=bank.f_max,
        filters=bank.n_mels,
        floor=bank.amin,
        top_db=bank.top_db,
        std_norm=norm.std_norm,
    )
    for name in WINDOWS:
        named = dataclasses.replace(found, window=name)
        if np.allclose(window(named), stft.window.numpy(), atol=1e-6):
            return named
    raise UsageError(f"the model's window is none of: {', '.join(WINDOWS)}")


def _dilations(network: Any) -> dict[int, int]:
    """The dilations of the SE-Res2Net blocks, by their number; anything not implemented here is an error."""
    first, *blocks = network.blocks
    _want(
        "a first block and a last one without dilation", first.conv.dilation == network.mfa.conv.dilation == 1
    )
    _want("attention that sees the whole clip", network.asp.global_context)
    _want("residuals without a convolution", all(block.shortcut is None for block in blocks))
    _want("eighths in Res2Net", all(block.res2net_block.scale == 8 for block in blocks))
    return {
        number: block.res2net_block.blocks[0].conv.dilation for number, block in enumerate(blocks, start=1)
    }


def _want(what: str, found: bool) -> None:
    if not found:
        raise UsageError(f"this model cannot be exported: it has not {what}")


if __name__ == "__main__":
    end_with_parent()
    export(Path(sys.argv[1]), Path(sys.argv[2]))
