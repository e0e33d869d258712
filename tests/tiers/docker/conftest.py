"""The engine's fixtures, which tests elsewhere use, too."""

from __future__ import annotations

from .fixtures import engine, image, known, settings

__all__ = ["engine", "image", "known", "settings"]
