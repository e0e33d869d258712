"""Load a real runtime, with the stamps that a cold start is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from jarvis_bench.ecapa.encoder import import_runtime, open_encoder
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.model import LoadedModel
from jarvis_bench.settings import Settings

Result = TypeVar("Result")


async def load_model(settings: Settings, runtime: str, threads: int, thread: InferenceThread) -> LoadedModel:
    """Find the weights (and their graph), import the runtime and load, all but the finding in `thread`.

    Args:
        settings: say which weights.
        runtime: a name in `ecapa.encoder.RUNTIMES`.
        threads: how many threads one computation may use.
        thread: where the runtime will live.
    """
    weights = await find_weights(settings)
    model = await model_path(weights, runtime)
    _, import_s = await thread.submit(partial(_timed, partial(import_runtime, runtime)))
    encoder, load_s = await thread.submit(
        partial(_timed, partial(open_encoder, runtime, model, threads=threads))
    )
    return LoadedModel(encoder, runtime, weights.kind, weights.sha256, import_s, load_s)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    started_s = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started_s
