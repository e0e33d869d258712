"""The figures in the engine's statistics, as docker's own command computes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.tiers.docker.memory import read_peak, read_stats

MIB = 2**20
V1 = {
    "usage": 100 * MIB,
    "max_usage": 180 * MIB,
    "stats": {"total_inactive_file": 30 * MIB, "total_rss": 60 * MIB, "total_cache": 35 * MIB, "cache": 1},
}
V2 = {"usage": 100 * MIB, "stats": {"inactive_file": 30 * MIB, "anon": 60 * MIB, "file": 35 * MIB}}
ID = "f" * 64


@pytest.mark.parametrize(("memory", "peak_mib"), [(V1, 180), (V2, None)])
def test_the_figures_of_both_kinds_of_cgroup(memory: dict[str, object], peak_mib: int | None) -> None:
    found = {reading.metric: reading.bytes / MIB for reading in read_stats({"memory_stats": memory})}
    expected = {"docker-stats": 70, "cgroup-usage": 100, "cgroup-anon": 60, "cgroup-file": 35}
    assert found == expected | ({} if peak_mib is None else {"cgroup-peak": peak_mib})


@pytest.mark.parametrize("memory", [{}, None, {"usage": 0, "max_usage": 0, "stats": {}}])
def test_unmeasured_is_never_nought(memory: object) -> None:
    """What the engine says of a container that has just started or ended."""
    assert read_stats({"memory_stats": memory}) == ()
    assert read_stats({}) == ()


def test_more_inactive_than_used_is_not_taken_off() -> None:
    """The command once printed 16 EiB."""
    (first, *_) = read_stats({"memory_stats": {"usage": 5, "stats": {"inactive_file": 6}}})
    assert (first.metric, first.bytes) == ("docker-stats", 5)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (f"0::/docker/{ID}", f"docker/{ID}/memory.peak"),
        (f"9:memory:/docker/{ID}", f"memory/docker/{ID}/memory.max_usage_in_bytes"),
        (f"0::/system.slice/docker-{ID}.scope", f"system.slice/docker-{ID}.scope/memory.peak"),
    ],
)
def test_the_kernels_high_water_mark_of_the_containers_cgroup(line: str, file: str, tmp_path: Path) -> None:
    proc, cgroups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "12").mkdir(parents=True)
    (proc / "12" / "cgroup").write_text(f"3:cpu,cpuacct:/docker/{ID}\n{line}\n")
    path = cgroups / file
    path.parent.mkdir(parents=True)
    path.write_text("123456\n")
    assert read_peak(12, container_id=ID, proc=proc, cgroups=cgroups) == 123456
    assert read_peak(12, container_id="e" * 64, proc=proc, cgroups=cgroups) is None, "another one's process"
    assert read_peak(13, container_id=ID, proc=proc, cgroups=cgroups) is None
