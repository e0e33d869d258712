"""What a container holds in RAM: `docker stats`' figure, its parts, and the kernel's high-water mark.

A figure that the engine does not give is absent; none is ever put down as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jarvis_bench.tiers.tier import MemoryReading

CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc")
# One statistic, by its name in cgroup v1 (with all below it) and in v2.
ANON = ("total_rss", "anon")
FILE = ("total_cache", "file")
INACTIVE_FILE = ("total_inactive_file", "inactive_file")


def read_stats(stats: Mapping[str, Any]) -> tuple[MemoryReading, ...]:
    """The figures in the engine's answer (`GET /containers/NAME/stats`), in bytes.

    `docker-stats` is the command's own formula since its version 20.10: usage less the file pages that are not in
    active use, where those are fewer. `cgroup-anon` and `cgroup-file` are its parts as the kernel counts them,
    `cgroup-usage` all that is charged to the container, `cgroup-peak` the most that ever was (cgroup v1 only:
    the engine does not tell it with v2).
    """
    memory = stats.get("memory_stats") or {}
    detail = memory.get("stats") or {}
    readings = []
    usage, peak = _amount(memory, "usage"), _amount(memory, "max_usage")
    if usage:
        inactive = _first(detail, INACTIVE_FILE)
        shown = usage - inactive if inactive is not None and inactive < usage else usage
        readings += [MemoryReading("docker-stats", shown), MemoryReading("cgroup-usage", usage)]
    for metric, names in (("cgroup-anon", ANON), ("cgroup-file", FILE)):
        if usage and (amount := _first(detail, names)) is not None:
            readings.append(MemoryReading(metric, amount))
    if peak:
        readings.append(MemoryReading("cgroup-peak", peak))
    return tuple(readings)


def read_peak(pid: int, *, container_id: str, proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """The high-water mark in bytes of the cgroup of a process on this machine; None where the kernel has none.

    Args:
        pid: of the container's first process.
        container_id: has to be part of the cgroup's path; an engine in a virtual machine counts its own processes.
        proc: where processes are told.
        cgroups: where cgroups are mounted.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if container_id not in path:
            continue
        if controllers == "":
            file = cgroups / path.lstrip("/") / "memory.peak"
        elif "memory" in controllers.split(","):
            file = cgroups / "memory" / path.lstrip("/") / "memory.max_usage_in_bytes"
        else:
            continue
        if file.is_file() and (text := file.read_text(encoding="ascii").strip()).isdigit():
            return int(text)
    return None


def _first(detail: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((amount for name in names if (amount := _amount(detail, name)) is not None), None)


def _amount(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
