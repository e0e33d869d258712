"""The clips as the rest of the package gets them."""

from __future__ import annotations

import hashlib
import json
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ, load_clips
from jarvis_bench.errors import MissingExtra, UsageError
from jarvis_bench.settings import Settings


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with one clip of one second: silence, then the loudest samples there are."""
    (tmp_path / "clips").mkdir()
    path = tmp_path / "clips" / "xx-nobody-01s-a.wav"
    samples = np.zeros(SAMPLE_RATE_HZ, "<i2")
    samples[-2:] = (-32768, 32767)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    entry = {
        "file": path.name,
        "speaker": "nobody",
        "language": "xx",
        "seconds": 1.0,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (tmp_path / "clips" / "manifest.json").write_text(json.dumps({"clips": [entry]}))
    return tmp_path


def test_shipped_clips_are_mono_speech_at_16_khz() -> None:
    """Every clip has the length that its manifest says and samples in [-1, 1]."""
    clips = load_clips(Settings().data_dir)
    assert len(clips) == 30
    assert len({clip.speaker for clip in clips}) >= 4
    for clip in clips:
        assert clip.samples.dtype == np.float32
        assert len(clip.samples) / SAMPLE_RATE_HZ == pytest.approx(clip.seconds, rel=0.1)
        assert 0.1 < np.abs(clip.samples).max() <= 1.0


def test_clips_of_wanted_lengths_only() -> None:
    """Who asks for lengths gets those."""
    clips = load_clips(Settings().data_dir, (1.0, 10.0))
    assert {clip.seconds for clip in clips} == {1.0, 10.0}


def test_samples_are_scaled_to_one(data_dir: Path) -> None:
    """Full scale is 1.0, and the sample's place is kept."""
    (clip,) = load_clips(data_dir)
    assert (clip.name, clip.speaker, clip.language) == ("xx-nobody-01s-a", "nobody", "xx")
    assert len(clip.samples) == SAMPLE_RATE_HZ
    assert clip.samples[-2:].tolist() == [-1.0, 32767 / 32768]
    assert not clip.samples[:-2].any()


def test_unknown_length_lists_the_known(data_dir: Path) -> None:
    """A length nobody has is refused with those there are."""
    with pytest.raises(UsageError, match=r"no clips of 7 s \(there are: 1\)"):
        load_clips(data_dir, (7.0,))


def test_changed_clip_is_refused(data_dir: Path) -> None:
    """A clip that is not what was measured before is refused with the command that restores it."""
    path = data_dir / "clips" / "xx-nobody-01s-a.wav"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(UsageError, match=r"git checkout -- xx-nobody-01s-a\.wav"):
        load_clips(data_dir)


def test_no_manifest_is_the_wrong_folder(tmp_path: Path) -> None:
    """Outside a clone the message says where to go."""
    with pytest.raises(UsageError, match="run from a clone of jarvis-bench"):
        load_clips(tmp_path)


def test_without_numpy_it_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core is installed without numpy: the message is the command that brings it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtra, match="this needs numpy"):
        load_clips(data_dir)
