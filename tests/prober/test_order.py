"""An order is checked before anything is started."""

from __future__ import annotations

import dataclasses
import json

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder, check_order, order_from_fields, seeds_of
from jarvis_bench.prober.plan import FIND_PEAK, OPEN_POISSON, Plan, Seeds

ORDER = MeasurementOrder(
    ("local", "http://127.0.0.1:1"),
    (
        LoadOrder(Plan("single", 5.0, requests=3), clip_seconds=1.0),
        LoadOrder(Plan(FIND_PEAK, 1.0)),
        LoadOrder(Plan(OPEN_POISSON, 5.0), share=0.5),
    ),
    clip_seconds=(1.0, 3.0),
)


def test_an_order_survives_json() -> None:
    """It goes to the measuring process as a file."""
    check_order(ORDER)
    assert order_from_fields(json.loads(json.dumps(dataclasses.asdict(ORDER)))) == ORDER


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tiers": ()}, "name a tier"),
        ({"loads": ()}, "name a tier"),
        ({"loads": (LoadOrder(Plan(OPEN_POISSON, 5.0), share=0.5),)}, "find-peak"),
        ({"loads": (LoadOrder(Plan(OPEN_POISSON, 5.0)),)}, "0 requests/s"),
    ],
)
def test_what_cannot_be_measured_is_an_error(changes: dict[str, tuple[object, ...]], told: str) -> None:
    """Named with its cure."""
    with pytest.raises(UsageError, match=told):
        check_order(dataclasses.replace(ORDER, **changes))  # type: ignore[arg-type]  # wrong on purpose


def test_one_seed_makes_four() -> None:
    """Each can be changed alone afterwards."""
    assert seeds_of(7) == Seeds(7, 7, 7, 7)
