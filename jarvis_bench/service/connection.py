"""A connection that does not wait for ever: uvicorn bounds idle connections, but not half a request."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientConnection(H11Protocol):
    """Closes a connection whose bytes make no request within `head_s` seconds.

    That is a head that trickles in, or the rest of a body that was refused before it was read (a refused
    upload is read and thrown away, because closing at once could destroy the answer on its way).
    """

    def __init__(self, *args: Any, head_s: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_s = head_s
        self._unfinished: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Also a client that sends nothing is given no more time."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take the bytes, then see whether they are part of a request that is being answered."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to be closed."""
        super().connection_lost(exc)
        self._forget()

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._unfinished is None and not self.transport.is_closing():
            self._unfinished = self.loop.call_later(self._head_s, self.transport.close)

    def _forget(self) -> None:
        if self._unfinished is not None:
            self._unfinished.cancel()
            self._unfinished = None


def patient_connections(head_s: float) -> partial[PatientConnection]:
    """What uvicorn makes for every client; `head_s` in seconds."""
    return partial(PatientConnection, head_s=head_s)
