"""ID tokens with keys of the emulator's own: issued, checked, and handed out by a metadata server."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from jarvis_bench.errors import MissingExtra

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from google.auth import crypt, jwt
except ModuleNotFoundError as exc:
    raise MissingExtra("google-auth", "cloud") from exc

ISSUER = "https://accounts.google.com"
INVOKER = "invoker@emulated.iam.gserviceaccount.com"
TOKEN_S = 3600
KEY_BITS = 2048
FLAVOR = {"Metadata-Flavor": "Google"}
IDENTITY = "/computeMetadata/v1/instance/service-accounts/{account}/identity"


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that IAM turns away: 401 for a token that is none, 403 for a caller who may not."""

    status: int
    why: str


class TestKeys:
    """A key pair, made anew for each emulator; nobody outside accepts its tokens, and it accepts nobody else's."""

    __test__ = False

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        self._public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._signer: Any = crypt.RSASigner.from_string(private, "emulated")  # type: ignore[no-untyped-call]

    def issue(self, audience: str, *, email: str = INVOKER, valid_s: float = TOKEN_S) -> str:
        """A token for an audience, from now on for `valid_s` seconds (negative: one that has expired)."""
        now_s = int(time.time())
        claims = {
            "iss": ISSUER, "aud": audience, "email": email, "email_verified": True, "sub": email,
            "iat": now_s + int(min(valid_s, 0)) - 60, "exp": now_s + int(valid_s),
        }  # fmt: skip
        token: bytes = jwt.encode(self._signer, claims)  # type: ignore[no-untyped-call]
        return token.decode("ascii")

    def check(
        self, header: str | None, audiences: tuple[str, ...], invokers: tuple[str, ...]
    ) -> Refused | None:
        """Judge an Authorization header.

        Args:
            header: as it came; None where there was none.
            audiences: one of them has to be the token's.
            invokers: accounts that have roles/run.invoker.
        """
        if not header:
            return Refused(403, "no token")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return Refused(401, "not a bearer token")
        try:
            claims = jwt.decode(token, certs=self._public, audience=list(audiences))  # type: ignore[no-untyped-call]
        except Exception as exc:  # google-auth raises many kinds for what is no token
            return Refused(401, str(exc))
        return None if claims.get("email") in invokers else Refused(403, "no roles/run.invoker")


def metadata_routes(keys: TestKeys) -> list[web.RouteDef]:
    """The part of Google's metadata server from which google-auth gets ID tokens."""

    async def root(_: web.Request) -> web.Response:
        return web.Response(text="computeMetadata/\n", headers=FLAVOR)

    async def identity(request: web.Request) -> web.Response:
        if request.headers.get("Metadata-Flavor") != "Google":
            return web.Response(status=403, text="Missing Metadata-Flavor:Google header.", headers=FLAVOR)
        audience = request.query.get("audience")
        if not audience:
            return web.Response(status=400, text="non-empty audience parameter required", headers=FLAVOR)
        return web.Response(text=keys.issue(audience), headers=FLAVOR)

    async def account(_: web.Request) -> web.Response:
        return web.json_response({"email": INVOKER, "aliases": ["default"], "scopes": []}, headers=FLAVOR)

    return [
        web.get("/", root),
        web.get(IDENTITY, identity),
        web.get("/computeMetadata/v1/instance/service-accounts/{account}/", account),
    ]
