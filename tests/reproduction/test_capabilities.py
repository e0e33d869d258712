"""A closed file is closed to root, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = """
import sys
from jarvis_bench.reproduction.capabilities import drop_override_of_file_rights
drop_override_of_file_rights()
try:
    open(sys.argv[1], "w")
except PermissionError:
    print("denied")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="capabilities are Linux's")
def test_after_the_drop_even_root_is_denied(tmp_path: Path) -> None:
    """Whoever runs the tests, a file without rights may not be written after the drop."""
    closed = tmp_path / "closed"
    closed.touch(mode=0)
    assert subprocess.check_output([sys.executable, "-c", SOURCE, str(closed)], text=True) == "denied\n"
