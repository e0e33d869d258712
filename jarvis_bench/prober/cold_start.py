"""Start a tier from nothing to its first embedding, again and again, and say how cold each start was.

The same five phases everywhere, with the same names; what a tier does not have, or does not tell, is None:

    provision        what must be made before the process can start: a container, an instance
    process          from there until the interpreter is up and about to import the runtime
    import           importing the runtime's packages
    load             loading the weights into the runtime
    first inference  the first embedding that the model computes

What remains of the whole is `rest_s`: looking for weights, waiting between two questions, the way of the answer.
A sample is cold where the process that answered had answered nobody before: its name is new and its request index 0,
and it was not up before it was asked for (as an instance that checks a new revision is).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.records import ColdStartRow


@dataclass(frozen=True, slots=True)
class Start:
    """One start as it was seen: seconds by phase, and who answered; `up_before`: its process was up before that."""

    total_s: float
    provision_s: float | None = None
    process_s: float | None = None
    import_s: float | None = None
    load_s: float | None = None
    first_inference_s: float | None = None
    instance_id: str | None = None
    boot_id: str | None = None
    request_index: int | None = None
    up_before: bool = False


class Starter(Protocol):
    """A way of starting a tier from nothing; `way` says in words how, `how` is `measured` or `emulated`."""

    @property
    def tier(self) -> str:
        """The tier's name."""

    @property
    def runtime(self) -> str:
        """What computes."""

    @property
    def way(self) -> str:
        """How it is made cold."""

    @property
    def how(self) -> str:
        """`measured` or `emulated`."""

    async def start(self) -> tuple[Start, Start | None]:
        """Start it, get a first embedding and a second, and end it.

        The second is a warm sample; its `total_s` is the request alone.

        Raises:
            JarvisBenchError: it did not start, or gave no embedding.
        """


async def cold_starts(
    starter: Starter, repeats: int, *, cache: str = "warm", progress: Callable[[str], None]
) -> AsyncIterator[ColdStartRow]:
    """Start it so many times, and give each sample as it comes; a start that failed is one, too.

    Args:
        starter: how.
        repeats: how often.
        cache: state of the page cache, in words.
        progress: told in words how far it is.
    """
    seen: set[str] = set()
    for index in range(repeats):
        progress(f"{starter.tier}, {starter.runtime}: {starter.way} {index + 1} of {repeats}")
        try:
            first, second = await starter.start()
        except (JarvisBenchError, TimeoutError) as exc:
            yield _failed(starter, index, cache, str(exc) or "no answer in time")
            continue
        yield _row(starter, index, cache, first, seen)
        if second is not None:
            yield _row(starter, index, cache, second, seen)


def _row(starter: Starter, index: int, cache: str, start: Start, seen: set[str]) -> ColdStartRow:
    cold = is_cold(start, seen)
    if start.instance_id is not None:
        seen.add(start.instance_id)
    return ColdStartRow(
        tier=starter.tier,
        runtime=starter.runtime,
        way=starter.way,
        how=starter.how,
        cache=cache,
        index=index,
        cold=cold,
        total_s=start.total_s,
        provision_s=start.provision_s,
        process_s=start.process_s,
        import_s=start.import_s,
        load_s=start.load_s,
        first_inference_s=start.first_inference_s,
        instance_id=start.instance_id,
        boot_id=start.boot_id,
        request_index=start.request_index,
        error=None,
    )


def is_cold(start: Start, seen: set[str]) -> bool | None:
    """Whether a process answered that had answered nobody; None where it does not say who it is."""
    if start.instance_id is None or start.request_index is None:
        return None
    return start.request_index == 0 and start.instance_id not in seen and not start.up_before


def _failed(starter: Starter, index: int, cache: str, error: str) -> ColdStartRow:
    return ColdStartRow(
        tier=starter.tier,
        runtime=starter.runtime,
        way=starter.way,
        how=starter.how,
        cache=cache,
        index=index,
        cold=None,
        total_s=None,
        error=error,
    )
