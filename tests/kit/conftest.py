"""A small checkout, and a folder for a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.settings import Settings
from tests.tiers.docker.fixtures import engine, image, known, settings  # noqa: F401  for the tests with an engine

from .throwaway import Throwaway, keeping, make_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Settings:
    """A checkout with two notebooks; only the second has a parameter `depth`."""
    deep = Throwaway("20_dig_deep", (), (), 'out_dir: str = ""  # folder\ndepth: int = 3  # how deep')
    return make_checkout(tmp_path / "checkout", keeping("10_look_around", "seen.json"), deep)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """An empty run folder."""
    path = tmp_path / "run"
    path.mkdir()
    return RunFolder(path)
