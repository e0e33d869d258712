"""JARVIS's start-up sequence, re-implemented from documented facts; names and error texts are the upstream's.

Three probes run under one gather, and a waterfall takes the best tier they found.
This file is an exhibit: its faults are what it is kept for.
"""

import asyncio
import importlib.util
import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

CONTAINER_NAME = "jarvis-ecapa-cloud"
CONTAINER_HEALTH_URL = "http://localhost:8010/health"
DOCKER_SOCKETS = (Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock")
DOCKER_MAX_STARTUP_WAIT = 120.0
DOCKER_POLL_INTERVAL = 2.0
COMMAND_TIMEOUT = 5.0
CLOUD_RUN_TIMEOUT = 10.0
CLOUD_RUN_PATHS = ("/health", "/api/ml/health", "/status", "/startup-diagnostics", "/")
LOCAL_RAM_GB = 2.0
AUTO_START_DOCKER = True


class DaemonStatus(Enum):
    UNKNOWN = "unknown"
    NOT_INSTALLED = "not_installed"
    INSTALLED_NOT_RUNNING = "installed_not_running"
    STARTING = "starting"
    RUNNING = "running"


@dataclass
class DaemonHealth:
    status: DaemonStatus = DaemonStatus.UNKNOWN
    socket_exists: bool = False
    process_running: bool = False
    info_answers: bool = False
    ps_answers: bool = False


class DockerDaemonManager:
    """Knows the Docker daemon through the docker command line."""

    def __init__(self):
        self.health = DaemonHealth()

    async def _command_succeeds(self, *command):
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            await asyncio.wait_for(process.communicate(), COMMAND_TIMEOUT)
        except (OSError, asyncio.TimeoutError):
            return False
        return process.returncode == 0

    async def check_installation(self):
        return await self._command_succeeds("docker", "--version")

    async def check_daemon_health(self):
        health = DaemonHealth(socket_exists=any(path.exists() for path in DOCKER_SOCKETS))
        health.process_running = await self._command_succeeds("pgrep", "-x", "Docker Desktop")
        health.info_answers = await self._command_succeeds("docker", "info")
        health.ps_answers = await self._command_succeeds("docker", "ps")
        if health.info_answers and health.ps_answers:
            health.status = DaemonStatus.RUNNING
        elif health.socket_exists or health.process_running:
            health.status = DaemonStatus.STARTING
        else:
            health.status = DaemonStatus.INSTALLED_NOT_RUNNING
        self.health = health
        return health

    def is_healthy(self):
        return self.health.status is DaemonStatus.RUNNING

    async def start_daemon(self):
        command = ("open", "-a", "Docker") if sys.platform == "darwin" else ("systemctl", "start", "docker")
        if not await self._command_succeeds(*command):
            return False
        deadline = time.monotonic() + DOCKER_MAX_STARTUP_WAIT
        while time.monotonic() < deadline:
            await self.check_daemon_health()
            if self.is_healthy():
                return True
            await asyncio.sleep(DOCKER_POLL_INTERVAL)
        return False


_docker_daemon_manager = None


async def get_docker_daemon_manager() -> DockerDaemonManager:
    """Get or create the one manager."""
    global _docker_daemon_manager
    if _docker_daemon_manager is None:
        _docker_daemon_manager = DockerDaemonManager()
        await _docker_daemon_manager.check_daemon_health()
    return _docker_daemon_manager


async def probe_docker_backend():
    result = {"available": False, "healthy": False, "daemon_running": False, "error": None}
    try:
        docker_manager = await get_docker_daemon_manager()
        if not await docker_manager.check_installation():
            result["error"] = "Docker not installed"
            return result
        await docker_manager.check_daemon_health()
        result["available"] = True
        if docker_manager.is_healthy():
            result["daemon_running"] = True
            listing = subprocess.run(
                ["docker", "ps", "--filter", f"name={CONTAINER_NAME}", "--format", "{{.Status}}"],
                capture_output=True, text=True, timeout=COMMAND_TIMEOUT,
            )
            if "Up" in listing.stdout:
                answer = subprocess.run(
                    ["curl", "-s", "-f", CONTAINER_HEALTH_URL], capture_output=True, timeout=COMMAND_TIMEOUT
                )
                result["healthy"] = answer.returncode == 0
    except FileNotFoundError:
        result["error"] = "Docker not in PATH"
    except subprocess.TimeoutExpired:
        result["error"] = "Docker command timed out"
    except Exception as error:
        logger.debug("Docker probe failed", exc_info=True)
        result["error"] = str(error)
    return result


def _cloud_run_status(url):
    try:
        with urllib.request.urlopen(url, timeout=CLOUD_RUN_TIMEOUT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


async def probe_cloud_run_backend():
    result = {"available": False, "healthy": False, "latency_ms": None, "error": None}
    endpoint = os.environ.get("JARVIS_CLOUD_ML_ENDPOINT", "").rstrip("/")
    if not endpoint:
        result["error"] = "No Cloud Run endpoint configured"
        return result
    started = time.monotonic()
    for path in CLOUD_RUN_PATHS:
        try:
            status = await asyncio.to_thread(_cloud_run_status, endpoint + path)
        except:
            continue
        if status == 200:
            result["available"] = result["healthy"] = True
            result["latency_ms"] = (time.monotonic() - started) * 1000
            return result
    try:
        status = await asyncio.to_thread(_cloud_run_status, endpoint + "/api/ml/speaker_embedding")
        result["available"] = status in (200, 404, 405)
    except Exception as error:
        result["error"] = str(error)
    return result


async def probe_local_ecapa():
    available_gb = psutil.virtual_memory().available / 1024**3
    result = {"available": False, "memory_available_gb": available_gb, "error": None}
    if importlib.util.find_spec("speechbrain") is None:
        result["error"] = "speechbrain not installed"
    elif available_gb < LOCAL_RAM_GB:
        result["error"] = f"Insufficient RAM: {available_gb:.1f}GB < {LOCAL_RAM_GB}GB"
    else:
        result["available"] = True
    return result


def describe_docker(result):
    """The line that start-up prints for the Docker probe."""
    if result["healthy"]:
        return "✅ Docker: Ready (daemon running, container healthy)"
    if result["error"]:
        return f"❌ Docker: {result['error']}"
    if result["daemon_running"]:
        return "⚠️ Docker: Daemon running, container not healthy"
    return "⚠️ Docker: Daemon not running (can start if needed)"


async def select_ecapa_backend():
    """Phase 1 probes all three tiers at once; phase 2 takes the first good one in order."""
    docker, cloud_run, local = await asyncio.gather(
        probe_docker_backend(), probe_cloud_run_backend(), probe_local_ecapa()
    )
    selected, reason = None, "No ECAPA backend available"
    if docker["healthy"]:
        selected, reason = "docker", "Docker container healthy"
    elif cloud_run["healthy"]:
        selected, reason = "cloud-run", "Cloud Run healthy"
    elif AUTO_START_DOCKER and docker["available"] and not docker["daemon_running"]:
        docker_manager = await get_docker_daemon_manager()
        if await docker_manager.start_daemon():
            docker = await probe_docker_backend()
            if docker["healthy"]:
                selected, reason = "docker", "Docker started"
    if selected is None and local["available"]:
        selected, reason = "local", f"Local ECAPA ({local['memory_available_gb']:.1f}GB RAM available)"
    probes = {"docker": docker, "cloud_run": cloud_run, "local": local}
    return {"selected_backend": selected, "reason": reason, "probes": probes}
