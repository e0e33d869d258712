"""ONNX Runtime: the exported graph, with as little memory beside it as it can do with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_bench.ecapa.allocator import TRIM_ABOVE_SAMPLES, return_large_blocks, trim_heap
from jarvis_bench.ecapa.encoder import check_clips
from jarvis_bench.errors import MissingExtra, UsageError

try:
    import onnxruntime
except ModuleNotFoundError as exc:
    raise MissingExtra("onnxruntime", "serve") from exc

if TYPE_CHECKING:
    from numpy.typing import NDArray

ERRORS_ONLY = 3


class OnnxEncoder:
    """The graph in one session.

    Args:
        model: the `.onnx` file; its `.data` beside it is mapped, not read.
        threads: of the session.
        tune_malloc: whether the C library is told to give the memory of long clips back.

    Raises:
        UsageError: there is no such graph.
    """

    def __init__(self, model: Path, *, threads: int, tune_malloc: bool = True) -> None:
        if not model.is_file():
            raise UsageError(f"no graph {model}: make it with `jarvis-bench export`")
        self._tune_malloc = tune_malloc and return_large_blocks()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # An arena would keep the working memory of the longest clip for good.
        options.enable_cpu_mem_arena = False
        # Nor a memory plan for every length that ever came: it costs some time with long clips, but RAM stays level.
        options.enable_mem_pattern = False
        # Threads wait actively between two operators, and sleep as soon as the answer is there.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.log_severity_level = ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clips of one length `[n, samples]` to embeddings `[n, 192]`."""
        check_clips(clips)
        embeddings = np.asarray(self._session.run(None, {self._input: clips})[0], dtype=np.float32)
        if self._tune_malloc and clips.size > TRIM_ABOVE_SAMPLES:
            trim_heap()
        return embeddings
