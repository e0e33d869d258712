"""Which tool sees which fault of the exhibit, and where it points."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from jarvis_bench.kit.linters import LINTERS, Linter, LinterMessage, LinterRun, run_linters
from jarvis_bench.reproduction.reproduce import STARTUP


class Sight(StrEnum):
    """What a tool says of a fault."""

    PLACE = "place"
    LATER = "later"
    OTHER = "other"
    NOTHING = "nothing"
    NOT_INSTALLED = "not-installed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the exhibit: the line where its cure belongs, found by its text, and words that tell it is meant.

    `reach` is how many lines after it show its effect.
    """

    name: str
    file: str
    source: str
    words: tuple[str, ...]
    reach: int


@dataclass(frozen=True, slots=True)
class SightRow:
    """One tool and one fault; `line` and `message` are what it said, `others` counts its other messages on the file."""

    linter: str
    version: str | None
    settings: str
    fault: str
    fault_file: str
    fault_line: int
    sight: str
    line: int | None
    message: str
    others: int
    seconds: float


AWAITS: Final = ("coroutine", "await")
FAULTS: Final = (
    Fault("missing await (v10.5)", "v10_5.py", "docker_manager = get_docker_daemon_manager()", AWAITS, 6),
    Fault(
        "kept, never used (VBIA)",
        "silent_adapter.py",
        "self._adapter = get_tiered_vbia_adapter()",
        AWAITS,
        10,
    ),
    Fault(
        "missing method (v10.6)",
        "v10_6.py",
        "docker_manager.check_docker_installed()",
        ("check_docker_installed",),
        0,
    ),
    Fault(
        "two callers race (v10.6)",
        "v10_6.py",
        "if _docker_daemon_manager is None:",
        ("racy", "race", "lock"),
        2,
    ),
)


async def compare_linters(linters: Sequence[Linter] = LINTERS) -> list[SightRow]:
    """Run every tool on copies of the exhibit's files, alone in a folder, and judge what each says of each fault."""
    files = sorted({fault.file for fault in FAULTS})
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        folder = Path(name)
        for file in files:
            await asyncio.to_thread(shutil.copyfile, STARTUP / file, folder / file)
        runs = await run_linters(folder, files, linters)
    return [judge_sight(run, fault, line_of(fault)) for run in runs for fault in FAULTS]


def line_of(fault: Fault, folder: Path = STARTUP) -> int:
    """The number of the line that holds the fault's source text."""
    lines = (folder / fault.file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if fault.source in line)


def judge_sight(run: LinterRun, fault: Fault, line: int) -> SightRow:
    """What a tool's output says of one fault: the place itself, a line it reaches, another reason, or nothing."""
    here = [message for message in run.messages if message.file == fault.file]
    meant = [one for one in here if any(word in one.text.lower() for word in fault.words)]
    at_place = [one for one in meant if one.line == line]
    later = [one for one in meant if line < one.line <= line + fault.reach]
    other = [one for one in here if one.line in range(line, line + fault.reach + 1) and _is_about_names(one)]
    if run.version is None:
        sight, said = Sight.NOT_INSTALLED, None
    elif run.failure:
        sight, said = Sight.FAILED, None
    else:
        ranked = ((Sight.PLACE, at_place), (Sight.LATER, later), (Sight.OTHER, other))
        sight, said = next(((sight, found[0]) for sight, found in ranked if found), (Sight.NOTHING, None))
    return SightRow(
        linter=run.linter,
        version=run.version,
        settings=run.settings,
        fault=fault.name,
        fault_file=fault.file,
        fault_line=line,
        sight=sight.value,
        line=None if said is None else said.line,
        message=run.failure if said is None else said.text,
        others=len(here) - (said is not None),
        seconds=run.seconds,
    )


def _is_about_names(message: LinterMessage) -> bool:
    """A complaint about what the code does; style and missing annotations are no reason to look at a line twice."""
    return any(word in message.text for word in ("has no", "not callable", "cannot access", "Cannot access"))
