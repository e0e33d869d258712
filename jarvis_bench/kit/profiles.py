"""The profiles in `notebooks/profiles.yaml`: how much a run measures, and how long a cell may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jarvis_bench.errors import MissingExtra, UsageError, unknown_name
from jarvis_bench.kit.notebook import Notebook, Value, check_value
from jarvis_bench.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """How one notebook is run: its parameters, the seconds one cell may take, and the settings of its process."""

    notebook: Notebook
    parameters: dict[str, Value]
    cell_timeout_s: int
    settings: Settings


def load_plans(settings: Settings, profile: str, notebooks: Sequence[Notebook]) -> tuple[Plan, ...]:
    """A plan for each notebook.

    Raises:
        UsageError: no such profile, or the file cannot be read, or names a notebook or parameter that does not
            exist.
    """
    try:
        import yaml
    except ModuleNotFoundError as exc:
        raise MissingExtra("pyyaml", "kit") from exc
    path = settings.notebooks_dir / "profiles.yaml"
    try:
        profiles = yaml.safe_load(path.read_text(encoding="utf-8"))["profiles"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as exc:
        raise UsageError(f"{path} holds no readable profiles: {exc}") from exc
    if profile not in profiles:
        raise unknown_name("profile", profile, profiles)
    chosen: dict[str, Any] = profiles[profile]
    for name in chosen.get("notebooks") or {}:
        if not (settings.notebooks_dir / f"{name}.ipynb").is_file():
            raise UsageError(f"{path.name}: profile {profile} names a notebook that does not exist: {name}")
    return tuple(_plan(notebook, chosen, settings) for notebook in notebooks)


def _plan(notebook: Notebook, profile: dict[str, Any], settings: Settings) -> Plan:
    values = dict((profile.get("notebooks") or {}).get(notebook.name) or {})
    timeout_s = int(values.pop("cell_timeout_s", profile["cell_timeout_s"]))
    kinds = {parameter.name: parameter.kind for parameter in notebook.parameters}
    for name, value in values.items():
        if name not in kinds:
            raise unknown_name(f"parameter of {notebook.name} in profiles.yaml", name, kinds)
        check_value(name, value, kinds[name])
    return Plan(notebook, values, timeout_s, settings)
