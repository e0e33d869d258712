"""The price table, and the step in which time is sold."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.prices import FILE_NAME, billed_steps, load_prices

TABLE = Settings().data_dir / FILE_NAME


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [(0.0, 0), (0.000001, 1), (0.1, 1), (0.1 + 0.2, 3), (0.300001, 4), (0.138, 2), (25.0, 250)],
)
def test_begun_steps_count_in_full(seconds: float, steps: int) -> None:
    assert billed_steps(seconds) == steps


def test_every_figure_names_the_tables_date() -> None:
    prices = load_prices(Settings().data_dir)
    assert prices.note == f"modelled with the prices of {prices.taken.isoformat()}, {prices.region}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vcpu_s = 0.000024", ""),
        ("vcpu_s = 0.000024", "vcpu_s = -1"),
        ("vcpu_s = 0.000024", "vcpu_s = inf"),
        ("vcpu_s = 0.000024", 'vcpu_s = "cheap"'),
        ("vcpu_s = 0.000024", "vcpu_s = 0.000024\ngpu_s = 1.0"),
        ("[idle]", "[sleeping]"),
        ("taken = 2", "taken = true # 2"),
        ("[request]", "[request"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, old: str, new: str) -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE_NAME).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match="cloud-run-prices"):
        load_prices(tmp_path)


def test_without_a_clone_there_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="from a clone"):
        load_prices(tmp_path)
