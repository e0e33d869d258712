"""The names that a command line knows."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import Cores
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.named import NamedTier, check_tier_name, named_tier
from jarvis_bench.tiers.service_client import ClientLimits
from jarvis_bench.tiers.url import UrlTier


def named(name: str, settings: Settings | None = None) -> NamedTier:
    """The tier of that name."""
    made = settings or Settings()
    return named_tier(name, made, runtime=None, cores=Cores(0, 1), limits=ClientLimits(connections=3))


def test_local_runs_here_on_its_core() -> None:
    """Which is said with its numbers."""
    found = named("local")
    assert isinstance(found.tier, LocalTier)
    assert found.co_located
    assert "core 1" in found.cores
    assert found.runtime == "onnx"


def test_an_address_is_a_tier() -> None:
    """With the limits of the measurement; on this host only where the address says so."""
    near, far = named("http://127.0.0.1:8080"), named("https://embed.example")
    assert isinstance(near.tier, UrlTier)
    assert near.tier.limits.connections == 3
    assert (near.co_located, far.co_located) == (True, False)


async def test_the_configured_tiers_have_their_names() -> None:
    """Docker and Cloud Run, as the settings describe them, with as many connections as the measurement needs."""
    for name, read_s in (("docker", 30.0), ("cloud-run", 300.0)):
        found = named(name, Settings(cloud_run_url="http://127.0.0.1:1"))
        assert found.tier.name == name
        assert found.tier.limits == ClientLimits(read_s=read_s, connections=3)  # type: ignore[attr-defined]
        await found.tier.aclose()


@pytest.mark.parametrize(("name", "told"), [("dokcer", "'docker'"), ("http://", "address")])
def test_a_name_nobody_has_is_told_with_the_nearest(name: str, told: str) -> None:
    """Before anything is measured."""
    with pytest.raises(UsageError, match=told):
        check_tier_name(name)
