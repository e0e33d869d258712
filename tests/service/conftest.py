"""One service for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import Running, running


@pytest.fixture(scope="session")
def served() -> Iterator[Running]:
    """A ready service with a scripted encoder."""
    with running() as service:
        yield service
