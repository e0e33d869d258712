"""The parent's side of a model process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.errors import NothingMeasured, WorkerDied

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """`vector` is float32 `[192]`; `model_s` is what the model process computed for, in seconds.

    `instance_id` and `request_index`: which process answered, and how many clips it had been sent before.
    """

    vector: NDArray[np.float32]
    model_s: float
    instance_id: str | None = None
    request_index: int | None = None


class ModelProcess:
    """A model in a process of its own; enter it, `import_runtime`, `load`, then `embed`.

    Args:
        weights: what to load; where the runtime wants them as a graph, that is made first.
        runtime: which runtime computes.
        threads: how many threads it may use.
        core: the one core it runs on; None for any.
        malloc: a name in `ecapa.encoder.MALLOC`.
        model: what the runtime loads, where it is made already.
        checkout: the checkout whose code the process runs; None for this one.
    """

    def __init__(
        self,
        weights: Weights,
        *,
        runtime: str = "speechbrain",
        threads: int = 1,
        core: int | None = None,
        malloc: str = "own",
        model: Path | None = None,
        checkout: Path | None = None,
    ) -> None:
        self._model, self._checkout = model, checkout
        self._weights, self._runtime = weights, runtime
        self._arguments = ["--runtime", runtime, "--threads", str(threads)]
        self._arguments += ["--malloc", malloc] if malloc != "own" else []
        self._arguments += ["--core", str(core)] if core is not None else []
        self._stack = contextlib.AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None
        self._turn = asyncio.Lock()
        self._owes_answer = False
        self._head: dict[str, Any] | None = None

    async def __aenter__(self) -> ModelProcess:
        self._owes_answer, self._head = False, None
        model = self._model or await model_path(self._weights, self._runtime)
        arguments = [*self._arguments, "--model", str(model)]
        async with contextlib.AsyncExitStack() as stack:
            self._log = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
            self._process = await stack.enter_async_context(
                child_process("jarvis_bench.ecapa.worker", arguments, stderr=self._log, cwd=self._checkout)
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process, self._log = None, None
        await self._stack.aclose()

    @property
    def pid(self) -> int:
        """The process to look at."""
        if self._process is None:
            raise WorkerDied("the model process is not running")
        return self._process.pid

    async def hello(self) -> None:
        """Wait until the process is up and reads its commands; nothing is imported yet."""
        await self._ask("hello")

    async def import_runtime(self) -> float:
        """Import the runtime's packages; returns seconds."""
        return float((await self._ask("import"))[0]["seconds"])

    async def load(self) -> float:
        """Load the weights; returns seconds."""
        return float((await self._ask("load"))[0]["seconds"])

    async def embed(self, samples: NDArray[np.float32]) -> Embedding:
        """The embedding of one clip, float32 `[n]`.

        Raises:
            NothingMeasured: the runtime refused the clip.
            WorkerDied: the process ended.
        """
        import numpy as np

        head, body = await self._ask("embed", samples.astype("<f4").tobytes())
        vector = np.frombuffer(body, dtype="<f4")
        return Embedding(vector, float(head["seconds"]), head.get("instance_id"), head.get("request_index"))

    async def _ask(self, command: str, payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        async with self._turn:
            if self._process is None or self._process.stdin is None or self._process.stdout is None:
                raise WorkerDied("the model process is not running")
            try:
                if self._owes_answer:
                    # A caller that was cancelled left its answer behind; it is not the next one's.
                    await self._answer(self._process.stdout)
                self._owes_answer = True
                self._process.stdin.write(json.dumps({"do": command, "bytes": len(payload)}).encode() + b"\n")
                self._process.stdin.write(payload)
                await self._process.stdin.drain()
                head, body = await self._answer(self._process.stdout)
            except (asyncio.IncompleteReadError, ConnectionError) as exc:
                raise WorkerDied(f"the model process ended during {command!r}: {self._last_words()}") from exc
        if not head["ok"]:
            raise NothingMeasured(f"{command}: {head['error']}")
        return head, body

    async def _answer(self, source: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
        """Read one answer; a cancelled read can be taken up again where it stopped."""
        if self._head is None:
            self._head = json.loads(await source.readuntil())
        head = self._head
        body = await source.readexactly(int(head.get("bytes", 0)))
        self._head, self._owes_answer = None, False
        return head, body

    def _last_words(self) -> str:
        if self._log is None:
            return "it was ended"
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
