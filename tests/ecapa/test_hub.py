"""Fetching the pretrained model."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from jarvis_bench.child_process import child_process, read_output


async def test_hub_out_of_reach_fails_without_printing_a_folder(tmp_path: Path) -> None:
    """Nothing is printed that could be taken for a model's folder."""
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    quiet = asyncio.subprocess.DEVNULL
    async with child_process("jarvis_bench.ecapa.hub", [str(tmp_path)], env=env, stderr=quiet) as process:
        assert await read_output(process) == b""
    assert process.returncode not in (0, -9)
