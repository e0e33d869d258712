"""Make the C library give large blocks of memory back.

glibc raises its threshold for separately mapped blocks with every one that is freed, up to 32 MB. Clips of varied
length then leave a heap full of holes: after 120 clips of up to 10 s, 208 MB in place of 152 MB after 20 (PSS of the
onnx worker). With a fixed threshold, a tensor's memory goes back as soon as the tensor is gone.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # the names of these parameters in malloc.h
OWN_MAPPING_BYTES = 1024**2
KEPT_FREE_BYTES = 16 * 1024**2
HUGE_PAGES = "glibc.malloc.hugetlb=1"


def return_large_blocks() -> bool:
    """Fix the thresholds of this process; False where the C library has none."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, OWN_MAPPING_BYTES) and mallopt(TRIM_THRESHOLD, KEPT_FREE_BYTES))


def with_huge_pages(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a process whose large blocks come in 2 MB pages (glibc 2.35): quicker to map anew."""
    given = environ.get("GLIBC_TUNABLES")
    return {**environ, "GLIBC_TUNABLES": f"{given}:{HUGE_PAGES}" if given else HUGE_PAGES}
