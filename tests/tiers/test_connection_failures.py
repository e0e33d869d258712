"""Why a connection failed, told from what the libraries raise."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.tiers.connection_failures import chain, read_failure
from jarvis_bench.tiers.service_client import ServiceClient


def caused_by(cause: BaseException) -> httpx.ConnectError:
    error = httpx.ConnectError("no connection")
    error.__cause__ = OSError("wrapped", cause)
    return error


@pytest.mark.parametrize(
    ("error", "status", "cause"),
    [
        (httpx.ReadTimeout(""), Status.BROKEN, "timeout"),
        (httpx.PoolTimeout(""), Status.BUSY, "no-connection-free"),
        (caused_by(socket.gaierror(socket.EAI_NONAME, "unknown")), Status.MISCONFIGURED, "unknown-host"),
        (caused_by(socket.gaierror(socket.EAI_AGAIN, "again")), Status.BROKEN, "dns-failure"),
        (caused_by(ssl.SSLCertVerificationError(1, "expired")), Status.BROKEN, "untrusted-certificate"),
        (caused_by(ssl.SSLError(1, "wrong version number")), Status.BROKEN, "tls-failure"),
        (caused_by(ConnectionResetError(104, "reset")), Status.BROKEN, "connection-lost"),
        (httpx.ConnectError("refused"), Status.BROKEN, "unreachable"),
        (httpx.RemoteProtocolError("half"), Status.BROKEN, "connection-lost"),
    ],
)
def test_each_failure_has_its_own_cause(error: Exception, status: Status, cause: str) -> None:
    failure = read_failure(error, read_s=2.0)
    assert (failure.status, failure.cause) == (status, cause)


def test_a_circle_of_causes_ends() -> None:
    first, second = OSError(), OSError()
    first.__cause__, second.__cause__ = second, first
    assert list(chain(first)) == [first, second]


@contextlib.asynccontextmanager
async def self_signed(folder: Path) -> AsyncIterator[int]:
    """A TLS server that nobody has reason to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "both.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    """Over a real TLS connection; the sentence says what to do behind a company's proxy."""
    async with self_signed(tmp_path) as port:
        client = ServiceClient(f"https://127.0.0.1:{port}", tier="cloud-run", title="Cloud Run")
        with pytest.raises(TierFailed) as failed:
            await client.request("GET", "/health")
        await client.aclose()
    assert failed.value.status.cause == "untrusted-certificate"
    assert "SSL_CERT_FILE" in failed.value.status.reason
