"""A person sees how far a run is: one line that is rewritten in a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus
from jarvis_bench.kit.progress import Progress

FAILED = NotebookOutcome(
    "10_look", "Look", "What?", NotebookStatus.TIMEOUT, seconds=3.21, reason="too slow, after 3 s"
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def tell(stream: io.StringIO, *, quiet: bool = False) -> str:
    """What a short run writes to the stream."""
    progress = Progress(stream, quiet=quiet)
    progress.notebook("10_look", 1, 2)
    progress.cells(1)
    progress.cell("Measure")
    progress.cell("Read")
    progress.done(FAILED)
    progress.note("report: index.html")
    return stream.getvalue()


def test_plain_lines_where_no_terminal_is() -> None:
    """No control codes; each line stands for itself and names the notebook."""
    text = tell(io.StringIO())
    lines = text.splitlines()
    assert "\r" not in text
    assert "\x1b" not in text
    assert all("10_look" in line for line in lines[:-1])
    assert "report: index.html" in lines[-1]


def test_the_last_line_of_a_notebook_says_how_it_ended() -> None:
    """Status, time and reason stand together."""
    line = next(line for line in tell(io.StringIO()).splitlines() if "too slow" in line)
    assert "timeout" in line.lower()
    assert "3.2 s" in line


def test_a_terminal_gets_one_line_that_is_rewritten() -> None:
    """Only what has ended stays on the screen."""
    text = tell(Terminal())
    assert text.count("\n") == 2
    assert "Measure" in text
    assert text.rstrip("\n").rpartition("\r")[2].endswith("report: index.html")


def test_quiet_says_nothing() -> None:
    """For callers that have their own way to tell."""
    assert tell(io.StringIO(), quiet=True) == ""


def test_cells_are_counted_up_to_their_number() -> None:
    """The last cell is never beyond the total."""
    counts = [
        part.split()[0] for line in tell(io.StringIO()).splitlines() for part in line.split("cell ")[1:]
    ]
    assert [count.rstrip(":") for count in counts] == ["1/2", "2/2"]
