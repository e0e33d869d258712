"""What a result depends on besides the code: the machine, the versions, the state at the start."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from jarvis_bench.records import Json
from jarvis_bench.settings import CHECKOUT

PACKAGES = (
    "jarvis-bench",
    *(
        "torch",
        "torchaudio",
        "speechbrain",
        "onnxruntime",
        "openvino",
        "numpy",
        "pandas",
        "pyarrow",
        "matplotlib",
    ),
    *("papermill", "nbclient", "nbconvert", "jupyterlab", "ipykernel"),
    *("httpx", "aiohttp", "docker", "memory-profiler", "psutil"),
)
FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_tile")
BUSY_LOAD = 0.5


def describe_environment() -> dict[str, Json]:
    """The facts as plain JSON; bytes and seconds stand in the names."""
    memory = psutil.virtual_memory()
    cpu, flags = _cpu()
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu,
        "cpu_features": [flag for flag in FEATURES if flag in flags],
        "cores": psutil.cpu_count(),
        "ram_total_bytes": int(memory.total),
        "ram_available_bytes": int(memory.available),
        "swap_used_bytes": int(psutil.swap_memory().used),
        "load_1min": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "clock_resolution_s": time.get_clock_info("perf_counter").resolution,
        "docker_command": shutil.which("docker") is not None,
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def preflight(environment: Mapping[str, Json]) -> list[str]:
    """Sentences on what may disturb a measurement; empty when nothing was found."""
    found = []
    load, cores = environment["load_1min"], environment["cores"]
    if isinstance(load, float) and isinstance(cores, int) and load > BUSY_LOAD * cores:
        found.append(f"something else is running: load {load:.1f} on {cores} cores")
    if environment["swap_used_bytes"]:
        found.append("swap is in use: memory figures may be too low")
    if environment["dirty"]:
        found.append("the checkout has uncommitted changes")
    return found


def _cpu() -> tuple[str, set[str]]:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or platform.machine(), set()
    fields: dict[str, str] = {}
    for line in info.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        fields[name.strip()] = value.strip()
    return fields.get("model name", platform.machine()), set(fields.get("flags", "").split())


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """git's answer, None where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
