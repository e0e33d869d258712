"""Every error this package raises on purpose, as one tree.

    JarvisBenchError
    ├── UsageError          a name, parameter or setting that does not exist, or cannot be used   exit 2
    │   ├── MissingExtra    an optional dependency that this call needs is not installed
    │   └── OutputError     a results folder that cannot be written or is in use
    ├── NothingMeasured     a tier gave no usable answer, so there is no number to report        exit 4
    │   ├── WorkerDied      the process that held the model ended on its own
    │   └── WorkerLost      a worker of a cluster is gone, and its part of a load with it
    ├── TierFailed          a tier that was asked did not do what it should                       exit 4
    ├── RequestRefused      the service does not carry out a request; its code is in `service.refusals`
    └── NotReproduced       the exhibit did not fail the way it is documented to                 exit 1

Errors of foreign libraries are mapped once, where they enter, and chained with `from`. The error of
the subject (the reproduced bug) is never wrapped: it appears with its own type and text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from jarvis_bench.records import TierStatus


class JarvisBenchError(Exception):
    """Root of the tree; `exit_code` is what the command line returns for it."""

    exit_code: ClassVar[int] = 1


class UsageError(JarvisBenchError):
    """The request itself is wrong: a name, parameter, file or setting."""

    exit_code = 2


class MissingExtra(UsageError):
    """An optional dependency is needed here and not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs {package}: pip install 'jarvis-bench[{extra}]'")
        self.package = package
        self.extra = extra


class OutputError(UsageError):
    """A results folder cannot be written, has no room, or is in use."""


class NothingMeasured(JarvisBenchError):
    """No number could be obtained."""

    exit_code = 4


class WorkerDied(NothingMeasured):
    """The process that holds the model ended before it answered."""


class WorkerLost(NothingMeasured):
    """A worker of a cluster does not answer any more, or not as it should."""


class TierFailed(JarvisBenchError):
    """A tier did not give the embedding, or could not be started or stopped.

    Args:
        status: what the failure says about the tier, in the words of a probe.
        retry_after_s: when the tier wants to be asked again, in seconds; None where it did not say.
    """

    exit_code = 4

    def __init__(self, status: TierStatus, *, retry_after_s: float | None = None) -> None:
        super().__init__(status.reason)
        self.status = status
        self.retry_after_s = retry_after_s


class RequestRefused(JarvisBenchError):
    """The service does not carry out a request.

    Args:
        code: a code of the table in `service.refusals`, which knows the HTTP status.
        message: what is wrong, in words.
        field: the field of the request that is wrong; None where it is no field's fault.
        retry_after_s: when to ask again, in seconds; None where asking again is of no use.
    """

    def __init__(
        self, code: str, message: str, *, field: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retry_after_s = retry_after_s


class NotReproduced(JarvisBenchError):
    """An exhibit did not show its documented fault; the kit's own premise failed."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name nobody knows: it names the nearest known one and lists the rest."""
    names = sorted(known)
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return UsageError(f"unknown {kind} {name!r}{hint} (known: {', '.join(names) or 'none'})")
