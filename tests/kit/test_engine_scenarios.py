"""The document's three scenarios on a real engine."""

from __future__ import annotations

from typing import Any

import pytest

from jarvis_bench.kit.engine_scenarios import run_engine_scenarios
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.image import Image
from tests.tiers.docker.real_engine import NAME


@pytest.mark.engine
async def test_the_probe_says_the_documents_words(engine: Any, image: Image, settings: Settings) -> None:
    """Running, stopped, not installed; and nothing is left."""
    found = await run_engine_scenarios(settings, progress=list[str]().append)
    assert [(one.scenario, one.said) for one in found] == [(one.scenario, one.expected) for one in found]
    assert not engine.containers(all=True, filters={"name": NAME})
