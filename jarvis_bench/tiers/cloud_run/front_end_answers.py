"""What Google's front end says when it answers in the service's place: text and HTML, never the service's JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.records import Status
from jarvis_bench.tiers.cloud_run.addresses import split_address
from jarvis_bench.tiers.connection_failures import Failure

if TYPE_CHECKING:
    import httpx

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LOGIN_HOSTS = ("accounts.google.com", "login.microsoftonline.com")
LOGIN_WORDS = ("sign in", "signin", "log in", "login")
WITHOUT_INSTANCE = {
    429: Failure(
        Status.BUSY,
        "rate-exceeded",
        "is at its limit (429): every instance is full and no more may be started; "
        "wait, or raise the maximum of instances",
    ),
    500: Failure(
        Status.BROKEN,
        "no-instance",
        "had no instance for the request (500): none could be started in time, or it ended; see the service's log",
    ),
    503: Failure(
        Status.BROKEN,
        "instance-failed",
        "lost the instance during the request or could not start one (503): out of memory, or it crashed; "
        "see the service's log",
    ),
    504: Failure(
        Status.BUSY,
        "request-timeout",
        "did not finish within its request timeout, which includes a cold start (504); "
        "raise the timeout, or keep one instance",
    ),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """How a request proved who asks: `audience` of its token and the token's `origin`; `token` says if one was sent."""

    audience: str
    token: bool
    origin: str


def judge(answer: httpx.Response, sent: Sent) -> Failure | None:
    """What an answer means that the service itself did not give; None where the service gave it."""
    code = answer.status_code
    if code in REDIRECTS:
        return _redirected(answer)
    if code == 401:
        return _unauthorised(sent)
    if code == 403:
        return _forbidden(sent)
    if _is_json(answer.content):
        return None
    if code == 404:
        detail = (
            "does not exist under this address (404): no service answers there; check the URL and the region"
        )
        return Failure(Status.MISCONFIGURED, "no-service", detail)
    if code == 200 and answer.content.lstrip()[:1] == b"<":
        return _page(answer.text)
    return WITHOUT_INSTANCE.get(503 if code == 502 else code)


def _redirected(answer: httpx.Response) -> Failure:
    target = split_address(answer.headers.get("location", ""))
    host = target.hostname or answer.url.host
    if host in LOGIN_HOSTS or any(word in target.path.lower() for word in LOGIN_WORDS):
        detail = (
            f"sends us to a login page at {host} ({answer.status_code}): something that asks people to sign in stands "
            "before it; use the service's own run.app address with an ID token"
        )
        return Failure(Status.MISCONFIGURED, "login-redirect", detail)
    detail = (
        f"redirects to {target.geturl() or 'nowhere'} ({answer.status_code}); configure that address instead"
    )
    return Failure(Status.MISCONFIGURED, "redirect", detail)


def _unauthorised(sent: Sent) -> Failure:
    if not sent.token:
        detail = f"wants an ID token (401), and none was sent: {sent.origin}"
    else:
        detail = (
            f"does not accept the ID token (401) of {sent.origin} for the audience {sent.audience}; the audience has "
            "to be the service's root URL, or a custom one set in JARVIS_BENCH_CLOUD_RUN_AUDIENCE"
        )
    return Failure(Status.MISCONFIGURED, "unauthorised", detail)


def _forbidden(sent: Sent) -> Failure:
    if not sent.token:
        detail = f"refuses callers without an ID token (403), and none was sent: {sent.origin}"
    else:
        detail = f"refuses this caller (403): grant roles/run.invoker to the account of {sent.origin}"
    return Failure(Status.MISCONFIGURED, "forbidden", detail)


def _page(text: str) -> Failure:
    if any(word in text.lower() for word in LOGIN_WORDS):
        detail = "answers with a login page in place of JSON; use the run.app address with an ID token"
        return Failure(Status.MISCONFIGURED, "login-page", detail)
    detail = "answers 200 with a web page in place of JSON: another service answers there"
    return Failure(Status.MISCONFIGURED, "wrong-service", detail)


def _is_json(content: bytes) -> bool:
    if content.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
