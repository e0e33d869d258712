"""Read the memory of one process from the kernel.

    pss     proportional set size: private pages, plus a share of those that others map, too
    rss     resident set size: counts shared pages in full
    vm-hwm  the kernel's own high-water mark of rss, which no sampling can miss

Linux: /proc/PID/smaps_rollup, /proc/PID/status (proc(5)). Elsewhere only rss can be had.
"""

from __future__ import annotations

from pathlib import Path

import psutil

from jarvis_bench.errors import NothingMeasured

KIB = 1024
HAS_PROC = Path("/proc/self/smaps_rollup").is_file()


def read_memory(pid: int) -> dict[str, int]:
    """Bytes by metric; a metric that cannot be had is absent, never 0.

    Raises:
        NothingMeasured: there is no such process, or this user may not look at it.
    """
    try:
        if not HAS_PROC:
            return {"rss": int(psutil.Process(pid).memory_info().rss)}
        rollup = _fields(Path(f"/proc/{pid}/smaps_rollup"))
        status = _fields(Path(f"/proc/{pid}/status"))
    except (OSError, psutil.Error) as exc:
        raise NothingMeasured(f"the memory of process {pid} cannot be read: {exc}") from exc
    found = {"pss": rollup.get("Pss"), "rss": rollup.get("Rss"), "vm-hwm": status.get("VmHWM")}
    return {metric: kib * KIB for metric, kib in found.items() if kib is not None}


def read_rss(pid: int) -> int:
    """Resident set size in bytes, the cheap figure for a dense timeline."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error as exc:
        raise NothingMeasured(f"the memory of process {pid} cannot be read: {exc}") from exc


def reset_peak(pid: int) -> bool:
    """Set the high-water mark to the present; False where the kernel does not let us."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _fields(path: Path) -> dict[str, int]:
    """The `Name:  number kB` lines of a /proc file, in kB."""
    fields: dict[str, int] = {}
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB":
            fields[name] = int(words[0])
    return fields
