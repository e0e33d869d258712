"""What the server answers, to whom, and that it lets go of everything."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing

import pytest

from tests.dashboard.serving import Serving, serving


def ask(
    here: Serving, path: str, *, host: str | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], str]:
    """One request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", here.port, timeout=10.0)) as client:
        client.request(method, path, headers={} if host is None else {"Host": host})
        answer = client.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()


def test_the_paths_are_read_only_and_for_this_machine_alone() -> None:
    with serving() as here:
        status, headers, body = ask(here, "/")
        assert status == 200
        assert "<h1>Tiers</h1>" in body
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        state = json.loads(ask(here, "/api/status")[2])
        assert state["schema_version"] == 1
        assert [tier["name"] for tier in state["tiers"]] == ["docker", "cloud-run", "local"]
        assert state["active"] == "docker"
        assert ask(here, "/api/status", method="POST")[0] == 405
        assert ask(here, "/etc/passwd")[0] == 404
        assert ask(here, "/", host="attacker.example")[0] == 400


def test_a_reader_gets_everything_first_and_then_only_what_changed() -> None:
    with (
        serving() as here,
        closing(http.client.HTTPConnection("127.0.0.1", here.port, timeout=10.0)) as client,
    ):
        client.request("GET", "/events")
        answer = client.getresponse()
        assert answer.getheader("content-type", "").startswith("text/event-stream")
        first, second = (next_parts(answer) for _ in range(2))
        assert {"active", "counters", "lanes", "switches", "tile-0", "tile-1", "tile-2"} == set(first)
        assert "switches" not in second
        assert "counters" in second


def next_parts(answer: http.client.HTTPResponse) -> dict[str, str]:
    """The data of the next event."""
    while not (line := answer.readline().decode()).startswith("data: "):
        assert line, "the stream ended"
    parts = json.loads(line.removeprefix("data: "))
    assert isinstance(parts, dict)
    return parts


def test_it_stops_at_once_with_pages_open() -> None:
    with serving() as here:
        clients = [http.client.HTTPConnection("127.0.0.1", here.port, timeout=10.0) for _ in range(3)]
        for client in clients:
            client.request("GET", "/events")
            client.getresponse().readline()
        began_s = time.perf_counter()
    assert time.perf_counter() - began_s < 2.0
    for client in clients:
        client.close()
    with pytest.raises(ConnectionRefusedError):
        ask(here, "/")
