"""`jarvis-bench dashboard` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request

COMMAND = [sys.executable, "-m", "jarvis_bench", "dashboard"]
ENVIRON = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


def test_the_page_and_its_state_are_served_until_ctrl_c() -> None:
    env = dict(os.environ) | ENVIRON
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--json"], stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["pid"] == process.pid
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(told["url"], timeout=10) as answer:
            assert b"<h1>Tiers</h1>" in answer.read()
        with opener.open(f"{told['url']}/api/status", timeout=10) as answer:
            assert json.load(answer)["active"] == "local"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


def test_a_port_that_does_not_exist_is_exit_2() -> None:
    done = subprocess.run(
        [*COMMAND, "--port", "99999"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "99999" in done.stderr
