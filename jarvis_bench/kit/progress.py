"""Progress of a run: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus

CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """Tells a person how far a run is; always on standard error, so that --json stays pure.

    Args:
        stream: where to; a terminal gets one line that is rewritten, anything else a line an event.
        quiet: say nothing.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._quiet = quiet
        self._name = ""
        self._cells = 0
        self._cell = 0

    def notebook(self, name: str, number: int, of: int) -> None:
        """A notebook begins."""
        self._name, self._cell = f"[{number}/{of}] {name}", 0
        self._say(f"{self._name} …")

    def cells(self, count: int) -> None:
        """The notebook has so many code cells."""
        # Papermill adds one: the injected parameters.
        self._cells = count + 1

    def cell(self, title: str) -> None:
        """A cell begins."""
        self._cell += 1
        self._say(f"{self._name} cell {self._cell}/{max(self._cells, self._cell)}: {title}", passing=True)

    def done(self, outcome: NotebookOutcome) -> None:
        """A notebook ended."""
        mark = "ok" if outcome.status is NotebookStatus.OK else outcome.status.value.upper()
        seconds = f" {outcome.seconds:.1f} s" if outcome.seconds is not None else ""
        reason = f": {outcome.reason}" if outcome.reason else ""
        self._say(f"{self._name} {mark}{seconds}{reason}", final=True)

    def note(self, text: str) -> None:
        """Anything else worth a line."""
        self._say(text, final=True)

    def _say(self, text: str, *, passing: bool = False, final: bool = False) -> None:
        if self._quiet:
            return
        if self._live:
            self._stream.write(f"{CLEAR_LINE}{text[:150]}" + ("\n" if final else ""))
        elif final or passing:
            self._stream.write(f"{text}\n")
        self._stream.flush()
