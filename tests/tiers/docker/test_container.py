"""What the engine's description of a container means."""

from __future__ import annotations

import pytest

from jarvis_bench.records import Status
from jarvis_bench.tiers.docker.container import LABEL, OWNER, judge, read_container

PORTS = {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8015"}]}}
RUNNING = {"Status": "running", "Running": True}


@pytest.mark.parametrize(
    ("state", "status", "cause"),
    [
        ({"Status": "exited", "ExitCode": 0}, Status.STOPPED, "container-stopped"),
        ({"Status": "exited", "ExitCode": 143}, Status.STOPPED, "container-stopped"),
        ({"Status": "exited", "ExitCode": 137}, Status.STOPPED, "container-died"),
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, Status.BROKEN, "out-of-memory"),
        ({"Status": "created"}, Status.STOPPED, "container-stopped"),
        ({"Status": "restarting", "Running": True}, Status.STARTING, "container-starting"),
        (RUNNING | {"Status": "paused", "Paused": True}, Status.STOPPED, "paused"),
    ],
)
def test_each_state_has_its_own_meaning(state: dict[str, object], status: Status, cause: str) -> None:
    finding = judge(read_container({"State": state, "NetworkSettings": PORTS}))
    assert finding is not None
    assert (finding.status, finding.cause) == (status, cause)


@pytest.mark.parametrize("health", ["starting", "healthy", "unhealthy"])
def test_a_running_container_has_to_be_asked(health: str) -> None:
    """The engine's health checks come late; the service itself knows first."""
    container = read_container({"State": RUNNING | {"Health": {"Status": health}}, "NetworkSettings": PORTS})
    assert judge(container) is None
    assert container.url == "http://127.0.0.1:8015"


def test_ports_of_a_remote_engine_are_on_its_machine() -> None:
    ports = {"Ports": {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]}}
    open_to_all = read_container({"State": RUNNING, "NetworkSettings": ports}, "build.example")
    assert (open_to_all.url, judge(open_to_all, "build.example")) == ("http://build.example:80", None)
    own = judge(
        read_container({"State": RUNNING, "NetworkSettings": PORTS}, "build.example"), "build.example"
    )
    assert own is not None
    assert (own.status, own.cause) == (Status.MISCONFIGURED, "loopback-port")


def test_only_our_label_makes_it_ours() -> None:
    ours = {"State": RUNNING, "Config": {"Labels": {LABEL: OWNER}}}
    assert read_container(ours).ours
    assert not read_container({"State": RUNNING, "Config": {"Labels": {LABEL: "someone"}}}).ours
    assert not read_container({"State": RUNNING, "Config": {"Labels": None}}).ours
