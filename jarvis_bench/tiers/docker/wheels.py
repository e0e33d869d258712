"""Fetch what goes into the image on the host, where certificates and package indexes are set up; once, then offline."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.metadata
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from jarvis_bench.errors import UsageError, unknown_name
from jarvis_bench.settings import Settings

PYTHON = "3.11"
# The engine's names of processors, and the wheels'.
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
# glibc versions up to that of Debian 12, on which the default base stands.
GLIBC_MINOR = (17, 24, 26, 27, 28, 31, 34, 35, 36)
EXTRAS = {"onnx": ("serve",), "speechbrain": ("serve", "local")}
# What an extra has for other runtimes, and only weighs in the image.
LEFT_OUT = {"onnx": frozenset[str](), "speechbrain": frozenset({"onnx", "onnxruntime"})}
REQUIREMENTS = "requirements.txt"


def requirements(runtime: str) -> list[str]:
    """What the service with this runtime needs, as our own package's metadata say it.

    Raises:
        UsageError: no image is made for that runtime.
    """
    if runtime not in EXTRAS:
        raise unknown_name("runtime for an image", runtime, EXTRAS)
    wanted: set[str] = set()
    for requirement in importlib.metadata.requires("jarvis-bench") or ():
        package, _, condition = (part.strip() for part in requirement.partition(";"))
        extra = re.search(r"extra == ['\"](\w+)['\"]", condition)
        name = re.split(r"[^\w.-]", package)[0].lower()
        if name not in LEFT_OUT[runtime] and (extra is None or extra[1] in EXTRAS[runtime]):
            wanted.add(package)
    return sorted(wanted)


async def fetch_wheels(settings: Settings, runtime: str, machine: str) -> Path:
    """The folder with all wheels, pip's own and a requirements file; fetched on first use.

    Args:
        settings: where the cache is, and the checkout with the tested versions.
        runtime: `onnx` or `speechbrain`.
        machine: the engine's processor, such as `x86_64`.

    Raises:
        UsageError: no wheels for that processor, or they could not be fetched; the text says why.
    """
    if machine not in MACHINES:
        raise unknown_name("processor of an engine", machine, MACHINES)
    wanted = requirements(runtime)
    constraints = settings.home / "constraints.txt"
    pins = constraints.read_bytes() if constraints.is_file() else b""
    recipe = hashlib.sha256(b"\0".join([*(w.encode() for w in wanted), pins, PYTHON.encode()])).hexdigest()
    folder = settings.cache_dir / "wheels" / f"{runtime}-{MACHINES[machine]}-{recipe[:12]}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=folder.parent))
    try:
        (work / REQUIREMENTS).write_text("\n".join(wanted) + "\n", encoding="utf-8")
        options = ["--constraint", str(constraints)] if pins else []
        await _pip_download([*options, *_platform(MACHINES[machine]), "--dest", str(work), "pip", *wanted])
        work.chmod(0o755)
        with contextlib.suppress(OSError):  # another one was quicker; its folder is complete
            work.replace(folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    return folder


def _platform(machine: str) -> list[str]:
    names = [f"manylinux_2_{minor}_{machine}" for minor in reversed(GLIBC_MINOR)]
    names += [f"manylinux2014_{machine}", f"linux_{machine}"]
    abi = f"cp{PYTHON.replace('.', '')}"
    return [
        "--only-binary=:all:",
        *(f"--platform={name}" for name in names),
        *("--python-version", PYTHON, "--implementation", "cp"),
        *(f"--abi={name}" for name in (abi, "abi3", "none")),
    ]


async def _pip_download(arguments: list[str]) -> None:
    """Run pip; where the caller is cancelled, it ends."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    if process.returncode != 0:
        lines = [line for line in output.decode(errors="replace").splitlines() if "ERROR" in line]
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"pip ended with {process.returncode}"
        raise UsageError(f"the wheels of the image could not be fetched: {reason}")
