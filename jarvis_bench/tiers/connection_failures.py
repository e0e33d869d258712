"""Why a request had no answer: one status and one cause for each way in which a connection fails."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from jarvis_bench.records import Status

NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
RESET = frozenset({errno.ECONNRESET, errno.EPIPE})


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failure says about a tier; `detail` goes on after "the service" and names the cure where there is one."""

    status: Status
    cause: str
    detail: str


def read_failure(exc: BaseException, *, read_s: float) -> Failure:
    """Tell apart why there was no complete answer.

    Args:
        exc: what the HTTP client raised (httpx, aiohttp or the operating system).
        read_s: how long the client waited between two parts of an answer, in seconds.
    """
    import aiohttp
    import httpx

    if isinstance(exc, httpx.ReadTimeout | httpx.WriteTimeout):
        return Failure(Status.BROKEN, "timeout", f"gave no answer within {read_s:g} s")
    if isinstance(exc, httpx.PoolTimeout):
        return Failure(Status.BUSY, "no-connection-free", "has all connections of this client in use")
    for cause in chain(exc):
        if isinstance(cause, socket.gaierror):
            return _name_failure(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            said = getattr(cause, "verify_message", "") or cause
            cure = "check the address; behind a company's proxy, set SSL_CERT_FILE to its certificates"
            return Failure(
                Status.BROKEN,
                "untrusted-certificate",
                f"has a certificate that is not trusted: {said} ({cure})",
            )
        if isinstance(cause, ssl.SSLError):
            detail = f"gives no TLS connection ({getattr(cause, 'reason', '') or cause}); is it https at all?"
            return Failure(Status.BROKEN, "tls-failure", detail)
        lost = isinstance(cause, OSError) and cause.errno in RESET
        if lost or isinstance(cause, aiohttp.ServerDisconnectedError):
            return Failure(Status.BROKEN, "connection-lost", f"broke the connection off ({cause})")
    if isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout):
        return Failure(Status.BROKEN, "unreachable", f"cannot be reached ({exc})")
    return Failure(
        Status.BROKEN, "connection-lost", f"broke the connection off ({str(exc) or type(exc).__name__})"
    )


def _name_failure(exc: socket.gaierror) -> Failure:
    if exc.errno in NO_SUCH_NAME:
        detail = f"has a host name that does not exist ({exc.strerror}); check the address"
        return Failure(Status.MISCONFIGURED, "unknown-host", detail)
    return Failure(
        Status.BROKEN, "dns-failure", f"has a host name that cannot be looked up ({exc.strerror}); offline?"
    )


def chain(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception, its causes, contexts, and the exceptions among their arguments (aiohttp and requests nest them)."""
    queue, seen = [exc], set[int]()
    while queue:
        error = queue.pop(0)
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        queue += [error.__cause__, error.__context__, getattr(error, "os_error", None)]
        queue += [argument for argument in error.args if isinstance(argument, BaseException)]
