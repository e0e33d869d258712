"""Whether two runs may be compared: everything that decides a number besides the thing one wants to compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.environment import describe_environment
from jarvis_bench.kit.run_folder import RunFolder

# Of environment.json: what changes a number. Load, free RAM and uncommitted changes are warned of instead.
HOST_KEYS = ("cpu", "cpu_features", "cores", "ram_total_bytes", "platform")
CODE_KEYS = ("python", "commit")
FACTS = {"latency": ("weights",), "memory": ("weights", "cores"), "runtimes": ("weights", "threads")}
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that two runs do not share; None is "not recorded"."""

    key: str
    a: str | None
    b: str | None

    @property
    def is_of_host(self) -> bool:
        """Whether it is the machine that differs, not the code, the packages or the plan."""
        return self.key in HOST_KEYS

    def __str__(self) -> str:
        return f"{self.key} ({self.a or 'not recorded'} | {self.b or 'not recorded'})"


def find_differences(a: RunFolder, b: RunFolder) -> tuple[Difference, ...]:
    """Every key on which the two runs disagree, in a fixed order.

    Raises:
        UsageError: one of the folders holds no run.
    """
    first, second = _facts(a), _facts(b)
    keys = dict.fromkeys([*first, *second])
    return tuple(
        Difference(key, first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)
    )


def refuse_unlike(differences: Sequence[Difference], variables: Sequence[str], *, force: bool) -> None:
    """Fail where the runs differ in more than what is being compared.

    Args:
        differences: what `find_differences` found.
        variables: keys that may differ, such as `commit` or `packages` (all of them) or `packages.numpy`.
        force: compare all the same.

    Raises:
        UsageError: naming each key with both values; or a variable in which the runs do not differ.
    """
    for name in variables:
        if not any(_covers(name, difference.key) for difference in differences):
            known = ", ".join(difference.key for difference in differences) or "nothing"
            raise UsageError(f"--variable {name}: the runs do not differ in that (they differ in: {known})")
    left = [item for item in differences if not any(_covers(name, item.key) for name in variables)]
    if left and not force:
        more = f", and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        named = "; ".join(str(item) for item in left[:SHOWN])
        raise UsageError(
            f"these runs are not alike: {named}{more}. Name what you compare with --variable {left[0].key}, "
            "or compare all the same with --force"
        )


def _covers(name: str, key: str) -> bool:
    return key == name or key.startswith(f"{name}.")


def other_code(then: Mapping[str, Any]) -> tuple[str, ...]:
    """In words, every version that is not the one of an earlier environment: Python, the commit, packages."""
    now = describe_environment()
    pairs = {key: (then.get(key), now.get(key)) for key in CODE_KEYS}
    packages = now["packages"] if isinstance(now["packages"], dict) else {}
    pairs |= {name: (version, packages.get(name)) for name, version in (then.get("packages") or {}).items()}
    return tuple(
        f"{name} is {here or 'absent'} here and was {there or 'absent'}"
        for name, (there, here) in pairs.items()
        if there != here
    )


def refuse_other_code(folder: RunFolder) -> None:
    """Keep the cells of one folder comparable: the first call notes the versions, later ones must have the same.

    Raises:
        UsageError: something differs.
    """
    if (
        differing := other_code(read_object(folder, "environment.json"))
        if folder.has("environment.json")
        else ()
    ):
        raise UsageError(
            f"{folder.path} was begun with other versions: {'; '.join(differing)}. "
            "Choose another folder with --out, or go back to those"
        )
    folder.write_json("environment.json", describe_environment())


def read_object(folder: RunFolder, name: str) -> dict[str, Any]:
    """A JSON file of a run as an object; empty where it is not there.

    Raises:
        UsageError: it cannot be read.
    """
    if not folder.has(name):
        return {}
    try:
        value = folder.read_json(name)
    except (OSError, ValueError) as exc:
        raise UsageError(f"{folder.path / name} cannot be read: {exc}") from exc
    return value if isinstance(value, dict) else {}


def read_run(folder: RunFolder) -> dict[str, Any]:
    """What run.json says.

    Raises:
        UsageError: there is none.
    """
    fields = read_object(folder, "run.json")
    if "run_id" not in fields or not isinstance(fields.get("notebooks"), list):
        raise UsageError(f"{folder.path} holds no readable run.json")
    return fields


def _facts(folder: RunFolder) -> dict[str, str | None]:
    environment, run = read_object(folder, "environment.json"), read_run(folder)
    found = {key: _text(environment.get(key)) for key in (*HOST_KEYS, *CODE_KEYS)}
    packages: Mapping[str, Any] = environment.get("packages") or {}
    found |= {f"packages.{name}": _text(version) for name, version in packages.items()}
    for notebook in run["notebooks"]:
        found |= {
            f"{notebook['name']}.{name}": _text(value) for name, value in notebook.get("parameters", [])
        }
    for name, keys in FACTS.items():
        facts = read_object(folder, f"{name}.json")
        found |= {f"{name}.{key}": _text(facts[key]) for key in keys if key in facts}
    if cores := {run["cores"] for run in read_object(folder, "latency.json").get("runs", [])}:
        found["latency.cores"] = "; ".join(sorted(cores))
    return found


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
