"""Build the image of the service from wheels, weights and package that are all on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, BinaryIO, cast

from jarvis_bench.ecapa.exported import GRAPH_RUNTIMES, find_export
from jarvis_bench.ecapa.weights import BAKED, NEEDED_FILES, Weights, describe_baked, find_weights
from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.addresses import Address, load_docker_client
from jarvis_bench.tiers.docker.container import LABEL, OWNER
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.findings import Finding
from jarvis_bench.tiers.docker.wheels import fetch_wheels

RECIPE_LABEL = "io.jarvis-bench.recipe"
RUNTIME_LABEL = "io.jarvis-bench.runtime"
WEIGHTS_LABEL = "io.jarvis-bench.weights"
PACKAGE = Path(__file__).resolve().parents[2]
DOCKERFILE = PACKAGE / "service" / "image" / "Dockerfile"
# Between two lines of a build: torch takes a while to be unpacked.
BUILD_SILENCE_S = 600.0
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Image:
    """A built image; `bytes` is its size on the engine, `added_bytes` what it has beyond its base."""

    name: str
    id: str
    runtime: str
    weights_sha256: str
    bytes: int
    added_bytes: int | None
    built: bool


def image_name(settings: Settings, runtime: str) -> str:
    """The name of the image for a runtime: the setting, with the runtime as its tag."""
    return f"{settings.docker_image}:{runtime}"


async def build_image(
    settings: Settings,
    engine: Engine,
    *,
    runtime: str = "onnx",
    say: Callable[[str], None] = lambda line: None,
) -> Image:
    """Build the image; one that was built from the very same parts is left as it is.

    Args:
        settings: which weights, base image and name.
        engine: where to build.
        runtime: `onnx` or `speechbrain`.
        say: gets every line of the build.

    Raises:
        TierFailed: the engine cannot be asked, or the build failed; the text has its last words.
        UsageError: wheels or weights cannot be had.
    """
    machine = str((await engine.ask(lambda client, _: client.info()))["Architecture"])
    wheels = await fetch_wheels(settings, runtime, machine)
    weights = await find_weights(settings)
    parts = [*_wheels(wheels), *await _model(weights, runtime), *_package(), ("Dockerfile", DOCKERFILE)]
    name, recipe = image_name(settings, runtime), _recipe(parts, settings.docker_base_image)
    labels = {LABEL: OWNER, RECIPE_LABEL: recipe, RUNTIME_LABEL: runtime, WEIGHTS_LABEL: weights.sha256}

    before: set[str] = set()
    spoken: list[str] = []

    def hear(line: str) -> None:
        spoken.append(line)
        say(line)

    def work(client: Any, _: Address) -> bool:
        before.update(client.images(quiet=True, all=True))
        present = _labels(client, name)
        if present.get(RECIPE_LABEL) == recipe:
            return False
        if present and present.get(LABEL) != OWNER:
            detail = f"the image {name} is not ours and stays as it is (setting docker_image)"
            raise Finding(Status.MISCONFIGURED, "not-ours", detail).as_error()
        arguments = {"BASE": settings.docker_base_image, "RUNTIME": runtime}
        _build(client, parts, tag=name, labels=labels, arguments=arguments, hear=hear)
        if present:
            # The one before has lost its name; it stays where a container still needs it.
            with contextlib.suppress(load_docker_client().errors.APIError):
                client.remove_image(present["id"])
        return True

    try:
        built = await engine.ask(work, timeout_s=BUILD_SILENCE_S)
    except load_docker_client().errors.APIError as exc:
        raise _failed(str(exc.explanation or exc)) from exc
    except BaseException:
        # From here, not from the thread: that one may be waiting for a line when the caller is cancelled.
        with contextlib.suppress(Exception):
            await asyncio.shield(engine.ask(lambda client, _: _clear_away(client, spoken, before)))
        raise
    found = await find_image(settings, engine, runtime=runtime, built=built)
    if found is None:
        raise _failed("it is gone again")
    return found


async def find_image(
    settings: Settings, engine: Engine, *, runtime: str, built: bool = False
) -> Image | None:
    """The image for a runtime; None where there is none."""
    name = image_name(settings, runtime)

    def work(client: Any, _: Address) -> Image | None:
        errors = load_docker_client().errors
        try:
            about = client.inspect_image(name)
        except errors.NotFound:
            return None
        labels = (about.get("Config") or {}).get("Labels") or {}
        try:
            base = int(client.inspect_image(settings.docker_base_image)["Size"])
        except errors.NotFound:
            base = None
        return Image(
            name=name,
            id=str(about["Id"]),
            runtime=labels.get(RUNTIME_LABEL, runtime),
            weights_sha256=labels.get(WEIGHTS_LABEL, ""),
            bytes=int(about["Size"]),
            added_bytes=None if base is None else int(about["Size"]) - base,
            built=built,
        )

    return await engine.ask(work)


def _labels(client: Any, name: str) -> dict[str, str]:
    """The labels of an image, and its `id`; empty where there is no such image."""
    try:
        about = client.inspect_image(name)
    except load_docker_client().errors.NotFound:
        return {}
    return {"id": str(about["Id"]), **((about.get("Config") or {}).get("Labels") or {})}


Part = tuple[str, Path | bytes]


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


def _recipe(parts: list[Part], base: str) -> str:
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


def _build(
    client: Any,
    parts: list[Part],
    *,
    tag: str,
    labels: dict[str, str],
    arguments: dict[str, str],
    hear: Callable[[str], None],
) -> None:
    spoken: list[str] = []
    with build_context(parts) as context:
        # The engine ends the build by itself when this connection ends.
        for line in client.build(
            fileobj=context,
            custom_context=True,
            tag=tag,
            buildargs=arguments,
            labels=labels,
            rm=True,
            forcerm=True,
            decode=True,
        ):
            if "error" in line:
                raise _failed(_reason(str(line["error"]), spoken))
            if text := COLOURS.sub("", str(line.get("stream", ""))).strip():
                spoken.append(text)
                hear(text)


def _reason(error: str, spoken: list[str]) -> str:
    """The error, and the last words of the command that failed."""
    words = [line for line in spoken if not line.startswith(("Step ", "--->", "Removing "))]
    if (code := re.search(r"returned a non-zero code: \d+", error)) and words:
        return f"{words[-1]} (a command {code[0]})"
    return error.strip()


def _clear_away(client: Any, spoken: list[str], before: set[str]) -> None:
    """Remove the layers that a failed build has made; what was there before stays."""
    made = [match[1] for line in spoken if (match := re.fullmatch(r"---> ([0-9a-f]{12})", line))]
    for short in reversed(made):
        if not any(old.startswith(f"sha256:{short}") for old in before):
            with contextlib.suppress(load_docker_client().errors.APIError, OSError):
                client.remove_image(short, force=True)


def _failed(reason: str) -> TierFailed:
    detail = f"the image could not be built: {reason[-600:]}"
    return Finding(Status.BROKEN, "build-failed", detail).as_error()


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
