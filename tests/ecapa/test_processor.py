"""What the CPU says about itself."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.ecapa.processor import matrix_features


def test_features_are_read_from_the_flags(tmp_path: Path) -> None:
    """Whole words only; a system without the file has none."""
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: X\nflags\t\t: fpu avx512_bf16 amx_bf16x amx_tile\n", encoding="utf-8")
    assert matrix_features(info) == ("avx512_bf16",)
    assert matrix_features(tmp_path / "none") == ()
