"""The tier that a command line names: `local`, `docker`, `cloud-run`, or the URL of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from jarvis_bench.errors import UsageError, unknown_name
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.configured import configured_tiers
from jarvis_bench.tiers.cores import Cores
from jarvis_bench.tiers.http_health import LOOPBACK
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.service_client import ClientLimits
from jarvis_bench.tiers.tier import Tier
from jarvis_bench.tiers.url import UrlTier

NAMES = ("docker", "cloud-run", "local")


@dataclass(frozen=True, slots=True)
class NamedTier:
    """A tier and what has to be said with its numbers: whether it shares this host, and whether it is emulated."""

    tier: Tier
    runtime: str
    co_located: bool
    how: str
    cores: str


def is_url(name: str) -> bool:
    """Whether this names a service by its address."""
    return name.startswith(("http://", "https://"))


def check_tier_name(name: str) -> None:
    """Fail on a name that no tier has.

    Raises:
        UsageError: no such tier, or an address without a host.
    """
    if not is_url(name):
        if name not in NAMES:
            raise unknown_name("tier", name, [*NAMES, "http://…"])
    elif not urlsplit(name).hostname:
        raise UsageError(f"no service has the address {name!r}")


def named_tier(
    name: str, settings: Settings, *, runtime: str | None, cores: Cores, limits: ClientLimits
) -> NamedTier:
    """Make the tier; nothing is started or asked yet.

    Args:
        name: on the command line.
        settings: where the tiers are.
        runtime: what computes, where the tier lets the caller choose; None for the settings' one.
        cores: where a tier that this process starts is to run.
        limits: of the client, where this process makes it.

    Raises:
        UsageError: no such tier, or no such runtime.
    """
    check_tier_name(name)
    if name == "local":
        local = LocalTier(settings, runtime=runtime, threads=1, core=cores.tier)
        return NamedTier(local, local.runtime, True, "measured", cores.note)
    if is_url(name):
        near = urlsplit(name).hostname in LOOPBACK
        place = "client and service on this host" if near else "service on another host"
        return NamedTier(UrlTier(name, limits=limits), "", near, "measured", place)
    made = configured_tiers(settings, connections=limits.connections)
    found = next(tier for tier in made if tier.name == name)
    near = name == "docker" or urlsplit(settings.cloud_run_url).hostname in LOOPBACK
    place = "client and tier on this host" if near else "tier on another host"
    return NamedTier(cast("Tier", found), getattr(found, "runtime", ""), near, "measured", place)
