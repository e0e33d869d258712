"""Where ID tokens come from: google-auth for accounts of programs, the gcloud command for people.

google-auth knows service accounts, impersonated ones and the metadata server of Google's machines; the credentials of
`gcloud auth application-default login` give no ID token, so a person's token comes from
`gcloud auth print-identity-token`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jarvis_bench.errors import MissingExtra, TierFailed, unknown_name
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.cloud_run.addresses import split_address
from jarvis_bench.tiers.cloud_run.id_tokens import Fetch, IdToken, NoToken
from jarvis_bench.tiers.http_health import LOOPBACK

SOURCES = ("auto", "none", "google-auth", "gcloud")
KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
METADATA_VARIABLES = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "K_SERVICE", "GAE_RUNTIME")
PRODUCT = Path("/sys/class/dmi/id/product_name")
CALL_S = 5.0
GCLOUD_S = 15.0
HOW = (
    f"set {KEY_FILE} to a service account's key file, or log in with `gcloud auth login`; "
    "see `jarvis-bench cloud-run status`"
)


@dataclass(frozen=True, slots=True)
class Found:
    """Which credentials there are: `source` one of SOURCES but auto, `detail` in words."""

    source: str
    detail: str


def find_credentials(environ: Mapping[str, str] | None = None, product: Path = PRODUCT) -> Found:
    """What `auto` would use; looks at variables and files only, and asks nobody.

    The metadata server is taken to be there only on Google's own machines: elsewhere, asking it takes seconds.
    """
    environ = os.environ if environ is None else environ
    if path := environ.get(KEY_FILE):
        return Found("google-auth", f"the key file {path}")
    named = product.is_file() and product.read_text(encoding="utf-8", errors="replace").startswith("Google")
    if named or any(environ.get(name) for name in METADATA_VARIABLES):
        return Found("google-auth", "the metadata server of this machine")
    if shutil.which("gcloud", path=environ.get("PATH")):
        return Found("gcloud", "the gcloud command's login")
    return Found("none", f"no credentials found; {HOW}")


def token_fetch(url: str, *, audience: str = "", source: str = "auto") -> Fetch:
    """How to get tokens for a service.

    Args:
        url: root of the service. Over plain http nothing secret is sent, but to this machine when told to.
        audience: whom the token is for; empty means the service's root URL.
        source: one of SOURCES.
    """
    if source not in SOURCES:
        raise unknown_name("source of ID tokens", source, SOURCES)
    parts = split_address(url)
    secure = parts.scheme == "https" or (source != "auto" and parts.hostname in LOOPBACK)
    if source == "none":
        return partial(_none, "JARVIS_BENCH_CLOUD_RUN_AUTH is `none`")
    if not secure:
        return partial(_none, "the address is plain http, and tokens are sent over https only")
    audience = audience or f"{parts.scheme}://{parts.netloc}"
    if source == "auto":
        return partial(_auto, audience)
    return partial({"google-auth": _google_auth, "gcloud": _gcloud}[source], audience)


async def _none(why: str) -> IdToken | NoToken:
    return NoToken(why)


async def _auto(audience: str) -> IdToken | NoToken:
    found = await asyncio.to_thread(find_credentials)
    if found.source == "google-auth":
        return await _google_auth(audience)
    if found.source == "gcloud":
        try:
            return await _gcloud(audience)
        except TierFailed as exc:  # a public service needs none; a private one will say so
            return NoToken(exc.status.reason.partition(": ")[2])
    return NoToken(found.detail)


async def _google_auth(audience: str) -> IdToken | NoToken:
    return await asyncio.to_thread(_ask_google_auth, audience)


def _ask_google_auth(audience: str) -> IdToken:
    """Blocking; every call has its own limit."""
    try:
        import google.auth.exceptions
        import google.auth.transport.requests
        from google.oauth2 import id_token
    except ModuleNotFoundError as exc:
        raise MissingExtra("google-auth and requests", "cloud") from exc
    transport: Any = google.auth.transport.requests.Request()
    request = partial(_limited, transport)
    try:
        credentials: Any = id_token.fetch_id_token_credentials(audience, request=request)  # type: ignore[no-untyped-call]
        credentials.refresh(request)
        return IdToken(credentials.token, _expiry_s(credentials.token), _origin(credentials))
    except (google.auth.exceptions.GoogleAuthError, OSError, ValueError, KeyError) as exc:
        raise _failed("no-token", f"no ID token from google-auth ({exc}); {HOW}") from exc
    finally:
        transport.session.close()


def _limited(transport: Any, url: str, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
    return transport(url, *args, timeout=min(timeout or CALL_S, CALL_S), **kwargs)


def _origin(credentials: Any) -> str:
    email = getattr(credentials, "service_account_email", None) or getattr(credentials, "signer_email", None)
    return str(email or "the metadata server's account")


async def _gcloud(audience: str) -> IdToken | NoToken:
    """A person's token; its audience is gcloud's own, which Cloud Run accepts from people."""
    program = shutil.which("gcloud")
    if program is None:
        raise _failed("no-gcloud", f"the gcloud command is not installed; {HOW}")
    output, error, code = await _run(program, "auth", "print-identity-token")
    token = output.decode("ascii", errors="replace").strip()
    if code or token.count(".") != 2:
        said = error.decode(errors="replace").strip().splitlines() or ["no token"]
        raise _failed(
            "gcloud-failed", f"`gcloud auth print-identity-token` gave no token ({said[-1][:200]}); {HOW}"
        )
    return IdToken(token, _expiry_s(token), "the gcloud command's login")


async def _run(*command: str) -> tuple[bytes, bytes, int]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        async with asyncio.timeout(GCLOUD_S):
            output, error = await process.communicate()
    except TimeoutError as exc:
        raise _failed("gcloud-failed", f"`gcloud` did not answer within {GCLOUD_S:g} s") from exc
    finally:
        if process.returncode is None:
            # gcloud is a shell script that starts Python: the group has to go, and be collected.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return output, error, process.returncode or 0


def _expiry_s(token: str) -> float:
    """`exp` of a JWT, in Unix seconds; the signature is the service's to check.

    Raises:
        TierFailed: it is no JWT.
    """
    try:
        from google.auth import jwt
    except ModuleNotFoundError as exc:
        raise MissingExtra("google-auth", "cloud") from exc
    try:
        return float(jwt.decode(token, verify=False)["exp"])  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, TypeError) as exc:
        raise _failed("no-token", f"what came in place of an ID token is none ({exc})") from exc


def _failed(cause: str, detail: str) -> TierFailed:
    return TierFailed(TierStatus("cloud-run", Status.MISCONFIGURED, cause, f"Cloud Run: {detail}"))
