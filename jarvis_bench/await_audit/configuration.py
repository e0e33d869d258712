"""The project's own settings: the table `[tool.jarvis-bench.audit]` of its `pyproject.toml`.

    [tool.jarvis-bench.audit]
    select = ["missing-await"]              # only these rules; default all
    ignore = ["racy-async-singleton"]       # all but these
    exclude = ["tests/cases/*"]             # globs against paths relative to this file
    baseline = "audit-baseline.json"        # known findings, relative to this file
    python = ".venv/bin/python"             # whose installed packages are read; default .venv or venv beside this file
    jobs = 2                                # processes; default one a core

Options of the command line go over it; unknown keys are errors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jarvis_bench.await_audit.failures import AuditUsageError, unknown_name
from jarvis_bench.await_audit.report import KNOWN_RULES

FILE_NAME = "pyproject.toml"
TABLE = "tool.jarvis-bench.audit"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a project sets; `None` and empty where it sets nothing. `folder` is that of its pyproject.toml."""

    folder: Path
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    python: Path | None = None
    jobs: int = 0


def read_configuration(folder: Path) -> Configuration:
    """The settings of the nearest pyproject.toml at or above a folder; defaults where there is none.

    Raises:
        AuditUsageError: the file is no TOML, or the table has an unknown key or a value of a wrong type.
    """
    home = next((one for one in (folder, *folder.parents) if (one / FILE_NAME).is_file()), None)
    if home is None:
        return Configuration(folder)
    path = home / FILE_NAME
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise AuditUsageError(f"{path} is not valid TOML: {exc}") from exc
    except OSError as exc:
        raise AuditUsageError(f"cannot read {path}: {exc.strerror}") from exc
    table = content.get("tool", {}).get("jarvis-bench", {}).get("audit", {})
    if not isinstance(table, dict):
        raise AuditUsageError(f"{path}: {TABLE} is a table, not {table!r}")
    return Configuration(home, **{key: _value(key, value, path) for key, value in table.items()})


def check_rules(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, all of them known rules.

    Raises:
        AuditUsageError: one is not.
    """
    for name in names:
        if name not in KNOWN_RULES:
            raise unknown_name("rule", name, KNOWN_RULES)
    return names


def _value(key: str, value: object, path: Path) -> Any:
    known = [field.name for field in fields(Configuration) if field.name != "folder"]
    if key not in known:
        raise unknown_name(f"key of [{TABLE}] in {path}:", key, known)
    parse: Callable[[object], object] = {
        "jobs": _count,
        "baseline": lambda text: path.parent / _text(text),
        "python": lambda text: path.parent / _text(text),
        "exclude": _texts,
    }.get(key, lambda names: check_rules(_texts(names)))
    try:
        return parse(value)
    except (TypeError, AuditUsageError) as exc:
        raise AuditUsageError(f"{path}: {key} of [{TABLE}]: {exc}") from exc


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"a path in quotes is wanted, not {value!r}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"a list of texts is wanted, not {value!r}")
    return tuple(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"a number of processes is wanted, 0 for one a core, not {value!r}")
    return value
