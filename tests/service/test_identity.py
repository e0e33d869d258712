"""Who answers, for measurements of cold starts."""

from __future__ import annotations

import os
import time

import psutil

from jarvis_bench.service.identity import BOOT_ID, read_identity


def test_identity_is_of_this_process_and_boot() -> None:
    """A new instance id each time, the kernel's boot id, and the true start of the process."""
    first, second = read_identity(), read_identity()
    assert first.instance_id != second.instance_id
    assert first.boot_id == second.boot_id == (BOOT_ID.read_text().strip() if BOOT_ID.exists() else "")
    assert first.process_start == psutil.Process(os.getpid()).create_time() <= time.time()
    assert first.import_ms is None
    assert first.request_index is None
