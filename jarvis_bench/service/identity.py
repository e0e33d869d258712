"""Which process answers, and how cold it was: the fields that a cold-start measurement reads."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Identity:
    """Part of every answer.

    Args:
        instance_id: made anew by every process of the service.
        boot_id: the kernel's, made anew at every boot; empty where there is none (not Linux).
        process_start: when the operating system started the process, in Unix seconds (10 ms steps).
        process_ms: from there until the service was about to listen: interpreter and imports of the server.
        import_ms: importing the runtime's packages; None until it is done.
        model_load_ms: loading the weights into the runtime.
        first_inference_ms: the first embedding, computed before the service calls itself ready.
        request_index: how many requests the model took up before this one; 0 is the cold one. None in
            answers that the model had no part in; in /health the index that the next request will get.
    """

    instance_id: str
    boot_id: str
    process_start: float
    process_ms: float | None = None
    import_ms: float | None = None
    model_load_ms: float | None = None
    first_inference_ms: float | None = None
    request_index: int | None = None


def read_identity() -> Identity:
    """Who this process is."""
    boot_id = BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.is_file() else ""
    now_s, age_s = time.time(), process_age_s()
    return Identity(uuid.uuid4().hex, boot_id, now_s - age_s, process_ms=age_s * 1000)


def process_age_s() -> float:
    """Seconds since the operating system started this process.

    By the kernel's own uptime: the time of the boot, to which psutil adds, is kept in whole seconds only.
    """
    try:
        fields = (
            Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
        uptime_s = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        return max(0.0, uptime_s - int(fields[19]) / os.sysconf("SC_CLK_TCK"))
    except OSError:
        return max(0.0, time.time() - psutil.Process().create_time())
