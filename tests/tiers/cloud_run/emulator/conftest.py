"""The engine's fixtures: instances may be containers."""

from __future__ import annotations

from tests.tiers.docker.fixtures import engine, image, known, settings

__all__ = ["engine", "image", "known", "settings"]
