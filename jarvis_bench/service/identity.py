"""Which process answers, and how cold it was: the fields that a cold-start measurement reads."""

from __future__ import annotations

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
        import_ms: importing the runtime's packages; None until it is done.
        model_load_ms: loading the weights into the runtime.
        first_inference_ms: the first embedding, computed before the service calls itself ready.
        request_index: how many requests the model took up before this one; 0 is the cold one. None in
            answers that the model had no part in; in /health the index that the next request will get.
    """

    instance_id: str
    boot_id: str
    process_start: float
    import_ms: float | None = None
    model_load_ms: float | None = None
    first_inference_ms: float | None = None
    request_index: int | None = None


def read_identity() -> Identity:
    """Who this process is."""
    boot_id = BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.is_file() else ""
    return Identity(uuid.uuid4().hex, boot_id, psutil.Process().create_time())
