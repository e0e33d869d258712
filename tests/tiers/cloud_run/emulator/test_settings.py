"""Google's defaults and limits."""

from __future__ import annotations

from typing import Any

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.tiers.cloud_run.emulator.settings import DEPLOYED, EmulatorSettings
from jarvis_bench.tiers.cloud_run.prices import Shape


def test_the_defaults_are_googles() -> None:
    """1 vCPU, 512 MiB, concurrency 80, 300 s, no minimum, a TCP start-up probe, CPU during requests, tokens wanted."""
    settings = EmulatorSettings()
    assert (settings.vcpu, settings.memory_mib, settings.concurrency) == (1.0, 512, 80)
    assert (settings.timeout_s, settings.min_instances, settings.idle_s) == (300.0, 0, 900.0)
    assert (settings.queue_factor, settings.queue_floor_s, settings.stop_s) == (3.5, 10.0, 10.0)
    assert (settings.startup_probe.path, settings.cpu_always, settings.require_token) == ("", False, True)
    assert settings.shape == Shape(1.0, 0.5)
    assert DEPLOYED.shape == Shape(1.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"max_instances": 0}, "max_instances"),
        ({"min_instances": 3, "max_instances": 2}, "min_instances 3 exceeds"),
        ({"vcpu": 0.5}, "concurrency of 1"),
        ({"vcpu": 9.0}, "vcpu is 9"),
        ({"memory_mib": 64}, "memory_mib is 64"),
        ({"memory_mib": 8192}, "need 2 vCPU"),
        ({"timeout_s": -1.0}, "timeout_s"),
        ({"idle_s": float("nan")}, "idle_s"),
        ({"start_delay_s": float("inf")}, "start_delay_s"),
        ({"instances": "containr"}, "did you mean 'container'"),
        ({"port": 70000}, "no port has the number 70000"),
    ],
)
def test_what_cloud_run_would_refuse_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        EmulatorSettings(**wrong)
