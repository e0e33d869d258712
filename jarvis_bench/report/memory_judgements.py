"""How the claims about memory are judged. Two figures are compared only where they have one metric."""

from __future__ import annotations

from typing import Final

from jarvis_bench.records import ClaimVerdict
from jarvis_bench.report.evidence import Evidence

CLAIMED_LOCAL_BYTES: Final = 2_000_000_000
CLAIMED_DOCKER_BYTES: Final = 500_000_000
CLAIM_TOLERANCE: Final = 0.25


def local_2gb(evidence: Evidence) -> tuple[ClaimVerdict, str]:
    """The highest peak of the model process against the claimed figure."""
    peak = evidence.bytes_at("peak", "vm-hwm")
    loaded = evidence.bytes_at("load", "pss")
    text = (
        f"Measured: {loaded / 1e6:.0f} MB PSS once loaded, {peak / 1e6:.0f} MB VmHWM at its highest peak "
        f"(clips up to 30 s, speechbrain on CPU)."
    )
    if abs(peak / CLAIMED_LOCAL_BYTES - 1) <= CLAIM_TOLERANCE:
        return ClaimVerdict.REPRODUCED, text
    return ClaimVerdict.REFUTED, f"{text} The claim is {CLAIMED_LOCAL_BYTES / peak:.1f}× the peak."


def docker_500mb(evidence: Evidence) -> tuple[ClaimVerdict, str]:
    """What `docker stats` shows, and the kernel's high-water mark, against the claimed figure."""
    shown = evidence.container_bytes("docker-stats")
    peak = evidence.container_bytes("cgroup-peak")
    text = (
        f"Measured on a container with the {evidence.container_runtime} runtime: at most {shown / 1e6:.0f} MB by "
        f"docker stats after a clip length, {peak / 1e6:.0f} MB the cgroup's high-water mark, page cache included."
    )
    if peak < CLAIMED_DOCKER_BYTES:
        return ClaimVerdict.REPRODUCED, text
    return (ClaimVerdict.PARTLY if shown < CLAIMED_DOCKER_BYTES else ClaimVerdict.REFUTED), text


def ram_saved(evidence: Evidence) -> tuple[ClaimVerdict, str]:
    """The peaks of the two processes that hold the model, one metric for both."""
    local, docker = evidence.bytes_at("peak", "vm-hwm"), evidence.container_bytes("vm-hwm")
    runtimes = f"{evidence.memory[0].runtime} locally, {evidence.container_runtime} in the container"
    text = (
        f"VmHWM of the process that holds the model: {local / 1e6:.0f} MB locally, {docker / 1e6:.0f} MB in the "
        f"container ({runtimes})."
    )
    if evidence.memory[0].runtime != evidence.container_runtime:
        text += " The runtime makes the difference, not Docker."
    if docker >= min(local, CLAIMED_DOCKER_BYTES):
        return ClaimVerdict.REFUTED, text
    near = abs(local / CLAIMED_LOCAL_BYTES - 1) <= CLAIM_TOLERANCE
    return (ClaimVerdict.REPRODUCED if near else ClaimVerdict.PARTLY), text
