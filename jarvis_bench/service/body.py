"""Read a request's body, within bounds of size and time, and notice a client that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from jarvis_bench.service.limits import Limits
from jarvis_bench.service.refusals import refuse

Result = TypeVar("Result")


class ClientGone(Exception):
    """The client closed its connection before it had an answer."""


async def read_body(request: Request, limits: Limits) -> bytes:
    """The whole body.

    Raises:
        RequestRefused: not JSON by its header, compressed, empty, too large (said or seen), or too slow.
        ClientGone: the connection closed before the body was complete.
    """
    _check_headers(request, limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise refuse("body_too_large", f"more than {limits.body_bytes} bytes")
    except TimeoutError as exc:
        reason = f"{len(body)} bytes came within {limits.body_s:g} s, the rest did not"
        raise refuse("body_timeout", reason) from exc
    except ClientDisconnect as exc:
        raise ClientGone from exc
    if not body:
        raise refuse("empty_body", "there is none")
    return bytes(body)


def _check_headers(request: Request, limits: Limits) -> None:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise refuse("unsupported_media_type", f"{media_type[:80]!r} is not application/json")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise refuse("unsupported_encoding", f"{encoding[:40]!r}; send the body as it is")
    said = request.headers.get("content-length", "0")
    if int(said) > limits.body_bytes:
        raise refuse("body_too_large", f"{said[:20]} bytes are more than {limits.body_bytes}")


async def while_connected(request: Request, work: Awaitable[Result]) -> Result:
    """Await `work`, and cancel it when the client goes away.

    Raises:
        ClientGone: it did.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(_raise_when_gone(request))
            result = await work
            watch.cancel()
    except BaseExceptionGroup as group:
        # Either the client went or the work failed; the one cancels the other, so there is one error.
        raise group.exceptions[0] from None
    return result


async def _raise_when_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    raise ClientGone
