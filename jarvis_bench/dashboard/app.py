"""The page's application: three paths, all of them read-only."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from jarvis_bench.dashboard.feed import Feed
from jarvis_bench.dashboard.fragments import page, script, sheet
from jarvis_bench.records import as_json
from jarvis_bench.selection.router_state import RouterState

# Another site's name that resolves to this machine must not open the page.
HOSTS = ("127.0.0.1", "localhost", "[::1]")


def build_app(read: Callable[[], RouterState], feed: Feed) -> Starlette:
    """The application.

    Args:
        read: gives the router's record; the page and `/api/status` show the same.
        feed: what open pages follow.
    """
    style, code = sheet(), script()
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; connect-src 'self'; img-src data:; style-src {_hash(style)}; "
            f"script-src {_hash(code)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    async def show(_: Request) -> Response:
        return HTMLResponse(page(read(), style=style, script=code), headers=headers)

    async def status(_: Request) -> Response:
        return JSONResponse(as_json(read()), headers={"Cache-Control": "no-store"})

    async def events(_: Request) -> Response:
        return StreamingResponse(
            feed.events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return Starlette(
        routes=[Route("/", show), Route("/api/status", status), Route("/events", events)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))],
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
