"""What Google charges, from a table with a date: `data/cloud-run-prices.toml`."""

from __future__ import annotations

import datetime
import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jarvis_bench.errors import UsageError

FILE_NAME = "cloud-run-prices.toml"
STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars for one vCPU and one GiB, a second each."""

    vcpu_s: float
    gib_s: float


@dataclass(frozen=True, slots=True)
class FreeTier:
    """What a billing account has free each month."""

    vcpu_s: float
    gib_s: float
    requests: float


@dataclass(frozen=True, slots=True)
class Prices:
    """One table. `request` is billed while an instance starts, answers or ends, and `idle` while a kept instance waits;
    `instance` replaces both where CPU is always allocated. `million_requests`: US dollars.
    """

    taken: datetime.date
    region: str
    source: str
    request: Rates
    idle: Rates
    instance: Rates
    million_requests: float
    free_request: FreeTier
    free_instance: FreeTier

    @property
    def note(self) -> str:
        """What every figure made of these prices has to say."""
        return f"modelled with the prices of {self.taken.isoformat()}, {self.region}"


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of an instance: CPUs, and memory in GiB."""

    vcpu: float
    gib: float

    def usd_per_s(self, rates: Rates) -> float:
        """US dollars a second at these rates."""
        return self.vcpu * rates.vcpu_s + self.gib * rates.gib_s


def billed_steps(seconds: float) -> int:
    """Steps of 100 ms, begun ones in full; counted in whole microseconds, so that 0.3 s are three."""
    return -(-round(seconds * 1e6) // round(STEP_S * 1e6))


def billed_s(seconds: float) -> float:
    """Seconds rounded up to the step."""
    return billed_steps(seconds) * STEP_S


def load_prices(data_dir: Path) -> Prices:
    """The table.

    Raises:
        UsageError: it is not there, or an entry is missing, unknown, or no amount.
    """
    path = data_dir / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        parts: dict[str, Any] = {name: Rates(**table.pop(name)) for name in ("request", "idle", "instance")}
        parts |= {name: FreeTier(**table.pop(name)) for name in ("free_request", "free_instance")}
        prices = Prices(**table, **parts)
    except FileNotFoundError as exc:
        raise UsageError(f"no price table {path}: run from a clone of jarvis-bench") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, KeyError) as exc:
        raise UsageError(f"{path} is no price table: {exc}") from exc
    _check(prices, path)
    return prices


def _check(prices: Prices, path: Path) -> None:
    groups = (prices.request, prices.idle, prices.instance, prices.free_request, prices.free_instance)
    amounts = [getattr(group, field.name) for group in groups for field in fields(group)]
    for amount in (*amounts, prices.million_requests):
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < math.inf:
            raise UsageError(f"{path}: {amount!r} is no amount")
    if not isinstance(prices.taken, datetime.date):
        raise UsageError(f"{path}: `taken` is no date")
