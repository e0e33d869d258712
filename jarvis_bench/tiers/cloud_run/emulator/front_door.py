"""The one address of the emulated service: checks tokens, passes requests to instances, answers for Google."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from http import HTTPStatus

import aiohttp
import yarl
from aiohttp import web

from jarvis_bench.tiers.cloud_run.emulator.revision import NoInstance, QueueFull, Revision
from jarvis_bench.tiers.cloud_run.emulator.tokens import Refused
from jarvis_bench.tiers.cloud_run.tier import EMULATED_HEADER

BODY_BYTES = 32 * 1024 * 1024
SERVER = "Google Frontend"
# Of one connection (RFC 9110 §7.6.1), or said anew by whoever sends.
HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "content-length", "host", "server", "date"}
)  # fmt: skip
PAGE = """<html><head>
<meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>{code} {phrase}</title>
</head>
<body text=#000000 bgcolor=#ffffff>
<h1>Error: {phrase}</h1>
<h2>{text}</h2>
</body></html>
"""
NO_INSTANCE = (
    "The server encountered an error and could not complete your request.<p>Please try again in 30 seconds."
)
SIGNATURE = "SIGNATURE_REMOVED_BY_GOOGLE"

Authenticate = Callable[[str | None], Refused | None]


class FrontDoor:
    """A request in, an answer out.

    Args:
        revision: whose instances answer.
        instances: connections to them; one a request, since a frozen instance could not keep its end.
        authenticate: judges an Authorization header; None where the service is public.
    """

    def __init__(
        self, revision: Revision, instances: aiohttp.ClientSession, authenticate: Authenticate | None
    ) -> None:
        self._revision, self._instances, self._authenticate = revision, instances, authenticate

    def app(self) -> web.Application:
        """Every path and method."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self._authenticate is not None:
            refused = self._authenticate(request.headers.get("Authorization"))
            if refused is not None:
                return _refuse(refused)
        try:
            async with asyncio.timeout(self._revision.settings.timeout_s):
                body = await request.read()
                return await self._served(request, body)
        except TimeoutError:
            return _text(HTTPStatus.GATEWAY_TIMEOUT, "upstream request timeout")
        except QueueFull:
            return _text(HTTPStatus.TOO_MANY_REQUESTS, "Rate exceeded.")
        except NoInstance:
            return _page(HTTPStatus.INTERNAL_SERVER_ERROR, NO_INSTANCE)
        except (aiohttp.ClientError, OSError):
            # Google's log: the response was malformed, or the connection to the instance had an error.
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
        except web.HTTPRequestEntityTooLarge:
            return _page(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Your client issued a request that was too large."
            )

    async def _served(self, request: web.Request, body: bytes) -> web.Response:
        """The answer of an instance; another one is taken where the first has just gone and saw nothing of it."""
        while True:
            async with self._revision.lease() as instance:
                try:
                    return await self._forward(request, body, instance.address)
                except aiohttp.ClientConnectorError:
                    self._revision.lost(instance)

    async def _forward(self, request: web.Request, body: bytes, address: tuple[str, int]) -> web.Response:
        host, port = address
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        headers |= {
            "Host": request.host,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": request.remote or "",
        }
        if authorization := request.headers.get("Authorization"):
            # The instance sees who asks, but cannot use the token elsewhere.
            headers["Authorization"] = f"{authorization.rpartition('.')[0]}.{SIGNATURE}"
        async with self._instances.request(
            request.method,
            # As it came: decoding and encoding it again would make another path of it.
            yarl.URL(f"http://{host}:{port}{request.raw_path}", encoded=True),
            data=io.BytesIO(body) if body else None,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
            return web.Response(status=answer.status, body=content, headers=kept | _signed())


def _signed() -> dict[str, str]:
    return {"Server": SERVER, EMULATED_HEADER: "1"}


def _text(status: HTTPStatus, text: str) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/plain", headers=_signed())


def _page(status: HTTPStatus, text: str, headers: dict[str, str] | None = None) -> web.Response:
    content = PAGE.format(code=status.value, phrase=status.phrase, text=text)
    return web.Response(
        status=status, text=content, content_type="text/html", headers=_signed() | (headers or {})
    )


def _refuse(refused: Refused) -> web.Response:
    if refused.status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return _page(
            HTTPStatus.UNAUTHORIZED, "Your client does not have permission to the requested URL.", headers
        )
    return _page(HTTPStatus.FORBIDDEN, "Your client does not have permission to get the requested URL.")
