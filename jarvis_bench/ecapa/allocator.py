"""Make the C library give the memory of long clips back.

glibc raises its threshold for separately mapped blocks with every one that is freed, up to 32 MB. Clips of varied
length then leave a heap full of holes: after 120 clips of up to 10 s, 208 MB in place of 152 MB after 20 (PSS of the
onnx worker). With a fixed threshold the tensors of a long clip are mapped apart and go back at once; those of a
short one stay in the heap, where they are quick to have. What a long clip leaves in the heap is trimmed.
"""

from __future__ import annotations

import ctypes

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # the names of these parameters in malloc.h
# Just above the largest tensor of a 3 s clip, 3072 channels × 301 frames.
OWN_MAPPING_BYTES = 4 * 1024**2
KEPT_FREE_BYTES = 64 * 1024**2
# A 3 s clip leaves little behind; trimming after it would cost more than it brings.
TRIM_ABOVE_SAMPLES = 50_000


def return_large_blocks() -> bool:
    """Fix the thresholds of this process; False where the C library has none."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, OWN_MAPPING_BYTES) and mallopt(TRIM_THRESHOLD, KEPT_FREE_BYTES))


def trim_heap() -> None:
    """Give free memory back to the system, also from between blocks in use; some milliseconds."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
