"""How words, times and sizes are written on the report's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import quote

Tone = Literal["good", "bad", "mixed", "none"]

VERDICTS: Final[tuple[tuple[str, Tone], ...]] = (
    ("reproduced", "good"),
    ("partly", "mixed"),
    ("refuted", "bad"),
    ("not-tested", "none"),
)
STATUSES: Final[tuple[tuple[str, Tone], ...]] = (
    ("ok", "good"),
    ("failed", "bad"),
    ("timeout", "bad"),
    ("kernel-died", "bad"),
    ("missing-artefact", "bad"),
    ("interrupted", "mixed"),
    ("not-run", "none"),
)
COMPARISONS: Final[tuple[tuple[str, Tone], ...]] = (
    ("VALID", "good"),
    ("faster", "good"),
    ("smaller", "good"),
    ("slower", "bad"),
    ("larger", "bad"),
    ("not-reproduced", "bad"),
    ("INVALID", "bad"),
    ("INCONCLUSIVE", "mixed"),
    ("host-differs", "mixed"),
    ("no difference", "none"),
)
_WHAT_HAPPENED: Final = (
    ("failed", "This notebook failed."),
    ("timeout", "This notebook ran out of time."),
    ("kernel-died", "The kernel of this notebook died."),
    ("missing-artefact", "This notebook did not write every file it declared."),
    ("interrupted", "This notebook was interrupted."),
    ("not-run", "This notebook was not run."),
)
_BYTES_PER_STEP = 1000


def tone(word: str) -> Tone:
    """The tone a badge takes for a status or a verdict; a word nobody knows is neutral."""
    return dict(VERDICTS + STATUSES + COMPARISONS).get(word, "none")


def what_happened(status: str) -> str:
    """One sentence on a notebook that did not end well."""
    return dict(_WHAT_HAPPENED).get(status, f"This notebook ended as “{status}”.")


def spoken(word: str) -> str:
    """A status or verdict as it is read aloud: `not-run` is "not run"."""
    return word.replace("-", " ")


def duration(seconds: float | None) -> str:
    """A time span in at most two units, or a dash where none was taken."""
    if seconds is None:
        return "–"
    if seconds < 59.95:  # would otherwise round up to "60.0 s"
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def size(count: int) -> str:
    """A number of bytes in decimal units."""
    if count < _BYTES_PER_STEP:
        return f"{count} B"
    for step, unit in ((1, "kB"), (2, "MB")):
        scaled = count / _BYTES_PER_STEP**step
        if scaled < _BYTES_PER_STEP - 0.05:
            return f"{scaled:.1f} {unit}"
    return f"{count / _BYTES_PER_STEP**3:.1f} GB"


def line_ranges(lines: Iterable[int]) -> str:
    """Line numbers with neighbours joined: 3, 4, 5 and 9 are "3–5, 9"."""
    runs: list[list[int]] = []
    for line in sorted(set(lines)):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def local_href(target: str) -> str:
    """A link that stays inside the run folder: a scheme or host in the text becomes part of a file name."""
    return quote(target.lstrip("/\\"), safe="/#%")
