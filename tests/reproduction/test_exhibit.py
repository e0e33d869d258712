"""An exhibit is observed afresh each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.reproduction.exhibit import observe_exhibit
from jarvis_bench.reproduction.reproduce import EXHIBITS
from jarvis_bench.reproduction.shims import write_shims
from jarvis_bench.reproduction.worlds import Engine


@pytest.fixture(autouse=True)
def stopped_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker is installed and does not run, whatever this machine has."""
    write_shims(tmp_path, Engine.STOPPED)
    monkeypatch.setenv("PATH", str(tmp_path))


async def test_singleton_of_one_observation_is_not_the_next_ones(tmp_path: Path) -> None:
    """Two observations in one process see the same: nothing of the first is left for the second."""
    first, second = [
        await observe_exhibit(EXHIBITS["v10.6"], "v10.6", "test", socket=tmp_path / "no.sock")
        for _ in range(2)
    ]
    assert first.error == second.error is not None
    assert first.second_caller == second.second_caller
    assert not second.second_caller.ready


async def test_file_that_is_no_module_is_refused(tmp_path: Path) -> None:
    """An exhibit has to be Python."""
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match=r"notes\.txt is no Python module"):
        await observe_exhibit(tmp_path / "notes.txt", "v10.5", "test", socket=None)
