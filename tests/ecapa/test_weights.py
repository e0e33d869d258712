"""Which weights a user gets."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jarvis_bench.ecapa import weights as weights_module
from jarvis_bench.ecapa.weights import HUB_NAME, Weights, find_weights
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.settings import Settings


def write_model(folder: Path) -> Path:
    """A folder with the files of a model."""
    folder.mkdir(parents=True)
    (folder / "hyperparams.yaml").write_text("{}")
    (folder / "embedding_model.ckpt").write_bytes(b"weights")
    return folder


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be downloaded or made: the first try fails the test."""

    def refuse(module: str, *_: object, **__: object) -> None:
        pytest.fail(f"{module} was started")

    monkeypatch.setattr(weights_module, "child_process", refuse)


@pytest.mark.usefixtures("no_processes")
async def test_folder_of_the_user(tmp_path: Path) -> None:
    """A folder in SpeechBrain's layout is taken as it is, and known by the hash of its model."""
    folder = write_model(tmp_path / "mine")
    found = await find_weights(Settings(weights=str(folder), cache_dir=tmp_path / "cache"))
    digest = hashlib.sha256(b"weights").hexdigest()
    assert found == Weights(folder, "pretrained", digest)
    assert found.note == f"weights: pretrained ({digest[:12]})"


@pytest.mark.usefixtures("no_processes")
@pytest.mark.parametrize("missing", ["hyperparams.yaml", "embedding_model.ckpt"])
async def test_folder_without_a_model_names_what_it_needs(missing: str, tmp_path: Path) -> None:
    """A folder that lacks a file is the user's mistake, told with the folder and the files."""
    folder = write_model(tmp_path / "mine")
    (folder / missing).unlink()
    with pytest.raises(UsageError, match=r"hyperparams\.yaml and embedding_model\.ckpt") as caught:
        await find_weights(Settings(weights=str(folder)))
    assert str(folder) in str(caught.value)


@pytest.mark.usefixtures("no_processes")
async def test_pretrained_model_in_the_users_cache_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that the user's hub cache holds is taken without a network; an incomplete one is not."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    snapshots = tmp_path / "hub" / f"models--{HUB_NAME.replace('/', '--')}" / "snapshots"
    folder = write_model(snapshots / "5c0be3875fda05e81f3c004ed8c7c06be308de1e")
    (snapshots / "ffff").mkdir()
    found = await find_weights(Settings(cache_dir=tmp_path / "cache"))
    assert (found.folder, found.kind) == (folder, "pretrained")


async def test_hub_out_of_reach_leaves_the_seeded_weights(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network `auto` takes seeded weights, says what they are good for, and asks the hub only once."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = Settings(cache_dir=tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / weights.folder.name).symlink_to(weights.folder)
    found = await find_weights(settings)
    assert (found.kind, found.sha256) == ("seeded", weights.sha256)
    assert found.note == "weights: seeded — latency and RAM are valid, identities are not"
    assert "remove this file" in (tmp_path / "weights" / "hub-not-reached").read_text()

    def refuse(module: str, *_: object, **__: object) -> None:
        pytest.fail(f"{module} was started")

    monkeypatch.setattr(weights_module, "child_process", refuse)
    assert (await find_weights(settings)).sha256 == weights.sha256


async def test_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where no weights can be made, the reason of the process that tried is in the error."""
    (tmp_path / "file").touch()
    with pytest.raises(NothingMeasured, match="the seeded weights could not be made: NotADirectoryError"):
        await find_weights(Settings(weights="seeded", cache_dir=tmp_path / "file"))
