"""Tokens from google-auth and from gcloud: real library, real command line, a token server of our own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.tiers.cloud_run import credentials
from jarvis_bench.tiers.cloud_run.credentials import KEY_FILE, find_credentials, token_fetch
from jarvis_bench.tiers.cloud_run.emulator.tokens import INVOKER, TestKeys
from jarvis_bench.tiers.cloud_run.id_tokens import IdToken, NoToken
from tests.processes import ends

SERVICE = "https://jarvis-abc-uc.a.run.app"


@pytest.fixture(scope="module")
def keys() -> TestKeys:
    return TestKeys()


def claims(token: IdToken | NoToken) -> dict[str, object]:
    from google.auth import jwt

    assert isinstance(token, IdToken)
    decoded: dict[str, object] = dict(jwt.decode(token.value, verify=False))  # type: ignore[no-untyped-call]
    return decoded


@contextlib.asynccontextmanager
async def token_server(keys: TestKeys) -> AsyncIterator[tuple[str, list[str]]]:
    """Google's token endpoint and IAM's generateIdToken; and the audiences that were asked for."""
    from google.auth import jwt

    asked: list[str] = []

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        assertion = jwt.decode(str(form["assertion"]), verify=False)  # type: ignore[no-untyped-call]
        if "target_audience" in assertion:
            asked.append(str(assertion["target_audience"]))
            return web.json_response({"id_token": keys.issue(asked[-1])})
        return web.json_response({"access_token": "source", "expires_in": 3600})

    async def generate(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer source"
        asked.append(str((await request.json())["audience"]))
        return web.json_response({"token": keys.issue(asked[-1], email="target@example.org")})

    app = web.Application()
    app.add_routes([web.post("/token", token), web.post("/{account}:generateIdToken", generate)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def account(token_uri: str) -> dict[str, str]:
    """A service account's key file, with a key made here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "client_email": INVOKER,
        "private_key": private.decode(),
        "private_key_id": "1",
        "token_uri": token_uri,
    }


async def test_a_service_account(keys: TestKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audience is the service's root, whatever path the address has; the loop goes on meanwhile."""
    file = tmp_path / "key.json"
    monkeypatch.setenv(KEY_FILE, str(file))
    async with token_server(keys) as (url, asked):
        file.write_text(json.dumps(account(f"{url}/token")))
        token = await token_fetch(f"{SERVICE}/some/path")()
        custom = await token_fetch(SERVICE, audience="https://custom")()
    assert asked == [SERVICE, "https://custom"]
    assert (claims(token)["aud"], claims(custom)["aud"]) == (SERVICE, "https://custom")
    assert isinstance(token, IdToken)
    assert token.origin == INVOKER
    assert token.expires_s == pytest.approx(time.time() + 3600, abs=60)


async def test_impersonation(keys: TestKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth import iam

    file = tmp_path / "key.json"
    monkeypatch.setenv(KEY_FILE, str(file))
    async with token_server(keys) as (url, asked):
        monkeypatch.setattr(iam, "_IAM_IDTOKEN_ENDPOINT", f"{url}/{{}}:generateIdToken")
        impersonated = {
            "type": "impersonated_service_account",
            "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/"
            "serviceAccounts/target@example.org:generateAccessToken",
            "source_credentials": account(f"{url}/token"),
        }
        file.write_text(json.dumps(impersonated))
        token = await token_fetch(SERVICE)()
    assert asked == [SERVICE]
    assert claims(token)["email"] == "target@example.org"


@pytest.mark.parametrize("content", ["", "{}", '{"type": "authorized_user"}', '{"type": "service_account"}'])
async def test_a_key_file_that_is_none_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """A person's application-default login gives no ID token; the sentence names both ways out."""
    file = tmp_path / "key.json"
    file.write_text(content)
    monkeypatch.setenv(KEY_FILE, str(file))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setattr("google.auth.compute_engine._metadata.ping", lambda request: False)
    with pytest.raises(TierFailed) as failed:
        await token_fetch(SERVICE)()
    assert failed.value.status.cause == "no-token"
    assert KEY_FILE in failed.value.status.reason
    assert "gcloud auth login" in failed.value.status.reason


def gcloud(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gcloud command that does this, and nothing else on PATH but the system's own."""
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    monkeypatch.delenv(KEY_FILE, raising=False)


async def test_a_persons_token_comes_from_gcloud(
    keys: TestKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = keys.issue("32555940559.apps.googleusercontent.com", email="person@example.org")
    gcloud(tmp_path, f'[ "$*" = "auth print-identity-token" ] && echo {issued}', monkeypatch)
    for source in ("auto", "gcloud"):
        token = await token_fetch(SERVICE, source=source)()
        assert claims(token)["email"] == "person@example.org"


async def test_gcloud_without_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for, it is an error; found by `auto`, there is no token, which a public service does not mind."""
    gcloud(tmp_path, "echo 'You do not currently have an active account selected.' >&2; exit 1", monkeypatch)
    with pytest.raises(TierFailed, match="active account"):
        await token_fetch(SERVICE, source="gcloud")()
    found = await token_fetch(SERVICE)()
    assert isinstance(found, NoToken)
    assert "active account" in found.why


async def test_a_gcloud_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    gcloud(tmp_path, f"sleep 60 & echo $! > {pids}; echo $$ >> {pids}; wait", monkeypatch)
    monkeypatch.setattr(credentials, "GCLOUD_S", 0.5)
    with pytest.raises(TierFailed, match="did not answer"):
        await token_fetch(SERVICE, source="gcloud")()
    assert all(ends(int(pid)) for pid in pids.read_text().split())


async def test_a_cancelled_gcloud_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    gcloud(tmp_path, f"echo $$ > {pids}; exec sleep 60", monkeypatch)
    task = asyncio.ensure_future(token_fetch(SERVICE, source="gcloud")())
    while not (pids.exists() and pids.read_text().strip()):
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert ends(int(pids.read_text()))


async def test_nothing_secret_goes_over_plain_http(
    keys: TestKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcloud(tmp_path, f"echo {keys.issue('x')}", monkeypatch)
    for url in ("http://example.org", "http://127.0.0.1:1"):
        found = await token_fetch(url)()
        assert isinstance(found, NoToken)
        assert "https" in found.why
    assert isinstance(await token_fetch("http://example.org", source="gcloud")(), NoToken)
    assert isinstance(await token_fetch("http://127.0.0.1:1", source="gcloud")(), IdToken)


async def test_none_sends_none() -> None:
    assert isinstance(await token_fetch(SERVICE, source="none")(), NoToken)


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'gcloud'"):
        token_fetch(SERVICE, source="gclod")


def test_what_auto_would_use(tmp_path: Path) -> None:
    product = tmp_path / "product_name"
    assert find_credentials({"PATH": ""}, product).source == "none"
    assert find_credentials({"PATH": "", "K_SERVICE": "x"}, product).detail.startswith("the metadata server")
    assert find_credentials({"PATH": "", KEY_FILE: "k.json"}, product).detail == "the key file k.json"
    product.write_text("Google Compute Engine\n")
    assert find_credentials({"PATH": ""}, product).source == "google-auth"
