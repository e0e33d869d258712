"""Tests see none of the user's settings, engines or proxies."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from jarvis_bench.ecapa.weights import Weights, find_weights
from jarvis_bench.settings import Settings

pytest_plugins = ["jarvis_bench.await_audit.pytest_plugin"]

SCRUBBED = ("DOCKER_", "JARVIS_")
KEPT = frozenset({"JARVIS_BENCH_REQUIRE", "JARVIS_BENCH_SEED"})
PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


@pytest.fixture(autouse=True, scope="session")
def bare_environment() -> Iterator[None]:
    """Take away what would make a test's outcome depend on whose machine it runs on."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - KEPT:
            if name.startswith(SCRUBBED) or name.lower() in PROXIES:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def weights(bare_environment: None) -> Weights:
    """The seeded weights in the checkout's cache; made by the first test that wants them, some 10 s."""
    return asyncio.run(find_weights(Settings(weights="seeded")))


@pytest.fixture(autouse=True)
def without_lazy_modules(request: pytest.FixtureRequest) -> Iterator[None]:
    """hypothesis looks at every loaded module's file; SpeechBrain's lazy ones import or warn when looked at."""
    with pytest.MonkeyPatch.context() as patch:
        if request.node.get_closest_marker("hypothesis") is not None:
            for name in [name for name in sys.modules if name.partition(".")[0] == "speechbrain"]:
                patch.delitem(sys.modules, name)
        yield
