"""The servers of a world, asked as a client would."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_bench.reproduction.stubs import cloud_stub, engine_stub, service_stub
from jarvis_bench.reproduction.worlds import Cloud, Engine

INSPECT = "/v1.52/containers/jarvis-ecapa-cloud/json"


@pytest.fixture
def path() -> Iterator[Path]:
    """Where the engine's socket goes: a short path."""
    with tempfile.TemporaryDirectory(prefix="jb-test-", dir="/tmp") as folder:
        yield Path(folder) / "engine.sock"


async def get(address: Path | int, target: str) -> tuple[int, dict[str, object]]:
    """Status and JSON of an answer over a unix socket or a port of this machine."""
    if isinstance(address, Path):
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", address)
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
        await writer.wait_closed()
    return int(head.split()[1]), json.loads(body)


async def test_engine_tells_its_version_and_the_containers_port(path: Path) -> None:
    """A client of the Engine API finds what it looks for: a version, a state, and where the service is."""
    async with engine_stub(path, Engine.READY, 4711):
        code, version = await get(path, "/version")
        assert (code, version["ApiVersion"]) == (200, "1.52")
        code, container = await get(path, INSPECT)
    assert code == 200
    assert container["State"] == {
        "Status": "running",
        "Running": True,
        "Paused": False,
        "Health": {"Status": "healthy"},
    }
    assert container["NetworkSettings"] == {
        "Ports": {"8010/tcp": [{"HostIp": "127.0.0.1", "HostPort": "4711"}]}
    }


async def test_engine_without_the_container_says_so(path: Path) -> None:
    """A missing container is the engine's 404, in its own words."""
    async with engine_stub(path, Engine.NO_CONTAINER, 4711):
        assert await get(path, INSPECT) == (404, {"message": "No such container: jarvis-ecapa-cloud"})


async def test_stuck_engine_answers_one_question_only_and_ends_at_once(path: Path) -> None:
    """The version comes, the container never does; a question that hangs does not hold up the world's end."""
    async with engine_stub(path, Engine.STUCK, 4711):
        assert (await get(path, "/version"))[0] == 200
        asking = asyncio.create_task(get(path, INSPECT))
        done, _ = await asyncio.wait([asking], timeout=0.1)
        assert not done
        started_s = time.perf_counter()
    assert time.perf_counter() - started_s < 5.0
    asking.cancel()
    await asyncio.wait([asking])


async def test_service_is_ready_until_its_world_ends() -> None:
    """The container's service says that its model is loaded; after its world, nobody listens there."""
    async with service_stub() as port:
        assert await get(port, "/health") == (
            200,
            {"status": "healthy", "ecapa_ready": True, "startup_state": "ready"},
        )
    with pytest.raises(ConnectionRefusedError):
        await get(port, "/health")


async def test_cloud_that_is_down_refuses() -> None:
    """Its address is there, and nobody listens; the port is kept, so that nobody else can."""
    async with cloud_stub(Cloud.DOWN) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ConnectionRefusedError):
            await get(port, "/health")
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))


async def test_no_cloud_has_no_address() -> None:
    """Where there is no Cloud Run, no address is configured."""
    async with cloud_stub(Cloud.NONE) as url:
        assert url == ""
