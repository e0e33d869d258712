"""Read the memory of one process from the kernel.

    pss        proportional set size: private pages, plus a share of those that others map, too
    pss-anon   its part that belongs to no file: heap, stacks, written pages of private mappings
    pss-file   its part that is pages of files: libraries, mapped weights
    pss-shmem  its part that is shared memory
    uss        unique set size: what would be free if the process ended
    rss        resident set size: counts shared pages in full
    rss-anon   its part without a file
    rss-file   its part that is pages of files
    vm-hwm     the kernel's own high-water mark of rss, which no sampling can miss

Linux: /proc/PID/smaps_rollup, /proc/PID/status (proc(5)). Elsewhere only rss and uss can be had, by psutil.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil

from jarvis_bench.errors import NothingMeasured

KIB = 1024
HAS_PROC = Path("/proc/self/smaps_rollup").is_file()


ROLLUP = {
    "pss": "Pss",
    "pss-anon": "Pss_Anon",
    "pss-file": "Pss_File",
    "pss-shmem": "Pss_Shmem",
    "rss": "Rss",
}
STATUS = {"rss": "VmRSS", "rss-anon": "RssAnon", "rss-file": "RssFile"}
PRIVATE = ("Private_Clean", "Private_Dirty", "Private_Hugetlb")


def metrics_note() -> str:
    """Which metrics this system offers, in words."""
    if HAS_PROC:
        return "PSS, USS and VmHWM from the kernel (/proc/PID/smaps_rollup and status)"
    return "RSS and USS by psutil; PSS and a peak kept by the kernel exist on Linux only"


def read_memory(pid: int) -> dict[str, int]:
    """Bytes by metric; a metric that cannot be had is absent, never 0.

    Walks the page tables of the process: some milliseconds for some hundred megabytes.

    Raises:
        NothingMeasured: there is no such process, or this user may not look at it.
    """
    with _no_such_process(pid):
        if not HAS_PROC:
            return _read_elsewhere(pid)
        rollup = _fields(Path(f"/proc/{pid}/smaps_rollup"))
        status = _fields(Path(f"/proc/{pid}/status"))
    found = {metric: rollup.get(name) for metric, name in ROLLUP.items()}
    found["uss"] = sum(rollup.get(name, 0) for name in PRIVATE) if "Private_Dirty" in rollup else None
    found["vm-hwm"] = status.get("VmHWM")
    return {metric: kib * KIB for metric, kib in found.items() if kib is not None}


def read_cheap(pid: int) -> dict[str, int]:
    """Resident set size in bytes and its parts: what the kernel keeps count of, for a dense timeline.

    Raises:
        NothingMeasured: there is no such process, or this user may not look at it.
    """
    with _no_such_process(pid):
        if not HAS_PROC:
            return {"rss": int(psutil.Process(pid).memory_info().rss)}
        status = _fields(Path(f"/proc/{pid}/status"))
        if "VmRSS" not in status:  # it has ended, and nobody has waited for it
            raise ProcessLookupError("it has ended")
    return {metric: status[name] * KIB for metric, name in STATUS.items() if name in status}


def read_rss(pid: int) -> int:
    """Resident set size in bytes; raises as `read_cheap` does."""
    return read_cheap(pid)["rss"]


@contextlib.contextmanager
def _no_such_process(pid: int) -> Iterator[None]:
    try:
        yield
    except (OSError, psutil.Error) as exc:
        raise NothingMeasured(f"the memory of process {pid} cannot be read: {exc}") from exc


def _read_elsewhere(pid: int) -> dict[str, int]:
    process = psutil.Process(pid)
    # psutil 8 renames the call; both walk the mappings, which only the owner of the process may do.
    footprint = getattr(process, "memory_footprint", process.memory_full_info)
    found = {"rss": int(process.memory_info().rss)}
    with contextlib.suppress(psutil.AccessDenied):
        found["uss"] = int(footprint().uss)
    return found


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
