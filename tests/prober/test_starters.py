"""Real starts: an interpreter and a service process, both from nothing."""

from __future__ import annotations

import pytest

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.prober.cold_start import Start, cold_starts
from jarvis_bench.prober.starters import FreshInterpreter, FreshService, read_boot_id
from jarvis_bench.settings import Settings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def clip() -> object:
    """The shortest one."""
    return load_clips(Settings().data_dir, (1.0,))[0].samples


def check(first: Start, second: Start | None) -> None:
    """The same five phases and the same proof, whoever was started."""
    parts = (first.process_s, first.import_s, first.load_s, first.first_inference_s)
    assert all(part is not None and part > 0 for part in parts)
    assert sum(part or 0.0 for part in parts) <= first.total_s
    assert first.provision_s is None
    assert (first.request_index, first.boot_id) == (0, read_boot_id())
    assert second is not None
    assert (second.instance_id, second.request_index) == (first.instance_id, 1)
    assert second.total_s < first.total_s


async def test_an_interpreter_is_started_and_named(weights: Weights, clip: object) -> None:
    """The local tier's model process."""
    check(*await FreshInterpreter(weights, "onnx", clip).start())  # type: ignore[arg-type]  # an array


async def test_a_service_is_started_and_named(
    weights: Weights, clip: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, with the stamps that the service keeps; two are two instances."""
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    rows = [row async for row in cold_starts(FreshService("onnx", clip), 2, progress=print)]  # type: ignore[arg-type]
    assert [row.cold for row in rows] == [True, False, True, False]
    assert len({row.instance_id for row in rows}) == 2
    check(*await FreshService("onnx", clip).start())  # type: ignore[arg-type]
