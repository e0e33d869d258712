"""An instance that does not listen and ignores SIGTERM."""

from __future__ import annotations

import signal
import sys
import time

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stderr.write("deaf\n")
    time.sleep(60)
