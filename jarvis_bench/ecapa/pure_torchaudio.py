"""Load torchaudio as pure Python, beside a CPU build of torch.

On Linux the package index carries torchaudio as a CUDA build only. SpeechBrain imports it, and the
import fails beside CPU torch, because torchaudio loads a native library that wants CUDA. Nothing we use
is in that library. torchaudio treats a missing library as "there is no extension", so its loader is
imported first, alone, and its library folder pointed at nothing.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

LOADER = "torchaudio._extension.utils"


def use_pure_torchaudio() -> None:
    """Make the next `import torchaudio` find no native library; without torchaudio, do nothing."""
    spec = importlib.util.find_spec("torchaudio")
    if LOADER in sys.modules or spec is None or spec.origin is None:
        return
    path = Path(spec.origin).parent / "_extension" / "utils.py"
    loader_spec = importlib.util.spec_from_file_location(LOADER, path)
    if loader_spec is None or loader_spec.loader is None or not path.is_file():
        return
    loader = importlib.util.module_from_spec(loader_spec)
    loader_spec.loader.exec_module(loader)
    loader.__dict__["_LIB_DIR"] = Path(__file__).parent / "no-such-folder"
    sys.modules[LOADER] = loader
