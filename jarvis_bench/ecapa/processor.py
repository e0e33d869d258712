"""What the CPU can multiply natively."""

from __future__ import annotations

from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
MATRIX_FEATURES = ("amx_bf16", "avx512_bf16")


def matrix_features(cpu_info: Path = CPU_INFO) -> tuple[str, ...]:
    """Those of `MATRIX_FEATURES` that this CPU has; none where the system does not say."""
    if not cpu_info.is_file():
        return ()
    words = set(cpu_info.read_text(encoding="utf-8", errors="replace").split())
    return tuple(feature for feature in MATRIX_FEATURES if feature in words)


def multiplies_bf16() -> bool:
    """Whether this CPU has an instruction for bfloat16: AMX or AVX512-BF16."""
    return bool(matrix_features())
