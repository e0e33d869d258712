"""What happened in the emulator, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happened to an instance or a request."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    FROZEN = "frozen"
    THAWED = "thawed"
    OUT_OF_MEMORY = "out-of-memory"
    DIED = "died"
    ENDING = "ending"
    ENDED = "ended"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log; `t_s` is seconds since the emulator started."""

    t_s: float
    kind: Kind
    instance: str
    detail: str = ""

    def __str__(self) -> str:
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.t_s:9.3f} s  {self.instance or '-':12} {self.kind.value}{detail} (emulated)"


Tell = Callable[[Event], None]
