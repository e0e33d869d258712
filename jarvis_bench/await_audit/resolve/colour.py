"""What is known of a call: that it gives a coroutine, how sure that is, and why."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.await_audit.records import Grade


@dataclass(frozen=True, slots=True)
class Colour:
    """The call gives a coroutine; `functions` are the definitions it may reach; `refusal`: why not to await it.

    `is_habit`: only other calls of the name tell.
    """

    grade: Grade
    evidence: str
    functions: tuple[tuple[int, int], ...] = ()
    refusal: str | None = None
    strong: bool = False
    is_habit: bool = False


def counts(awaited: int, unawaited: int) -> str:
    """The part of an evidence that tells of the calls."""
    return f", awaited at {awaited} of {awaited + unawaited} call sites" if awaited else ""
