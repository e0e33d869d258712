"""Frozen values that cross a module border; units stand in the names.

Every record turns into JSON by `as_json`, so that people and programs never read different numbers.
"""

from __future__ import annotations

import dataclasses
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA_VERSION = 1

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Status(StrEnum):
    """What a tier is, as one of seven words."""

    READY = "ready"
    STARTING = "starting"
    STOPPED = "stopped"
    NOT_INSTALLED = "not-installed"
    MISCONFIGURED = "misconfigured"
    BUSY = "busy"
    BROKEN = "broken"


@dataclasses.dataclass(frozen=True, slots=True)
class TierStatus:
    """A tier's answer to one probe; `cause` is a stable code, `reason` a sentence."""

    tier: str
    status: Status
    cause: str
    reason: str
    seconds: float = 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """Which tier start-up takes; `tier` is None where no tier can serve.

    `starts`: the tier that may be started in the background meanwhile.
    """

    tier: str | None
    reason: str
    starts: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ProbeReport:
    """All tiers probed at once, and what follows from it."""

    tiers: tuple[TierStatus, ...]
    decision: Decision
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class DockerFinding:
    """What one start-up version found out about the Docker tier, in the seven words of `Status`."""

    status: Status
    cause: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class SecondCaller:
    """What a second, concurrent caller of the start-up's async singleton gets.

    `same`: the object the first caller gets; `ready`: initialised by the time it was handed out.
    """

    same: bool
    ready: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Reproduction:
    """One start-up version run in one world.

    `error` is the text of the exception that the blanket `except` swallowed, `traceback` its genuine
    traceback; `seconds` the time to decide; `longest_block_s` the longest time for which the event loop
    could not run anything else (measured by a ticker of 5 ms inside that loop). `docker_starts`: the commands
    by which it tried to start Docker, None where nobody recorded them.
    """

    version: str
    world: str
    error: str | None
    docker: DockerFinding
    decision: Decision
    seconds: float
    longest_block_s: float
    warnings: tuple[str, ...]
    second_caller: SecondCaller
    traceback: str | None = None
    docker_starts: tuple[str, ...] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class MemoryRow:
    """One reading of memory: `metric` says which figure (`pss`, `uss`, `rss`, `vm-hwm`, …), in bytes.

    `bytes` is None where the figure could not be had, and `note` then says why; it is never 0 for that. `t_s`:
    seconds since the process was started. `how`: `measured`, `self-reported`, `emulated`. `condition`: what differs
    from the usual walk (clips of one length, malloc as the runtime sets it, page cache warm). `of`: whose memory,
    the `server`'s that holds the model or the `client`'s.
    """

    tier: str
    runtime: str
    phase: str
    metric: str
    bytes: int | None
    t_s: float
    how: str = "measured"
    condition: str = "usual"
    of: str = "server"
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ColdStartRow:
    """One start of a tier from nothing to its first embedding, or a request to a process that was up already.

    `way`: how it was made cold (`fresh interpreter`, `fresh service process`, …); `how`: `measured` or `emulated`;
    `cache`: state of the page cache. `cold`: the process that answered had answered nobody before, by its name and
    its request index; None where it did not say. `total_s`: from the start, or from the request where it was warm, to
    the last byte; the phases are parts of it, None where a tier has no such phase or does not tell.
    """

    tier: str
    runtime: str
    way: str
    how: str
    cache: str
    index: int
    cold: bool | None
    total_s: float | None
    provision_s: float | None = None
    process_s: float | None = None
    import_s: float | None = None
    load_s: float | None = None
    first_inference_s: float | None = None
    instance_id: str | None = None
    boot_id: str | None = None
    request_index: int | None = None
    error: str | None = None

    @property
    def rest_s(self) -> float | None:
        """What no phase explains, in seconds."""
        parts = (self.provision_s, self.process_s, self.import_s, self.load_s, self.first_inference_s)
        if self.total_s is None or all(part is None for part in parts):
            return None
        return max(0.0, self.total_s - sum(part or 0.0 for part in parts))


@dataclasses.dataclass(frozen=True, slots=True)
class IdleGapRow:
    """One request after `gap_s` seconds without any; `response_s`: sent to last byte; `cold`: as in `ColdStartRow`."""

    tier: str
    runtime: str
    how: str
    gap_s: float
    index: int
    response_s: float | None
    model_s: float | None
    cold: bool | None
    instance_id: str | None = None
    request_index: int | None = None
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class RuntimeTiming:
    """One timed embedding: `model_s` is what the model process computed for, in seconds."""

    runtime: str
    clip_s: float
    round: int
    model_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class RuntimeRow:
    """One runtime at one clip length, all measured in one run.

    `p50_s`: median of `samples` timed embeddings; `speedup`: SpeechBrain's median divided by it; `limit_share`: the
    operations a second of the fastest of them, `best_s`, as a share of the machine's fastest matrix product of the
    same `precision` (both at their best, so that a busy moment makes no limit); `cosine_min`: the
    smallest cosine to SpeechBrain's embeddings of all clips of this length, as they are and centred;
    `pss_loaded_bytes`: PSS after load and a first 1 s clip, which has touched all weights; `hwm_bytes`: VmHWM over
    the clips of this length; `first_embedding_s`: median from process start to the first answer of a bare model
    process; `served_first_s`: the same of a service process, to the last byte of its first embedding over HTTP.
    """

    runtime: str
    precision: str
    clip_s: float
    samples: int
    p50_s: float
    best_s: float
    speedup: float
    limit_share: float | None
    cosine_min: float
    pss_loaded_bytes: int | None
    hwm_bytes: int | None
    first_embedding_s: float
    served_first_s: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class VariedMemory:
    """PSS of one model process after `early` clips of varied length, and after `late`, in bytes."""

    runtime: str
    early: int
    late: int
    early_pss_bytes: int
    late_pss_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class RuntimesReport:
    """The runtimes side by side in one run.

    `gemm_gflops`: the fastest matrix product of this machine by precision, in 10⁹ operations a second, one of each
    kind in every round; `skipped`: what was not measured, and why.
    """

    rows: tuple[RuntimeRow, ...]
    varied: tuple[VariedMemory, ...]
    gemm_gflops: dict[str, float]
    skipped: tuple[str, ...]
    weights: str
    threads: int
    cpu_features: tuple[str, ...]


class ClaimVerdict(StrEnum):
    """The verdict on a claim of the seed."""

    REPRODUCED = "reproduced"
    REFUTED = "refuted"
    PARTLY = "partly"
    NOT_TESTED = "not-tested"


class MeasurementVerdict(StrEnum):
    """Whether a measurement may be quoted."""

    VALID = "VALID"
    INVALID = "INVALID"
    INCONCLUSIVE = "INCONCLUSIVE"


def as_json(record: DataclassInstance) -> dict[str, Json]:
    """The record as plain JSON values, with the schema version in front."""
    plain = json.loads(json.dumps(dataclasses.asdict(record), default=_plain))
    return {"schema_version": SCHEMA_VERSION, **plain}


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a record")
