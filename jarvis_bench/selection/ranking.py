"""Which of the tiers that were left is the likeliest to serve, and why one was taken for another."""

from __future__ import annotations

from jarvis_bench.records import Status
from jarvis_bench.selection.circuit import Circuit, State


def likelihood(circuit: Circuit) -> tuple[bool, bool, bool]:
    """Smallest for the likeliest: on trial, then what a probe finds well, then what served since it was left."""
    hopeless = circuit.status.status is Status.MISCONFIGURED or not circuit.promising()
    served = circuit.last_ok_s is not None and circuit.last_ok_s > circuit.since_s
    return (circuit.state is not State.HALF_OPEN, hopeless, not served)


def is_there(circuit: Circuit) -> bool:
    """Whether there is anything that could be asked."""
    return circuit.probed.status is not Status.NOT_INSTALLED


def why(left: Circuit | None, taken: Circuit | None) -> tuple[str, str]:
    """Cause and reason of a switch: the fault of the tier that was left, or that a better one has come back."""
    if left is not None and not left.usable():
        return left.status.cause, left.status.reason
    if taken is None:
        return "no-tier", "no tier serves"
    if not taken.usable():
        return "last-resort", f"{taken.status.reason}; no other tier is left to ask"
    return ("came-back" if left is not None else "start"), f"{taken.title}: the best tier that serves"
