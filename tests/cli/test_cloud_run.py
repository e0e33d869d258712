"""`jarvis-bench cloud-run`: an emulator that leaves nothing behind, and what is missing for the real one."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.settings import CHECKOUT, Settings
from jarvis_bench.tiers.docker.image import Image
from jarvis_bench.tiers.service_client import EMBED_PATH, encode_body
from tests.processes import ends
from tests.tiers.docker.real_engine import IMAGE

PROGRAM = Path(sys.executable).parent / "jarvis-bench"
WAIT_S = 60.0


def environment(**given: str) -> dict[str, str]:
    """Without the machine's own credentials, and without gcloud."""
    return {
        "PATH": "/nowhere",
        "JARVIS_BENCH_HOME": str(CHECKOUT),
        "JARVIS_BENCH_WEIGHTS": "seeded",
        "JARVIS_BENCH_CACHE_DIR": str(Settings().cache_dir),
    } | given


@contextlib.contextmanager
def emulating(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command, once its front door is open, and its record."""
    command = [str(PROGRAM), "cloud-run", "emulate", "--port", "0", "--json", *options]
    given = environment(JARVIS_BENCH_DOCKER_IMAGE=IMAGE)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=given
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def ask(url: str, body: bytes) -> int:
    """The status of one embedding; 0 where the connection ended."""
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=WAIT_S)) as client:
            client.request("POST", EMBED_PATH, body, {"Content-Type": "application/json"})
            return client.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


def free(url: str) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as probing:
        return probing.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def body() -> bytes:
    return encode_body(load_clips(CHECKOUT / "data", [3.0])[0].samples)


@pytest.fixture(params=["process", pytest.param("container", marks=pytest.mark.engine)])
def instances(request: pytest.FixtureRequest, weights: Weights) -> str:
    """Each kind of instances; containers need the engine and our image."""
    if request.param == "container":
        request.getfixturevalue("image")
    return str(request.param)


def containers_of(request: pytest.FixtureRequest, instances: str, pid: int) -> list[Any]:
    """The emulator's containers that the engine knows, ended ones included."""
    if instances == "process":
        return []
    engine = request.getfixturevalue("engine")
    found: list[Any] = engine.containers(all=True, filters={"name": f"jarvis-bench-cloud-run-{pid}-"})
    return found


def test_ctrl_c_under_load_leaves_no_process_no_container_and_no_port(
    request: pytest.FixtureRequest, instances: str
) -> None:
    """Eight callers at once, two instances; then one SIGINT to the emulator alone."""
    options = ("--max-instances", "2", "--concurrency", "2", "--instances", instances)
    with emulating(*options) as (process, record):
        assert (record["pid"], record["how"], record["instances"]) == (process.pid, "emulated", instances)
        clip = body()
        with concurrent.futures.ThreadPoolExecutor(8) as callers:
            assert callers.submit(ask, record["url"], clip).result() == 200
            asked = [callers.submit(ask, record["url"], clip) for _ in range(40)]
            concurrent.futures.wait(asked, return_when=concurrent.futures.FIRST_COMPLETED)
            children = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
            assert children
            assert bool(containers_of(request, instances, process.pid)) == (instances == "container")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=WAIT_S)
            statuses = {future.result() for future in asked}
        assert process.returncode == 130, errors
        assert "Traceback" not in errors, errors
        assert "billed (emulated)" in errors
        assert statuses <= {200, 429, 503, 0}
        assert all(ends(pid) for pid in children)
        assert not containers_of(request, instances, process.pid)
        assert free(record["url"])


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a stopped process that its parent ended"
)
def test_even_a_killed_emulator_leaves_no_frozen_instance(weights: Weights) -> None:
    with emulating("--instances", "process") as (process, record):
        assert ask(record["url"], body()) == 200
        (instance,) = psutil.Process(process.pid).children()
        deadline_s = time.monotonic() + WAIT_S
        while instance.status() != psutil.STATUS_STOPPED and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert instance.status() == psutil.STATUS_STOPPED
        os.kill(process.pid, signal.SIGKILL)
        assert ends(instance.pid)


@pytest.mark.engine
def test_even_a_killed_emulator_leaves_no_frozen_container(
    request: pytest.FixtureRequest, image: Image, weights: Weights
) -> None:
    with emulating("--instances", "container") as (process, record):
        assert ask(record["url"], body()) == 200
        children = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        assert containers_of(request, "container", process.pid)
        os.kill(process.pid, signal.SIGKILL)
        deadline_s = time.monotonic() + WAIT_S
        while containers_of(request, "container", process.pid) and time.monotonic() < deadline_s:
            time.sleep(0.1)
        assert not containers_of(request, "container", process.pid)
        assert all(ends(pid) for pid in children)


def test_a_load_waits_for_a_service_that_sleeps(weights: Weights) -> None:
    """The first probe wakes it and has no answer in time; it is measured all the same, and labelled."""
    with emulating("--instances", "process", "--start-delay-s", "3") as (_, record):
        command = [
            str(PROGRAM),
            "load",
            "--tier",
            "cloud-run",
            "--concurrency",
            "1",
            "--duration",
            "1",
            "--json",
        ]
        given = environment(JARVIS_BENCH_CLOUD_RUN_URL=record["url"])
        done = subprocess.run(command, capture_output=True, text=True, env=given, check=False)
    assert done.returncode in {0, 3}, done.stderr
    load = json.loads(done.stdout)
    assert (load["facts"]["how"], load["requests"]["failed"]) == ("emulated", 0)
    assert load["requests"]["ok"] >= 1


def test_containers_that_cannot_be_had_are_refused_in_one_line() -> None:
    command = [str(PROGRAM), "cloud-run", "emulate", "--instances", "container"]
    nowhere = environment(JARVIS_BENCH_DOCKER_HOST="unix:///nowhere/docker.sock")
    done = subprocess.run(command, capture_output=True, text=True, env=nowhere, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "jarvis-bench: no containers for instances: Docker: Not installed (use --instances process)"
    )


def test_a_setting_that_cloud_run_does_not_have_is_refused() -> None:
    command = [str(PROGRAM), "cloud-run", "emulate", "--vcpu", "0.5"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "jarvis-bench: below 1 vCPU, Cloud Run allows a concurrency of 1 only"


def test_status_says_what_is_missing_and_what_a_month_would_cost() -> None:
    """Without an address and without credentials; the worked example at 1 vCPU and 1 GiB."""
    command = [str(PROGRAM), "cloud-run", "status", "--json", "--per-month", "1000000", "--latency-s", "0.3"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    found = {check["name"]: check["ok"] for check in report["checks"]}
    assert found == {
        "client": True,
        "address": False,
        "https": False,
        "credentials": False,
        "gcloud": False,
        "service ready": False,
    }
    assert report["status"]["cause"] == "no-url"
    assert report["probes"] is None
    assert report["costs"][0]["usd_per_1000"] == pytest.approx(0.00835)
    assert {cost["how"] for cost in report["costs"]} == {"modelled"}


def ask_status(port: int) -> subprocess.CompletedProcess[str]:
    """`cloud-run status` of a service at that port."""
    return subprocess.run(
        [PROGRAM, "cloud-run", "status"],
        capture_output=True,
        text=True,
        env=environment(JARVIS_BENCH_CLOUD_RUN_URL=f"http://127.0.0.1:{port}"),
        check=False,
    )


def test_status_in_words_prices_its_own_probe() -> None:
    """Of something that answers; 404 says that it is another service."""

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = ask_status(server.server_port)
        server.shutdown()
    assert done.returncode == 1
    assert "MISSING  service ready  the service" in done.stdout
    assert "check the URL and the region" in done.stdout
    assert "this probe: 1 request, woke nothing, $0.00000" in done.stdout
    assert "(modelled, prices of 2" in done.stdout


def test_a_probe_that_reached_nobody_has_no_price() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        done = ask_status(bound.getsockname()[1])
    assert done.returncode == 1
    assert "MISSING  service ready  the service cannot be reached" in done.stdout
    assert "this probe" not in done.stdout


def test_a_runtime_that_does_not_exist_is_named_with_its_nearest() -> None:
    command = [str(PROGRAM), "cloud-run", "emulate", "--runtime", "onx"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 2
    assert "unknown runtime 'onx'; did you mean 'onnx'?" in done.stderr
