"""The client that does nothing else, used by hand in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import TierFailed
from jarvis_bench.memory.client_process import RemoteClient


async def test_only_known_words_are_obeyed(tmp_path: Path) -> None:
    """What it does not know is named."""
    client = RemoteClient("http://127.0.0.1:9", tmp_path / "body")
    await client.obey(["hello"])
    with pytest.raises(ValueError, match="'dance'"):
        await client.obey(["dance"])
    await client.aclose()


async def test_a_service_that_is_not_there_fails_with_a_status(tmp_path: Path) -> None:
    """One error, however many asked."""
    body = tmp_path / "body"
    body.write_bytes(b"{}")
    client = RemoteClient("http://127.0.0.1:9", body)
    with pytest.raises(TierFailed, match="cannot be reached"):
        await client.obey(["embed", "3", "2"])
    await client.aclose()
