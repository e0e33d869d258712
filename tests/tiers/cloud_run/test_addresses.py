"""Addresses that are none do not stop anybody."""

from __future__ import annotations

import pytest

from jarvis_bench.tiers.cloud_run.addresses import split_address


def test_an_address_has_its_parts() -> None:
    parts = split_address("https://jarvis-abc-uc.a.run.app/x")
    assert (parts.scheme, parts.hostname, parts.path) == ("https", "jarvis-abc-uc.a.run.app", "/x")


@pytest.mark.parametrize("url", ["http://[::1", "http://host:port", "http://[nonsense]/"])
def test_what_is_none_has_none(url: str) -> None:
    assert not any(split_address(url))
