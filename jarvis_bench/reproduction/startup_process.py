"""The process in which one start-up runs: `python -m … CONFIG.json`; writes its result beside the config.

Everything a world cannot set from outside is set here, before the start-up is loaded: how much RAM looks
free, whether the local runtime looks installed, and that root's right to open any socket is gone.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace

import psutil

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.records import Reproduction, as_json
from jarvis_bench.reproduction.capabilities import drop_override_of_file_rights
from jarvis_bench.reproduction.current_version import observe_current
from jarvis_bench.reproduction.exhibit import observe_exhibit
from jarvis_bench.settings import read_settings
from jarvis_bench.tiers import local
from jarvis_bench.tiers.configured import configured_tiers

# What any runtime of the local tier is made of; a world has all of it or none.
MODEL_PACKAGES = frozenset({"speechbrain", "torch", "onnxruntime", "openvino"})


@dataclasses.dataclass(frozen=True, slots=True)
class StartupConfig:
    """What the parent tells this process."""

    version: str
    world: str
    exhibit: str | None
    socket: str | None
    ram_bytes: int | None
    speechbrain: bool | None
    denied: bool


def main(argv: Sequence[str]) -> None:
    """Run one start-up and write `result.json`."""
    end_with_parent()
    # Nobody reads what a start-up prints, and what it leaves running must not hold the parent's pipe open.
    os.dup2(2, 1)
    path = Path(argv[0])
    config = StartupConfig(**json.loads(path.read_text(encoding="utf-8")))
    if config.ram_bytes is not None:
        _set_free_ram(config.ram_bytes)
    if config.speechbrain is not None:
        _set_installed(config.speechbrain)
    if config.denied:
        drop_override_of_file_rights()
    result = _observe(config)
    path.with_name("result.json").write_text(json.dumps(as_json(result)), encoding="utf-8")


def _observe(config: StartupConfig) -> Reproduction:
    if config.exhibit is None:
        settings = read_settings()
        tiers = configured_tiers(settings)
        deadline_s = settings.probe_deadline_s
        return asyncio.run(observe_current(config.version, config.world, tiers, deadline_s=deadline_s))
    socket = Path(config.socket) if config.socket else None
    return asyncio.run(observe_exhibit(Path(config.exhibit), config.version, config.world, socket=socket))


def _set_free_ram(ram_bytes: int) -> None:
    real = psutil.virtual_memory

    def virtual_memory() -> object:
        return SimpleNamespace(**real()._asdict() | {"available": ram_bytes})

    psutil.virtual_memory = virtual_memory  # type: ignore[assignment]  # the world's RAM, not the machine's
    vars(local)["CGROUP_LIMITS"] = ()  # nor what a container around this process leaves of it


def _set_installed(installed: bool) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        if name in MODEL_PACKAGES:
            return importlib.machinery.ModuleSpec(name, None) if installed else None
        return real(name, package)

    importlib.util.find_spec = find_spec


if __name__ == "__main__":
    main(sys.argv[1:])
