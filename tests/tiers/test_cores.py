"""Client and tier on one host are kept apart where they can be."""

from __future__ import annotations

import os

import pytest

from jarvis_bench.tiers.cores import Cores, share_cores


def test_first_core_for_the_client_last_for_the_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the cores this process may use, client and tier get one each, and the result says which."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {7, 3, 5}, raising=False)
    cores = share_cores()
    assert cores == Cores(client=3, tier=7)
    assert cores.note == "tier: 1 thread on core 7; client on core 3; same host"


def test_single_core_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one core there is nothing to keep apart, and the result says so."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {2}, raising=False)
    assert share_cores() == Cores(None, None)
    assert share_cores().note == "tier and client share the cores"


def test_system_that_cannot_pin_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no such call (macOS), the cores are shared."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert share_cores() == Cores(None, None)
