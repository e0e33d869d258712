"""Weights of the right architecture where the pretrained ones cannot be had."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.settings import Settings

FILES = ["classifier.ckpt", "embedding_model.ckpt", "hyperparams.yaml"]
MAKER = "jarvis_bench.ecapa.seeded_weights"
PARAMETERS_BYTES = 80_000_000
# A maker whose model is empty, and which waits until it is told to put its folder in place.
QUICK_MAKER = """
import sys
from pathlib import Path
from jarvis_bench.ecapa import seeded_weights
def write(folder, clips):
    (folder / "embedding_model.ckpt").touch()
    (folder / "classifier.ckpt").touch()
    print("made", flush=True)
    sys.stdin.read()
seeded_weights._write_checkpoints = write
Path.exists = lambda path: False  # as if both had looked before either was done
seeded_weights.make_seeded_weights(Path(sys.argv[1]), Path(sys.argv[2]))
"""
# What anybody who has SpeechBrain would write; only torchaudio's native library is kept out of the way.
PLAIN_SPEECHBRAIN = """
import json, sys, wave
from jarvis_bench.ecapa.pure_torchaudio import use_pure_torchaudio
use_pure_torchaudio()
import torch
from speechbrain.inference.classifiers import EncoderClassifier
classifier = EncoderClassifier.from_hparams(source=sys.argv[1], savedir=sys.argv[2])
with wave.open(sys.argv[3]) as file:
    pcm = torch.frombuffer(bytearray(file.readframes(file.getnframes())), dtype=torch.int16)
sys.stdout.write(json.dumps(classifier.encode_batch(pcm.float() / 32768).flatten().tolist()))
"""


@pytest.mark.model
async def test_speechbrains_own_classifier_loads_them(weights: Weights, tmp_path: Path) -> None:
    """The folder is a model to SpeechBrain itself, and our process computes what SpeechBrain does."""
    data = Settings().data_dir
    (clip,) = (clip for clip in load_clips(data, (3.0,)) if clip.name == "it-carlo-03s-a")
    path = data / "clips" / f"{clip.name}.wav"
    command = [sys.executable, "-c", PLAIN_SPEECHBRAIN, str(weights.folder), str(tmp_path), str(path)]
    theirs = np.array(json.loads(subprocess.check_output(command)))
    async with ModelProcess(weights) as process:
        await process.load()
        ours = (await process.embed(clip.samples)).vector
    assert theirs.shape == (192,)
    assert theirs @ ours / (np.linalg.norm(theirs) * np.linalg.norm(ours)) > 0.99999
    assert sorted(path.name for path in weights.folder.iterdir()) == FILES


@pytest.mark.model
async def test_maker_makes_a_whole_model(tmp_path: Path) -> None:
    """From nothing but the clips, a folder with all parts of a model, and nothing else beside it."""
    folder = tmp_path / "weights" / "seeded"
    async with child_process(MAKER, [str(folder), str(Settings().data_dir)]) as maker:
        assert await maker.wait() == 0
    assert [path.name for path in folder.parent.iterdir()] == ["seeded"]
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert (folder / "embedding_model.ckpt").stat().st_size > PARAMETERS_BYTES


def test_two_makers_at_once_end_with_one_complete_folder(tmp_path: Path) -> None:
    """Two first runs that finish at the same moment do not spoil each other's weights, and leave nothing behind."""
    folder = tmp_path / "weights" / "seeded"
    command = [sys.executable, "-c", QUICK_MAKER, str(folder), str(Settings().data_dir)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as first,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as second,
    ):
        for maker in (first, second):
            assert maker.stdout is not None
            assert maker.stdout.readline() == "made\n"
            assert not folder.exists()
        for maker in (first, second):
            assert maker.stdin is not None
            maker.stdin.close()
    assert (first.returncode, second.returncode) == (0, 0)
    assert [path.name for path in folder.parent.iterdir()] == ["seeded"]
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_maker_ends_with_its_parent(tmp_path: Path) -> None:
    """A maker whose parent is gone does not go on for itself, and leaves no folder that looks complete."""
    folder = tmp_path / "weights" / "seeded"
    command = [sys.executable, "-m", MAKER, str(folder), str(Settings().data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as maker:
        assert maker.stdin is not None
        maker.stdin.close()
        assert maker.wait(timeout=10.0) == -9
    assert not folder.exists()
