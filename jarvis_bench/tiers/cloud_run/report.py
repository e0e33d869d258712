"""What is missing for a real Cloud Run service, and what it costs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import shutil
from dataclasses import dataclass

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.addresses import split_address
from jarvis_bench.tiers.cloud_run.cost import Cost, Load, compare
from jarvis_bench.tiers.cloud_run.credentials import find_credentials
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED
from jarvis_bench.tiers.cloud_run.prices import load_prices
from jarvis_bench.tiers.cloud_run.probe_meter import ProbeBill
from jarvis_bench.tiers.cloud_run.tier import CloudRunTier
from jarvis_bench.tiers.http_health import LOOPBACK
from jarvis_bench.tiers.known_clip import compute_known_vector


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a real service needs; `text` says what was found, or what to do."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class CloudRunReport:
    """`status` is the tier's answer to one probe; `probes` what that probe cost; `costs` what a month would."""

    url: str
    checks: tuple[Check, ...]
    status: TierStatus
    how: str
    probes: ProbeBill | None
    costs: tuple[Cost, ...]


async def explain(settings: Settings, load: Load | None = None, *, timeout_s: float = 10.0) -> CloudRunReport:
    """Look at everything that a real service needs, and probe it once where one is configured.

    Args:
        settings: name the service and its tokens.
        load: models the cost of a month where given, for the instance that `service.yaml` deploys.
        timeout_s: for the probe, in seconds; a service that is still asleep after that is `starting`.
    """
    checks = await asyncio.to_thread(_look_around, settings)
    tier = CloudRunTier(settings.cloud_run_url, settings=settings, timeout_s=timeout_s)
    if settings.cloud_run_url:
        # Where a runtime is here, a service with our weights has to give the very vector that they give.
        with contextlib.suppress(JarvisBenchError):
            await compute_known_vector(settings)
    try:
        status = await tier.probe()
    finally:
        await tier.aclose()
    ready = Check("service ready", status.status is Status.READY, status.reason.partition(": ")[2])
    probed = tier.meter.probes > 0
    prices = load_prices(settings.data_dir) if probed or load is not None else None
    return CloudRunReport(
        settings.cloud_run_url,
        (*checks, ready),
        status,
        tier.how,
        tier.meter.bill(prices, DEPLOYED.shape) if probed and prices is not None else None,
        compare(prices, DEPLOYED.shape, load) if load is not None and prices is not None else (),
    )


def _look_around(settings: Settings) -> tuple[Check, ...]:
    missing = [name for name in ("aiohttp", "httpx_aiohttp", "google.auth") if not _installed(name)]
    url = split_address(settings.cloud_run_url)
    https, here = url.scheme == "https", url.hostname in LOOPBACK
    secure = (
        "yes"
        if https
        else "not needed on this machine"
        if here
        else "a run.app address is https; tokens need it"
    )
    found = find_credentials()
    gcloud = shutil.which("gcloud")
    return (
        Check("client", not missing, "pip install 'jarvis-bench[cloud]'" if missing else "installed"),
        Check("address", bool(url.hostname), settings.cloud_run_url or "set JARVIS_BENCH_CLOUD_RUN_URL"),
        Check("https", https or here, secure),
        Check("credentials", found.source != "none", found.detail),
        Check(
            "gcloud",
            gcloud is not None,
            gcloud or "needed to deploy: https://cloud.google.com/sdk/docs/install",
        ),
    )


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of the package above it
        return False
