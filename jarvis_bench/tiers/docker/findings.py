"""What was found of the tier, and what a failure of the engine means."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.docker.addresses import NoEngine, load_docker_client
from jarvis_bench.tiers.docker.products import installed_product

NAME, TITLE = "docker", "Docker"
# Engine 20.10 of 2020: the first whose statistics can be had without a second's wait.
OLDEST_API = (1, 41)


@dataclass(frozen=True, slots=True)
class Finding:
    """A status in the making: `detail` completes the sentence that begins with "Docker: "."""

    status: Status
    cause: str
    detail: str

    def as_status(self) -> TierStatus:
        """The answer of a probe."""
        return TierStatus(NAME, self.status, self.cause, f"{TITLE}: {self.detail}")

    def as_error(self) -> TierFailed:
        """The same as an error."""
        return TierFailed(self.as_status())


class EngineTooOld(Exception):
    """The engine speaks only older versions of its API."""


NOT_RUNNING = Finding(Status.STOPPED, "daemon-not-running", "Daemon not running (can start if needed)")


def read_failure(exc: BaseException, *, timeout_s: float, remote: str = "") -> Finding:
    """Tell apart why the engine gave no answer, by the operating system's error underneath.

    Args:
        exc: what docker-py, or the search for an engine, raised.
        timeout_s: the deadline, for the sentence.
        remote: the address of an engine on another machine; empty for a local one.
    """
    if isinstance(exc, NoEngine) or (_caused_by(exc, FileNotFoundError) and not remote):
        return _absent(exc)
    if _caused_by(exc, PermissionError):
        return Finding(
            Status.MISCONFIGURED,
            "permission-denied",
            "Daemon running, but this user may not open its socket (join the group `docker`, then log in anew)",
        )
    if isinstance(exc, TimeoutError) or "timed out" in str(exc).lower():
        late = f"did not answer within {timeout_s:g} s"
        if remote and not _caused_by(exc, ConnectionRefusedError):
            return Finding(Status.BROKEN, "no-answer", f"the engine at {remote} {late}")
        return Finding(Status.BROKEN, "no-answer", f"Daemon accepts, but {late}")
    if _caused_by(exc, ConnectionRefusedError):
        if remote:
            return Finding(
                Status.BROKEN, "engine-unreachable", f"the engine at {remote} refuses the connection"
            )
        return Finding(Status.STOPPED, "stale-socket", "Daemon not running (its socket is stale)")
    if isinstance(exc, EngineTooOld) or "is too old" in str(exc) or "no longer supported" in str(exc):
        return Finding(Status.MISCONFIGURED, "engine-too-old", f"the engine is too old ({exc})")
    return _misused(exc, remote)


def _absent(exc: BaseException) -> Finding:
    product = exc.product if isinstance(exc, NoEngine) else installed_product()
    return NOT_RUNNING if product else Finding(Status.NOT_INSTALLED, "not-installed", "Not installed")


def _misused(exc: BaseException, remote: str) -> Finding:
    errors = load_docker_client().errors
    if isinstance(exc, errors.ContextNotFound):
        return Finding(Status.MISCONFIGURED, "no-context", f"there is no docker {exc}")
    if isinstance(exc, errors.TLSParameterError):
        return Finding(Status.MISCONFIGURED, "bad-tls", f"its keys cannot be used ({exc})")
    if remote and _caused_by(exc, OSError) and not isinstance(exc, errors.APIError):
        return Finding(
            Status.BROKEN, "engine-unreachable", f"the engine at {remote} cannot be reached ({exc})"
        )
    return Finding(Status.BROKEN, "engine-error", f"the engine cannot be asked ({exc})")


def _caused_by(exc: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether `kind` is in the chain of causes, contexts and arguments (requests nests them in `args`)."""
    seen: list[BaseException] = []
    queue = [exc]
    while queue:
        error = queue.pop()
        if error is None or error in seen:
            continue
        if isinstance(error, kind):
            return True
        seen.append(error)
        queue += [
            error.__cause__,
            error.__context__,
            *(arg for arg in error.args if isinstance(arg, BaseException)),
            getattr(error, "reason", None)
            if isinstance(getattr(error, "reason", None), BaseException)
            else None,
        ]
    return False
