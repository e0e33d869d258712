"""What a measurement of memory has to say, and how far two of them agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.memory.phases import WITNESS, is_peak
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import MemoryRow

RELATIVE, ABSOLUTE_BYTES = 0.05, 4_000_000
ENOUGH = 0.9
Key = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class ChecksSummary:
    """The checks on a process of known size.

    `worst_error`: the largest error as a share of the known size; `worst_disagreement`: of a reading from the same
    read another way; both None where nothing could be checked, and `note` then says why.
    """

    judged: int
    good: int
    worst_error: float | None
    worst_disagreement: float | None
    note: str = ""


def summarise_checks(checks: Sequence[SizeCheck], note: str = "") -> ChecksSummary:
    """All of them in one record."""
    apart = [check.disagreement for check in checks if check.disagreement is not None]
    return ChecksSummary(
        judged=len(checks),
        good=sum(check.good for check in checks),
        worst_error=max((check.error for check in checks), default=None),
        worst_disagreement=max(apart, default=None),
        note=note,
    )


@dataclass(frozen=True, slots=True)
class Outside:
    """A cell of the table that two measurements do not agree on, and what the other cells say about why."""

    tier: str
    runtime: str
    condition: str
    of: str
    phase: str
    metric: str
    first_bytes: int | None
    second_bytes: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class Repeatability:
    """Two tables: `cells` compared, `within` of them within max(5 %, 4 MB) of each other, and the others by name."""

    cells: int
    within: int
    outside: tuple[Outside, ...]

    @property
    def share(self) -> float:
        """Of the cells that agree."""
        return self.within / self.cells if self.cells else 0.0


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """The table, and what a reader must know about it.

    `metrics`: which figures this system offers; `notes`: what was done and what was skipped, in words;
    `repeatability`: None where the table was made once only.
    """

    rows: tuple[MemoryRow, ...]
    weights: str
    cores: str
    metrics: str
    sampler: SamplerCost
    checks: ChecksSummary
    notes: tuple[str, ...]
    repeatability: Repeatability | None = None


SAMPLER_LIMIT = 0.02


def problems(report: MemoryReport) -> list[str]:
    """What is wrong with how the memory was measured, one sentence each; none where all is well."""
    found = []
    checks, cost, repeated = report.checks, report.sampler, report.repeatability
    if checks.good < checks.judged:
        found.append(
            f"{checks.judged - checks.good} of {checks.judged} checks on a process of known size failed"
        )
    worst = max(cost.share or 0.0, cost.alone_share or 0.0)
    if worst >= SAMPLER_LIMIT:
        found.append(f"the sampler took {worst:.1%} of a core")
    if repeated is not None and repeated.share < ENOUGH:
        found.append(f"only {repeated.share:.1%} of the cells of two tables agree")
    return found


def compare_tables(first: Sequence[MemoryRow], second: Sequence[MemoryRow]) -> Repeatability:
    """Cell by cell; what neither has a number for is not compared."""
    one, other = _cells(first), _cells(second)
    keys = [
        key for key in dict.fromkeys((*one, *other)) if one.get(key) is not None or other.get(key) is not None
    ]
    whys = {cell_key(row): f": {row.note}" for row in (*first, *second) if row.bytes is None and row.note}
    outside = tuple(
        Outside(*key, one.get(key), other.get(key), _cause(key, one, other, whys.get(key, "")))
        for key in keys
        if not agree(one.get(key), other.get(key))
    )
    return Repeatability(len(keys), len(keys) - len(outside), outside)


def agree(one: int | None, other: int | None) -> bool:
    """Within max(5 % of the larger, 4 MB)."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= max(RELATIVE * max(one, other), ABSOLUTE_BYTES)


def cell_key(row: MemoryRow) -> Key:
    """What names a cell of the table."""
    return (row.tier, row.runtime, row.condition, row.of, row.phase, row.metric)


def _cells(rows: Sequence[MemoryRow]) -> dict[Key, int | None]:
    return {
        cell_key(row): row.bytes
        for row in rows
        # Neither is a figure of record: one is a second reading, the other counts addresses, not RAM.
        if row.metric not in {WITNESS, "virtual"}
    }


def _cause(key: Key, one: Mapping[Key, int | None], other: Mapping[Key, int | None], why: str) -> str:
    """What the other figures of the same phase say; `why`: there is none in one of the two."""
    if one.get(key) is None or other.get(key) is None:
        return f"measured once only{why}"
    whole = abs(_moved(key, one, other) or 0)
    anon, file = (abs(_moved(key, one, other, metric) or 0) for metric in ("pss-anon", "pss-file"))
    cached = abs(_moved(key, one, other, "cgroup-file") or 0)
    if key[-1].startswith("cgroup") and cached >= max(whole / 2, 1):
        return f"page cache: {cached / 1e6:.0f} MB of the image's files were read first by one of the two containers"
    if is_peak(key[-1]):
        return _peak_cause(key, one, other)
    if anon >= whole / 2:
        freed = f"{anon / 1e6:.0f} MB of freed working memory"
        return (
            f"anonymous memory: {freed} that the C library kept in one of the two and gave back in the other"
        )
    if file >= whole / 2 and agree(one.get((*key[:-1], "rss")), other.get((*key[:-1], "rss"))):
        return "pages of files that another process had mapped, too: RSS agrees, its share in PSS does not"
    if file >= whole / 2:
        return f"pages of files: {file / 1e6:.0f} MB more of them were touched in one of the two"
    return "no other figure of the phase explains it"


def _peak_cause(key: Key, one: Mapping[Key, int | None], other: Mapping[Key, int | None]) -> str:
    if key[-2] == "peak":
        return "the highest of the phases' peaks, which differs for the reason given there"
    rest = abs(_moved(key, one, other, "rss") or 0)
    if agree(one.get((*key[:-1], "rss")), other.get((*key[:-1], "rss"))):
        return "a passing peak: what is held at the end of the phase agrees, the working memory held at once does not"
    return f"what is held at the end of the phase differs, too, by {rest / 1e6:.0f} MB (RSS)"


def _moved(
    key: Key, one: Mapping[Key, int | None], other: Mapping[Key, int | None], metric: str | None = None
) -> int | None:
    looked_at = key if metric is None else (*key[:-1], metric)
    first, second = one.get(looked_at), other.get(looked_at)
    return None if first is None or second is None else second - first
