"""One frozen object with everything a user may set: environment over `jarvis-bench.toml` over defaults.

`JARVIS_BENCH_CLOUD_RUN_URL=https://…` sets `cloud_run_url`, and so on for every field of `Settings`.
The file is read from the working directory; its keys are the field names. Unknown keys are errors.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from jarvis_bench.errors import UsageError, unknown_name

PREFIX = "JARVIS_BENCH_"
FILE_NAME = "jarvis-bench.toml"
# Set by this package for its own child processes and tests; not settings.
INTERNAL = frozenset({"JARVIS_BENCH_RUN_MARK", "JARVIS_BENCH_REQUIRE", "JARVIS_BENCH_SEED"})

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What a user may set.

    Args:
        home: the checkout that holds `notebooks/` and `data/`.
        cache_dir: where seeded weights are kept; default `.cache` in the checkout.
        weights: `auto` (a cached or downloadable pretrained model, else seeded), `seeded`, or a folder
            in SpeechBrain's layout.
        runtime: what computes the embeddings of the local tier: `onnx`, `openvino` or `speechbrain`.
        cloud_run_url: root URL of the Cloud Run service; empty means that there is none.
        cloud_run_auth: where its ID tokens come from: `auto`, `google-auth`, `gcloud` or `none`.
        cloud_run_audience: whom the tokens are for; empty means the service's root URL.
        cloud_run_new_revision_command: makes a new revision of the service before each cold start, with `{number}`
            for what changes; empty waits until idle instances are let go, up to 15 minutes each.
        docker_host: engine address; empty means DOCKER_HOST, then docker's current context.
        container_name: the container that serves the Docker tier.
        docker_image: name of our image, without its tag, which is the runtime.
        docker_base_image: what our image is built on: a Debian with Python 3.11.
        docker_port: where the container's service is published on 127.0.0.1; 0 takes a free port. Not
            upstream's first 8010, which its own back end may hold.
        docker_memory_bytes: at this much memory the kernel ends the container.
        docker_start_command: starts the engine, in place of the platform's own command.
        docker_start_s: how long the engine may take to start, in seconds.
        probe_deadline_s: how long one tier may take to answer a probe, in seconds.
        local_ram_floor_bytes: free RAM below which the local tier is not offered.
    """

    home: Path = CHECKOUT
    cache_dir: Path = CHECKOUT / ".cache"
    weights: str = "auto"
    runtime: str = "onnx"
    cloud_run_url: str = ""
    cloud_run_auth: str = "auto"
    cloud_run_audience: str = ""
    cloud_run_new_revision_command: str = ""
    docker_host: str = ""
    container_name: str = "jarvis-ecapa-cloud"
    docker_image: str = "jarvis-bench-ecapa"
    docker_base_image: str = "python:3.11-slim-bookworm"
    docker_port: int = 8015
    docker_memory_bytes: int = 1_073_741_824
    docker_start_command: str = ""
    docker_start_s: float = 60.0
    probe_deadline_s: float = 2.0
    local_ram_floor_bytes: int = 1_000_000_000

    @property
    def notebooks_dir(self) -> Path:
        """The folder of notebooks; an error that names the cure where this is no checkout."""
        folder = self.home / "notebooks"
        if not folder.is_dir():
            raise UsageError(
                f"no notebooks/ in {self.home}: run from a clone of jarvis-bench, or set {PREFIX}HOME to one"
            )
        return folder

    @property
    def data_dir(self) -> Path:
        """The folder of clips and claims."""
        return self.home / "data"


def read_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read the settings once.

    Args:
        environ: default the process's environment.
        folder: where `jarvis-bench.toml` is looked for; default the working directory.
    """
    environ = os.environ if environ is None else environ
    values = _from_file((folder or Path.cwd()) / FILE_NAME) | _from_environment(environ)
    return Settings(**values)  # type: ignore[arg-type]  # each value was parsed by its field's type


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, for child processes that work in a folder without the file."""
    names = [field.name for field in dataclasses.fields(settings)]
    return {f"{PREFIX}{name.upper()}": str(getattr(settings, name)) for name in names}


def _from_file(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"{path} is not valid TOML: {exc}") from exc
    return {name: _parse(name, str(value), origin=str(path)) for name, value in raw.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    return {
        key.removeprefix(PREFIX).lower(): _parse(key.removeprefix(PREFIX).lower(), value, origin=key)
        for key, value in environ.items()
        if key.startswith(PREFIX) and key not in INTERNAL
    }


def _parse(name: str, value: str, *, origin: str) -> object:
    types = {field.name: str(field.type) for field in dataclasses.fields(Settings)}
    if name not in types:
        raise unknown_name(f"setting (from {origin})", name, types)
    try:
        match types[name]:
            case "Path":
                return Path(value).expanduser().resolve()
            case "float":
                return _amount(float(value))
            case "int":
                return _amount(int(value))
            case _:
                return value
    except ValueError as exc:
        raise UsageError(f"{origin}: {value!r} is no usable {types[name]} for {name}") from exc


def _amount(number: float) -> float:
    if not 0 <= number < math.inf:
        raise ValueError("negative, infinite or no number")
    return number
