"""The runtimes by name: each brings its own packages and nothing of another's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.ecapa import encoder
from jarvis_bench.ecapa.encoder import RUNTIMES, SHORTEST_SAMPLES, check_clips, import_runtime, open_encoder
from jarvis_bench.ecapa.exported import Export
from jarvis_bench.errors import UsageError

WORKER = """
import sys
from pathlib import Path
import numpy as np
from jarvis_bench.ecapa.worker import Worker
worker = Worker(sys.argv[1], Path(sys.argv[2]), 1)
for command in ("hello", "import", "load"):
    worker.answer(command, b"")
assert len(worker.answer("embed", np.ones(16000, "<f4").tobytes())) == 768
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.model
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_no_torch_in_the_other_runtimes(runtime: str, exported: Export) -> None:
    """The worker's modules after an embedding: neither torch nor what comes with it."""
    package = "onnxruntime" if runtime == "onnx" else "openvino"
    pytest.importorskip(package)
    done = subprocess.run(
        [sys.executable, "-c", WORKER, runtime, str(exported.graph)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split())
    assert package in modules
    assert modules.isdisjoint({"torch", "torchaudio", "speechbrain", "onnx", "pandas", "scipy"})


def test_an_unknown_runtime_is_named_with_the_nearest() -> None:
    """A slip of the finger is answered by the name that was meant."""
    with pytest.raises(UsageError, match=r"unknown runtime 'speech-brain'; did you mean 'speechbrain'\?"):
        import_runtime("speech-brain")
    with pytest.raises(UsageError, match=r"'onyx'.*'onnx'"):
        open_encoder("onyx", Path("model"), threads=1)


@pytest.mark.parametrize("runtime", [name for name in RUNTIMES if name != "speechbrain"])
def test_a_missing_graph_is_named_with_its_maker(runtime: str, tmp_path: Path) -> None:
    """The error says which file, and which command makes it."""
    pytest.importorskip("onnxruntime" if runtime == "onnx" else "openvino")
    with pytest.raises(UsageError, match="jarvis-bench export"):
        open_encoder(runtime, tmp_path / "ecapa.onnx", threads=1)


@pytest.mark.parametrize("shape", [(16_000,), (0, 16_000), (1, SHORTEST_SAMPLES - 1), (1, 1, 16_000)])
def test_clips_of_a_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    """A runtime would answer some of these with nonsense."""
    with pytest.raises(UsageError, match="shape"):
        check_clips(np.zeros(shape, dtype=np.float32))


@pytest.mark.model
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_the_shortest_clip_and_silence_give_finite_numbers(runtime: str, exported: Export) -> None:
    """The edge of the reflected padding, and a clip without any sound."""
    pytest.importorskip("onnxruntime" if runtime == "onnx" else "openvino")
    encoder = open_encoder(runtime, exported.graph, threads=1)
    for samples in (SHORTEST_SAMPLES, 16_000):
        assert np.isfinite(encoder.encode(np.zeros((1, samples), dtype=np.float32))).all()


def test_openvino_leaves_the_users_home_alone(tmp_path: Path) -> None:
    """Its package reports to its makers and writes into the home; not when we import it."""
    pytest.importorskip("openvino")
    source = "import jarvis_bench.ecapa.openvino_runtime, openvino.tools.ovc, sys; print(*sys.modules)"
    modules = subprocess.check_output(
        [sys.executable, "-c", source], env=os.environ | {"HOME": str(tmp_path)}, text=True
    ).split()
    assert "openvino_telemetry" not in modules
    assert list(tmp_path.iterdir()) == []


class Fake:
    """An encoder that notes what it was asked for."""

    def __init__(self, model: Path, *, threads: int, tune_malloc: bool | None = None) -> None:
        self.tune_malloc = tune_malloc

    def encode(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """As many rows as clips."""
        return np.zeros((len(clips), 192), np.float32)


def test_malloc_is_tuned_where_the_runtime_or_the_caller_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The onnx runtime does it by itself, speechbrain's heap is trimmed, and neither where it is told to be plain."""
    trimmed: list[int] = []
    fixed: list[int] = []
    monkeypatch.setattr(encoder, "encoder_class", lambda _: Fake)
    monkeypatch.setattr(encoder, "return_large_blocks", lambda: fixed.append(1))
    monkeypatch.setattr(encoder, "trim_heap", lambda: trimmed.append(1))
    assert open_encoder("onnx", Path("m"), threads=1).tune_malloc is True  # type: ignore[attr-defined]
    assert open_encoder("onnx", Path("m"), threads=1, malloc="plain").tune_malloc is False  # type: ignore[attr-defined]
    assert isinstance(open_encoder("speechbrain", Path("m"), threads=1, malloc="plain"), Fake)
    assert isinstance(open_encoder("openvino", Path("m"), threads=1), Fake)
    for number, malloc in enumerate(("own", "tuned")):
        opened = open_encoder("speechbrain", Path("m"), threads=1, malloc=malloc)
        assert opened.encode(np.zeros((1, 16_000), np.float32)).shape == (1, 192)
        assert len(trimmed) == number
        opened.encode(np.zeros((1, 480_000), np.float32))
        assert len(trimmed) == number + 1
        assert len(fixed) == number
    with pytest.raises(UsageError, match=r"'tunned'.*'tuned'"):
        open_encoder("onnx", Path("m"), threads=1, malloc="tunned")
