"""Build the image of the service from wheels, weights and package that are all on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.addresses import Address, load_docker_client
from jarvis_bench.tiers.docker.build_context import Part, build_context, gather_parts, recipe_of
from jarvis_bench.tiers.docker.container import LABEL, OWNER
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.findings import Finding
from jarvis_bench.tiers.docker.wheels import fetch_wheels

RECIPE_LABEL = "io.jarvis-bench.recipe"
RUNTIME_LABEL = "io.jarvis-bench.runtime"
WEIGHTS_LABEL = "io.jarvis-bench.weights"
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
    parts = await gather_parts(wheels, weights, runtime)
    plan = _Plan(image_name(settings, runtime), settings.docker_base_image, runtime, weights.sha256, parts)
    before: set[str] = set()
    spoken: list[str] = []

    def hear(line: str) -> None:
        spoken.append(line)
        say(line)

    try:
        built = await engine.ask(
            lambda client, _: _build_where_needed(client, plan, before, hear), timeout_s=BUILD_SILENCE_S
        )
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is built from what, and under which name."""

    name: str
    base: str
    runtime: str
    weights_sha256: str
    parts: list[Part]


def _build_where_needed(client: Any, plan: _Plan, before: set[str], hear: Callable[[str], None]) -> bool:
    """Build unless the image is there from the very same parts; fills `before` with the images there are."""
    before.update(client.images(quiet=True, all=True))
    present = _labels(client, plan.name)
    recipe = recipe_of(plan.parts, _labels(client, plan.base).get("id", plan.base))
    if present.get(RECIPE_LABEL) == recipe:
        return False
    if present and present.get(LABEL) != OWNER:
        detail = f"the image {plan.name} is not ours and stays as it is (setting docker_image)"
        raise Finding(Status.MISCONFIGURED, "not-ours", detail).as_error()
    labels = {
        LABEL: OWNER,
        RECIPE_LABEL: recipe,
        RUNTIME_LABEL: plan.runtime,
        WEIGHTS_LABEL: plan.weights_sha256,
    }
    arguments = {"BASE": plan.base, "RUNTIME": plan.runtime}
    _build(client, plan.parts, tag=plan.name, labels=labels, arguments=arguments, hear=hear)
    if present:
        # The one before has lost its name; it stays where a container still needs it.
        with contextlib.suppress(load_docker_client().errors.APIError):
            client.remove_image(present["id"])
    return True


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
                raise _failed(_reason(str(line["error"]), spoken, arguments["BASE"]))
            if text := COLOURS.sub("", str(line.get("stream", ""))).strip():
                spoken.append(text)
                hear(text)


def _reason(error: str, spoken: list[str], base: str) -> str:
    """The error, and the last words of the command that failed; or that there is no base to build on."""
    if not any(line.startswith("--->") for line in spoken):
        return f"its base {base} cannot be had ({error.strip()}); another one: setting docker_base_image"
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
