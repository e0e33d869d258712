"""The speech clips in data/clips are what their manifest says, and are credited."""

from __future__ import annotations

import array
import hashlib
import itertools
import json
import math
import operator
import subprocess
import sys
import wave
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"
CLIPS = DATA / "clips"
SAMPLE_RATE_HZ = 16_000
FULL_SCALE = 32_768
WINDOW_SAMPLES = SAMPLE_RATE_HZ // 10
SILENCE_RMS = 0.01  # of full scale: -40 dB; the speech lies near -18 dB, the pauses below -45 dB
SPEECH_RMS = 0.05
EDGE_SILENCE_S = 0.3
MAX_SILENT_FRACTION = 0.4


@dataclass(frozen=True, slots=True)
class Clip:
    """One manifest entry; an unknown or missing key fails the import of this module."""

    file: str
    speaker: str
    language: str
    seconds: float
    source_package: str
    source_file: str
    start_s: float
    licence: str
    sha256: str


MANIFEST = json.loads((CLIPS / "manifest.json").read_text(encoding="utf-8"))
ENTRIES = [Clip(**entry) for entry in MANIFEST["clips"]]
each_clip = pytest.mark.parametrize("clip", ENTRIES, ids=operator.attrgetter("file"))


def read_samples(clip: Clip) -> array.array[int]:
    """The clip's samples, signed 16-bit."""
    with wave.open(str(CLIPS / clip.file), "rb") as reader:
        samples = array.array("h", reader.readframes(reader.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def rms(samples: array.array[int]) -> float:
    """Root mean square as a fraction of full scale."""
    return math.sqrt(sum(map(operator.mul, samples, samples)) / len(samples)) / FULL_SCALE


def silent_windows(samples: array.array[int]) -> list[bool]:
    """For each 100 ms window in turn, whether it is silent."""
    starts = range(0, len(samples), WINDOW_SAMPLES)
    return [rms(samples[start : start + WINDOW_SAMPLES]) < SILENCE_RMS for start in starts]


def leading_silence_s(windows: list[bool]) -> float:
    """Seconds of silence before the first window with sound."""
    return len(list(itertools.takewhile(bool, windows))) * WINDOW_SAMPLES / SAMPLE_RATE_HZ


def test_manifest_states_its_format() -> None:
    """The manifest carries its schema version and sample rate, and is sorted by file."""
    assert (MANIFEST["schema_version"], MANIFEST["sample_rate_hz"]) == (1, SAMPLE_RATE_HZ)
    assert [clip.file for clip in ENTRIES] == sorted({clip.file for clip in ENTRIES})


def test_manifest_lists_exactly_the_wav_files() -> None:
    """No clip lacks an entry and no entry lacks its clip."""
    assert {clip.file for clip in ENTRIES} == {path.name for path in CLIPS.glob("*.wav")}


@each_clip
def test_clip_has_the_stated_hash(clip: Clip) -> None:
    """The bytes are those the manifest was written for."""
    assert hashlib.sha256((CLIPS / clip.file).read_bytes()).hexdigest() == clip.sha256


@each_clip
def test_clip_has_the_stated_format_and_length(clip: Clip) -> None:
    """Every clip is mono, 16 kHz, 16-bit, and as long as stated to the sample."""
    with wave.open(str(CLIPS / clip.file), "rb") as reader:
        assert reader.getparams()[:3] == (1, 2, SAMPLE_RATE_HZ)
        assert reader.getnframes() == clip.seconds * SAMPLE_RATE_HZ


@each_clip
def test_clip_carries_speech(clip: Clip) -> None:
    """A clip is loud enough, unclipped, speech nearly throughout, and has no long silence at its ends."""
    samples = read_samples(clip)
    windows = silent_windows(samples)
    assert rms(samples) > SPEECH_RMS
    assert max(map(abs, samples)) < FULL_SCALE - 1
    assert sum(windows) / len(windows) < MAX_SILENT_FRACTION
    assert leading_silence_s(windows) <= EDGE_SILENCE_S
    assert leading_silence_s(windows[::-1]) <= EDGE_SILENCE_S


def test_every_language_and_speaker_has_six_clips() -> None:
    """Each language and each speaker can fill a small batch."""
    assert min(Counter(clip.language for clip in ENTRIES).values()) >= 6
    assert min(Counter(clip.speaker for clip in ENTRIES).values()) >= 6


def test_every_language_has_the_same_lengths() -> None:
    """Batches of equal length exist: two of 1 s, two of 3 s, one of 10 s and one of 30 s a language."""
    for language in {clip.language for clip in ENTRIES}:
        lengths = Counter(clip.seconds for clip in ENTRIES if clip.language == language)
        assert lengths == {1.0: 2, 3.0: 2, 10.0: 1, 30.0: 1}, language


def test_english_and_spanish_are_one_voice() -> None:
    """Five languages are four voices, and the manifest does not pretend otherwise."""
    speakers = {clip.language: clip.speaker for clip in ENTRIES}
    assert len(speakers) == 5
    assert len(set(speakers.values())) == 4
    assert speakers["en"] == speakers["es"]


def test_no_two_clips_share_audio() -> None:
    """Cuts of one recording do not overlap."""
    for one, other in itertools.combinations(ENTRIES, 2):
        if (one.source_package, one.source_file) == (other.source_package, other.source_file):
            first, second = sorted((one, other), key=lambda clip: clip.start_s)
            assert first.start_s + first.seconds <= second.start_s, (first.file, second.file)


def test_licence_file_credits_every_source() -> None:
    """LICENSES.md names every speaker, source package and licence of the manifest."""
    text = (CLIPS / "LICENSES.md").read_text(encoding="utf-8")
    named = {name for clip in ENTRIES for name in (clip.speaker, clip.source_package, clip.licence)}
    assert sorted(name for name in named if f"`{name}`" not in text and f" {name} " not in text) == []


def test_missing_package_is_named_with_its_cure(tmp_path: Path) -> None:
    """make_clips.py without its packages says which one to fetch and how, and writes nothing."""
    out = tmp_path / "clips"
    command = [sys.executable, str(DATA / "make_clips.py"), "--packages", str(tmp_path), "--out", str(out)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "apt-get download asterisk-core-sounds-en-g722" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not out.exists()
