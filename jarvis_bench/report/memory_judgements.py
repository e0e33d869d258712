"""How the claims about RAM are judged: each with the metric, the figure, and what would make the claim true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from jarvis_bench.report.evidence import NO, PARTLY, YES, Evidence, Finding, NoEvidence

CLAIMED_LOCAL_BYTES: Final = 2_000_000_000
CLAIMED_DOCKER_BYTES: Final = 500_000_000
CLAIM_TOLERANCE: Final = 0.25
# What a client may hold beside the model's tier before "no RAM at home" is more wrong than right.
SMALL_SHARE: Final = 0.1
NOTHING_BYTES: Final = 1_000_000
# High-water marks of a container, best first; which of them there is depends on the engine and the kernel.
CONTAINER_PEAKS: Final = ("cgroup-peak", "docker-stats", "cgroup-usage")


def local_2gb(evidence: Evidence) -> Finding:
    """The highest peak of the model process against the claimed figure."""
    peak = evidence.bytes_at("peak", "vm-hwm")
    loaded = evidence.bytes_at("loaded", "pss")
    text = (
        f"Measured: {_mb(loaded)} PSS once loaded, {_mb(peak)} VmHWM at its highest peak "
        f"(clips up to 30 s, speechbrain on CPU)."
    )
    if abs(peak / CLAIMED_LOCAL_BYTES - 1) <= CLAIM_TOLERANCE:
        return YES, text
    if peak < CLAIMED_LOCAL_BYTES:
        would = (
            f"the claim is {CLAIMED_LOCAL_BYTES / peak:.1f}× the peak; it would take longer clips or batches"
        )
    else:
        would = f"the peak is {peak / CLAIMED_LOCAL_BYTES:.1f}× the claim; it would take shorter clips"
    return NO, f"{text} For it to hold: {would}."


def docker_500mb(evidence: Evidence) -> Finding:
    """A container's own peak; of runtimes without one the service's process, the least that a container can hold."""
    contained, served = _container_peaks(evidence), _peaks(evidence, "service", "vm-hwm")
    alone = {runtime: peak for runtime, peak in served.items() if runtime not in contained}
    peaks = contained | alone
    if not peaks:
        raise NoEvidence("neither a container nor the service's process was measured")
    parts = "; ".join(
        f"{what}: {_list_peaks(some)}"
        for what, some in (
            ("the container", contained),
            ("the service's process, the least that a container can hold", alone),
        )
        if some
    )
    under = [runtime for runtime, (_, value) in peaks.items() if value < CLAIMED_DOCKER_BYTES]
    over = [runtime for runtime in peaks if runtime not in under]
    text = f"Peak with clips up to 30 s, {parts}."
    if not over:
        return YES, text
    would = f"it holds with {', '.join(under)}" if under else "no runtime that was measured makes it hold"
    return (PARTLY if under else NO), f"{text} For it to hold: {would}; with {', '.join(over)} it does not."


def ram_saved(evidence: Evidence) -> Finding:
    """The same model in the model process and in the service's, under the same metric, in one run."""
    claimed = CLAIMED_LOCAL_BYTES - CLAIMED_DOCKER_BYTES
    local = evidence.bytes_at("after idle", "pss")
    served = evidence.bytes_at("after idle", "pss", tier="service")
    saved = local - served
    text = (
        f"PSS at rest after clips to 30 s, speechbrain: {_mb(local)} as the local tier, {_mb(served)} as the service "
        f"that a container runs: {_mb(abs(saved))} {'less' if saved > 0 else 'more'}, where {_mb(claimed)} are claimed."
    )
    if saved >= claimed * (1 - CLAIM_TOLERANCE):
        return YES, text
    other = _try_bytes(evidence, "service", "onnx")
    would = (
        f" With onnx in the service it is {_mb(other)}: the runtime saves, not the container."
        if other
        else ""
    )
    return NO, f"{text}{would}"


def cloud_run_no_local_ram(evidence: Evidence) -> Finding:
    """What a client that does nothing else holds beyond a bare interpreter, against the local tier."""
    client = {"tier": "cloud-run", "runtime": "onnx", "of": "client"}
    before = evidence.bytes_at("before", "pss", **client)
    serving = evidence.bytes_at("steady ×4", "pss", **client)
    more = serving - before
    local = evidence.bytes_at("steady ×4", "pss")
    text = (
        f"A client that does only this holds {_mb(serving)} PSS with 4 requests under way, {_mb(more)} more than its "
        f"interpreter alone (measured against a service on this machine); the local tier holds {_mb(local)}."
    )
    if more <= NOTHING_BYTES:
        return YES, text
    would = "For it to hold: the HTTP client would have to be loaded already for something else"
    return (
        PARTLY if more <= SMALL_SHARE * local else NO
    ), f"No model is held at home, but not nothing: {text} {would}."


def _list_peaks(peaks: Mapping[str, tuple[str, int]]) -> str:
    return ", ".join(f"{runtime} {_mb(value)} ({metric})" for runtime, (metric, value) in peaks.items())


def _container_peaks(evidence: Evidence) -> dict[str, tuple[str, int]]:
    for metric in CONTAINER_PEAKS:
        if peaks := _peaks(evidence, "docker", metric):
            return peaks
    return {}


def _peaks(evidence: Evidence, tier: str, metric: str) -> dict[str, tuple[str, int]]:
    """The largest reading of a metric by runtime, with the metric's name."""
    found: dict[str, tuple[str, int]] = {}
    for row in evidence.memory:
        if (row.tier, row.of, row.condition, row.metric) == (tier, "server", "usual", metric) and row.bytes:
            found[row.runtime] = (metric, max(row.bytes, found.get(row.runtime, (metric, 0))[1]))
    return {runtime: (NAMES.get(metric, metric), value) for runtime, (_, value) in found.items()}


def _try_bytes(evidence: Evidence, tier: str, runtime: str) -> int | None:
    try:
        return evidence.bytes_at("after idle", "pss", tier=tier, runtime=runtime)
    except NoEvidence:
        return None


def _mb(value: int) -> str:
    return f"{value / 1e6:.0f} MB"


NAMES: Final = MappingProxyType({"vm-hwm": "VmHWM", "pss": "PSS"})
MEMORY_JUDGEMENTS: Final[Mapping[str, Callable[[Evidence], Finding]]] = MappingProxyType(
    {
        "local-2gb": local_2gb,
        "docker-500mb": docker_500mb,
        "ram-saved": ram_saved,
        "cloud-run-no-local-ram": cloud_run_no_local_ram,
    }
)
