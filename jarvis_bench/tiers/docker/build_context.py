"""What an image is built from: wheels, model and package, as one tar file for the engine."""

from __future__ import annotations

import contextlib
import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import BinaryIO, cast

from jarvis_bench.ecapa.exported import GRAPH_RUNTIMES, find_export
from jarvis_bench.ecapa.weights import BAKED, NEEDED_FILES, Weights, describe_baked
from jarvis_bench.errors import UsageError

PACKAGE = Path(__file__).resolve().parents[2]
DOCKERFILE = PACKAGE / "service" / "image" / "Dockerfile"
# A name in the context, and a file or its content.
Part = tuple[str, Path | bytes]


async def gather_parts(wheels: Path, weights: Weights, runtime: str) -> list[Part]:
    """All parts of the build context.

    Args:
        wheels: the folder that `fetch_wheels` gives.
        weights: to bake in; their graph is made where the runtime wants it and it is not there yet.
        runtime: of the image.
    """
    return [*_wheels(wheels), *await _model(weights, runtime), *_package(), ("Dockerfile", DOCKERFILE)]


def _wheels(folder: Path) -> Iterator[Part]:
    yield from ((f"wheels/{path.name}", path) for path in sorted(folder.iterdir()))


async def _model(weights: Weights, runtime: str) -> list[Part]:
    """The graph alone where the runtime computes it, else the weights."""
    parts: list[Part] = [(f"model/{BAKED}", describe_baked(weights))]
    if runtime not in GRAPH_RUNTIMES:
        names = [*NEEDED_FILES, *(p.name for p in sorted(weights.folder.glob("*.ckpt")))]
        return parts + [(f"model/{name}", weights.folder / name) for name in dict.fromkeys(names)]
    folder = (await find_export(weights)).graph.parent
    return parts + [(f"model/exports/{folder.name}/{path.name}", path) for path in sorted(folder.iterdir())]


def _package() -> Iterator[Part]:
    """The package as it runs here, with its metadata; no wheel has to be built for it."""
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"package/jarvis_bench/{path.relative_to(PACKAGE).as_posix()}", path
    ours = distribution("jarvis-bench")
    yield (
        f"package/jarvis_bench-{ours.version}.dist-info/METADATA",
        (ours.read_text("METADATA") or "").encode(),
    )


def recipe_of(parts: list[Part], base: str) -> str:
    """A hash of all that decides what is in the image.

    Args:
        parts: of the build context.
        base: the base image's id, or its name where it is not there yet.
    """
    digest = hashlib.sha256(base.encode())
    for name, content in parts:
        digest.update(name.encode() + b"\0")
        if isinstance(content, bytes):
            digest.update(content)
        elif name.startswith("wheels/") or content.stat().st_size > 2**20:
            # Large parts have names that say what they are: a wheel's version, an export's hash of weights.
            digest.update(str(content.stat().st_size).encode())
        else:
            digest.update(content.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def build_context(parts: Iterable[Part]) -> Iterator[BinaryIO]:
    """The parts as a tar file, deleted afterwards; the same bytes for the same parts.

    Raises:
        UsageError: there is no room for it.
    """
    with contextlib.ExitStack() as stack:
        try:
            # Unbuffered, so that closing a file on a full disk writes nothing more.
            file = stack.enter_context(tempfile.TemporaryFile(buffering=0))
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name, content in parts:
                    _add(tar, name, content)
            file.seek(0)
        except OSError as exc:
            raise UsageError(f"no room for the build context in {tempfile.gettempdir()}: {exc}") from exc
        yield cast("BinaryIO", file)


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode = 0o755 if name.endswith("/image/serve") else 0o644
    if isinstance(content, bytes):
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
        return
    entry.size = content.stat().st_size
    with content.open("rb") as part:
        tar.addfile(entry, part)
