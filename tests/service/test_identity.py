"""Who answers, for measurements of cold starts."""

from __future__ import annotations

import os
import time

import psutil
import pytest

from jarvis_bench.service.identity import BOOT_ID, read_identity


def test_identity_is_of_this_process_and_boot() -> None:
    """A new instance id each time, the kernel's boot id, and the true start of the process."""
    first, second = read_identity(), read_identity()
    assert first.instance_id != second.instance_id
    assert first.boot_id == second.boot_id == (BOOT_ID.read_text().strip() if BOOT_ID.exists() else "")
    # psutil's own figure has the time of the boot in whole seconds.
    assert first.process_start == pytest.approx(psutil.Process(os.getpid()).create_time(), abs=1.1)
    assert first.process_start < time.time()
    assert first.process_start == pytest.approx(second.process_start, abs=0.05)
    assert first.process_ms is not None
    assert 0 < first.process_ms < (time.time() - first.process_start) * 1000 + 50
    assert first.import_ms is None
    assert first.request_index is None
