"""The process that holds a model: reads commands from standard input, answers on standard output.

One exchange is a line of JSON, then as many bytes as its `bytes` field says (float32, little endian).

    {"do": "hello"}  → {"ok": true, "seconds": …}
    {"do": "import"} → {"ok": true, "seconds": …}
    {"do": "load"}   → {"ok": true, "seconds": …}
    {"do": "embed", "bytes": 4·samples} + samples → {"ok": true, "seconds": …, "bytes": 768} + embedding
    every answer has `instance_id`, made anew by every process, and `request_index`: embeddings asked for before
    anything that fails → {"ok": false, "error": …}; the process lives on. It ends when its input closes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import IO

from jarvis_bench.ecapa.encoder import EMBEDDING_SIZE, Encoder, import_runtime, open_encoder


class Worker:
    """Carries out one command after the other."""

    def __init__(self, runtime: str, model: Path, threads: int, malloc: str = "own") -> None:
        self._runtime = runtime
        self._model = model
        self._threads = threads
        self._malloc = malloc
        self.instance_id = os.urandom(16).hex()
        self.request_index = 0
        self._encoder: Encoder | None = None

    def answer(self, command: str, payload: bytes) -> bytes:
        """The payload of the answer.

        Raises:
            ValueError: an unknown command, or an embedding asked for before the model was loaded.
        """
        if command == "import":
            import_runtime(self._runtime)
        elif command == "load":
            self._encoder = open_encoder(
                self._runtime, self._model, threads=self._threads, malloc=self._malloc
            )
        elif command == "embed":
            return self._embed(payload)
        elif command != "hello":
            raise ValueError(f"unknown command {command!r}")
        return b""

    def _embed(self, payload: bytes) -> bytes:
        if self._encoder is None:
            raise ValueError("no model is loaded")
        import numpy as np

        clip = np.frombuffer(payload, dtype="<f4").reshape(1, -1).copy()
        embedding = self._encoder.encode(clip)
        if embedding.shape != (1, EMBEDDING_SIZE):
            raise ValueError(f"the runtime gave shape {embedding.shape}, not (1, {EMBEDDING_SIZE})")
        if not np.isfinite(embedding).all():
            raise ValueError("the embedding has numbers that are not finite")
        return embedding.astype("<f4").tobytes()


def serve(worker: Worker, source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer until the input ends."""
    while line := source.readline():
        request = json.loads(line)
        payload = source.read(int(request.get("bytes", 0)))
        started_s = time.perf_counter()
        identity = {"instance_id": worker.instance_id, "request_index": worker.request_index}
        worker.request_index += request["do"] == "embed"
        try:
            body = worker.answer(request["do"], payload)
            head: dict[str, object] = {
                "ok": True,
                "seconds": time.perf_counter() - started_s,
                "bytes": len(body),
            }
        except Exception as exc:  # a bad request must not end the process; the caller gets the text
            body, head = b"", {"ok": False, "error": f"{type(exc).__name__}: {exc}"}
        sink.write(json.dumps(head | identity).encode() + b"\n" + body)
        sink.flush()


def main() -> None:
    """Serve on the pipes that this process was given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--malloc", default="own")
    parser.add_argument("--core", type=int, help="the one core to run on; default any")
    options = parser.parse_args()
    if options.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    # Libraries print; the pipe is for answers only.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        worker = Worker(options.runtime, options.model, options.threads, options.malloc)
        serve(worker, sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
