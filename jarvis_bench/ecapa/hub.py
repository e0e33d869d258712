"""Fetch the pretrained model from the hub: `python -m … FOLDER` prints where it is, or fails."""

from __future__ import annotations

import os
import sys

from jarvis_bench.child_process import end_with_parent


def main(cache_dir: str) -> None:
    """Download into `cache_dir`, without retries: an unreachable hub is an ordinary case here."""
    end_with_parent()
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    from jarvis_bench.ecapa.weights import HUB_NAME

    patterns = ["hyperparams.yaml", "*.ckpt", "label_encoder.txt"]
    folder = snapshot_download(HUB_NAME, cache_dir=cache_dir, allow_patterns=patterns)
    sys.stdout.write(f"{folder}\n")


if __name__ == "__main__":
    main(sys.argv[1])
