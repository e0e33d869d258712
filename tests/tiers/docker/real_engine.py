"""Real engines for tests: the machine's own, and further ones with a socket and data of their own.

What the tests look at they ask with a client of their own, not through the code under test.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import docker
import pytest

from tests.tiers.servers import short_folder

SOCKET = Path("/var/run/docker.sock")
BASE_IMAGE = "jarvis-bench-base:bookworm"
# Kept between two runs of the tests for its layers; nothing else is.
IMAGE = "jarvis-bench-test-ecapa"
NAME = f"jarvis-bench-test-{os.getpid()}"
TINY = "jarvis-bench-test-tiny:latest"
TEST_LABEL = {"io.jarvis-bench.test": str(os.getpid())}
WAIT_S = 20.0


def missing(reason: str) -> NoReturn:
    """Skip, or fail where an engine was promised."""
    if "engine" in os.environ.get("JARVIS_BENCH_REQUIRE", ""):
        pytest.fail(f"JARVIS_BENCH_REQUIRE names engine, and {reason}")
    pytest.skip(reason)


def connect(path: Path, *, timeout_s: float = 30.0) -> Any:
    """docker-py's low-level client on that socket."""
    return docker.APIClient(base_url=f"unix://{path}", timeout=timeout_s)


def until(holds: Callable[[], object], *, limit_s: float = WAIT_S, what: str = "it") -> None:
    """Poll."""
    end_s = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end_s, f"{what} did not happen within {limit_s:g} s"
        time.sleep(0.02)


@dataclass
class OwnEngine:
    """A dockerd of the test's own, which it may kill."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "engine.sock"

    @property
    def host(self) -> str:
        """As the setting `docker_host`."""
        return f"unix://{self.socket}"

    @property
    def command(self) -> list[str]:
        """What starts it; it stays in the foreground.

        In namespaces of its own: a second engine would else take the machine's bridge away, and what it runs ends
        with it.
        """
        return [
            *("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"),
            "dockerd",
            *("--host", self.host, "--data-root", str(self.folder / "data")),
            *("--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "pid")),
            *("--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false"),
        ]

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)
        until(self.answers, what="the engine's answer")

    def answers(self) -> bool:
        """Whether it can be asked."""
        try:
            # docker-py leaks its socket where that cannot connect.
            with socket.socket(socket.AF_UNIX) as knocking:
                knocking.connect(str(self.socket))
        except OSError:
            return False
        with contextlib.closing(connect(self.socket)) as client:
            return bool(client.ping())

    def pids(self) -> list[int]:
        """All processes that belong to it, its containerd and shims among them."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and str(self.folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found

    def kill(self) -> None:
        """As a crash does: nobody tidies up, the socket file stays."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(WAIT_S)
            self.process = None
        until(lambda: not self.pids(), what="its end")
        # As after a restart of the machine, but for the socket.
        (self.folder / "pid").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "exec", ignore_errors=True)

    def clear(self) -> None:
        """Nothing of it is left."""
        self.kill()
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if f" {self.folder}" in line:
                subprocess.run(["umount", "-l", line.split()[1]], check=False)
        shutil.rmtree(self.folder / "data", ignore_errors=True)


@contextlib.contextmanager
def own_engine() -> Iterator[OwnEngine]:
    """A folder for an engine; `start` starts it."""
    if shutil.which("dockerd") is None or os.getuid() != 0:
        missing("a test cannot start an engine of its own (no dockerd, or not root)")
    with short_folder() as folder:
        engine = OwnEngine(folder)
        try:
            yield engine
        finally:
            engine.clear()


def import_tiny(client: Any) -> None:
    """An image with nothing but `sleep`, made from this machine's own."""
    libraries = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    paths = ["/bin/sleep", *(word for word in libraries.split() if word.startswith("/"))]
    content = BytesIO()
    with tarfile.open(fileobj=content, mode="w", dereference=True) as tar:
        for path in paths:
            tar.add(path)
    repository, _, tag = TINY.partition(":")
    client.import_image_from_data(content.getvalue(), repository=repository, tag=tag)
