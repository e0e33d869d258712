"""The style sheet that every page of ours begins with."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.records import Status

# good, bad, mixed and none are the tones of a badge.
TONES = {
    Status.READY: "good",
    Status.STARTING: "mixed",
    Status.BUSY: "mixed",
    Status.BROKEN: "bad",
    Status.MISCONFIGURED: "bad",
    Status.STOPPED: "none",
    Status.NOT_INSTALLED: "none",
}


def shared_sheet() -> str:
    """Colours of both schemes as custom properties, and the badge."""
    return Path(__file__).with_name("look.css").read_text(encoding="utf-8")
