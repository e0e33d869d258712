"""What a load test keeps: a row for every request that was planned, and one for every tick of the client."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a planned request.

    `ok`: an embedding came; `failed`: something else came; `dropped`: never sent; `censored`: given up while under
    way, so that its latency is only known to exceed its age.
    """

    OK = "ok"
    FAILED = "failed"
    DROPPED = "dropped"
    CENSORED = "censored"


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One planned request. Stamps are nanoseconds of one monotonic clock (`perf_counter_ns`), None for what never was.

    response = `last_byte_ns - planned_ns` (what a user waits); service = `last_byte_ns - sent_ns` (what the tier
    took). `ready_ns`: when the client could have sent it: the planned time, or later where all callers of the plan were
    held up by the tier; `dispatched_ns`: it was taken up; `sent_ns`: it left, with a connection to leave by.
    `ended_ns`: the last byte, the failure, or when it was given up. `cause` is a stable code. `model_s`, `queue_s`,
    `decode_s`: what the tier says of itself (Server-Timing), in seconds. `cosine`: to the tier's answer to the same
    clip before the timed run, for a seeded sample of the requests. `worker`: which one of a cluster sent it; None for
    this machine.
    """

    run: str
    tier: str
    runtime: str
    clip: str
    clip_s: float
    index: int
    warmup: bool
    planned_ns: int
    ready_ns: int
    dispatched_ns: int | None
    sent_ns: int | None
    first_byte_ns: int | None
    last_byte_ns: int | None
    ended_ns: int
    outcome: str
    http_status: int | None = None
    cause: str | None = None
    error: str | None = None
    sent_bytes: int | None = None
    received_bytes: int | None = None
    cosine: float | None = None
    model_s: float | None = None
    queue_s: float | None = None
    decode_s: float | None = None
    instance_id: str | None = None
    request_index: int | None = None
    pool_wait_s: float | None = None
    connect_s: float | None = None
    reused: bool | None = None
    worker: str | None = None

    @property
    def ok(self) -> bool:
        """Whether an embedding came."""
        return self.outcome == Outcome.OK

    @property
    def response_s(self) -> float:
        """From the plan to the end, in seconds; the age where there was no answer."""
        return (self.ended_ns - self.planned_ns) / 1e9

    @property
    def service_s(self) -> float | None:
        """From sending to the end, in seconds; None for what was never sent."""
        return None if self.sent_ns is None else (self.ended_ns - self.sent_ns) / 1e9

    @property
    def slip_s(self) -> float:
        """How much later than it could it was sent, in seconds; for what was never sent, up to when it was given up."""
        return ((self.ended_ns if self.sent_ns is None else self.sent_ns) - self.ready_ns) / 1e9


@dataclass(frozen=True, slots=True)
class ClientTick:
    """The client at one tick of its own clock, on a fixed grid; a block of its loop makes all ticks within it late.

    `due_ns`: `perf_counter_ns`; `lag_s`: how late the tick came; `cpu_s`, `idle_s`, `waited_s`: since the start, what
    the process computed, what of that was spent waiting for the next planned time, and how long it was ready to run
    but its core was taken (None where the kernel does not tell); `in_flight`: requests under way; `worker`: as in rows.
    """

    run: str
    due_ns: int
    lag_s: float
    in_flight: int
    cpu_s: float
    idle_s: float
    waited_s: float | None
    worker: str | None = None
