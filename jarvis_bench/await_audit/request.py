"""What a user asks of the auditor, and what follows from it with the project's settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from jarvis_bench.await_audit.configuration import Configuration, check_rules, read_configuration
from jarvis_bench.await_audit.failures import AuditUsageError, nearest_name, unknown_name
from jarvis_bench.await_audit.records import RULES, AuditOptions
from jarvis_bench.await_audit.report import KNOWN_RULES

Format = Literal["text", "json", "sarif", "github"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """The options of the command line; `None` and empty mean what the project sets, or the default.

    Without `paths`, the Python files that git knows below `cwd` are meant; paths are relative to `cwd`. `diff`
    shows what `fix` (with `fix_likely`, also what is only likely) would change, and changes nothing.
    """

    paths: tuple[Path, ...] = ()
    format: str = "text"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fix: bool = False
    fix_likely: bool = False
    diff: bool = False
    baseline: Path | None = None
    write_baseline: Path | None = None
    python: Path | None = None
    jobs: int | None = None
    cache: bool = True
    stats: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that was checked; `rules` may name the rule on comments, which the core does not know."""

    rules: tuple[str, ...]
    options: AuditOptions
    baseline: Path | None


def make_plan(request: AuditRequest) -> Plan:
    """Check a request and put the project's settings under it.

    Raises:
        AuditUsageError: a path, rule, format or setting that does not exist, or options that exclude each other.
    """
    _check(request)
    configuration = read_configuration(_home(request))
    chosen = check_rules(request.select) or configuration.select or KNOWN_RULES
    left_out = {*check_rules(request.ignore), *configuration.ignore}
    rules = tuple(rule for rule in KNOWN_RULES if rule in chosen and rule not in left_out)
    if not rules:
        raise AuditUsageError("no rule is left: every selected one is ignored too")
    options = AuditOptions(
        rules=tuple(rule for rule in rules if rule in RULES),
        exclude=(*request.exclude, *configuration.exclude),
        python=request.python or configuration.python or project_python(configuration),
        cache_dir=cache_folder() if request.cache else None,
        jobs=configuration.jobs if request.jobs is None else request.jobs,
    )
    return Plan(
        rules, options, request.baseline or (None if request.write_baseline else configuration.baseline)
    )


def split_names(values: Sequence[str] | None) -> tuple[str, ...]:
    """The names of an option that may be repeated and may hold several, separated by commas."""
    return tuple(name.strip() for value in values or () for name in value.split(",") if name.strip())


def _check(request: AuditRequest) -> None:
    if request.format not in FORMATS:
        raise unknown_name("format", request.format, FORMATS)
    if request.diff and request.fix:
        raise AuditUsageError("--diff changes nothing and --fix does: give one of them")
    if request.write_baseline and (request.fix or request.fix_likely or request.diff or request.baseline):
        raise AuditUsageError(
            "--write-baseline keeps all findings as they are: give it without --fix, --diff, --baseline"
        )
    if request.jobs is not None and request.jobs < 0:
        raise AuditUsageError(f"--jobs {request.jobs}: a number of processes is wanted, 0 for one a core")
    if request.python is not None and not request.python.is_file():
        raise AuditUsageError(f"--python {request.python}: no such interpreter")
    for path in request.paths:
        if not os.path.lexists(path):
            near = nearest_name(path)
            hint = (
                f"; did you mean {near}?" if near else f" in {Path.cwd()}" if not path.is_absolute() else ""
            )
            raise AuditUsageError(f"no such file or folder: {path}{hint}")


def _home(request: AuditRequest) -> Path:
    """Where settings are looked for: with the first path, or in the working directory."""
    if not request.paths:
        return Path.cwd()
    first = request.paths[0].absolute()
    return first if first.is_dir() else first.parent


def project_python(configuration: Configuration) -> Path | None:
    """The interpreter of the project's own environment, whose packages its code imports; None where there is none."""
    names = ("Scripts/python.exe",) if sys.platform == "win32" else ("bin/python",)
    for folder in (".venv", "venv"):
        for name in names:
            if (found := configuration.folder / folder / name).is_file():
                return found
    return None


def cache_folder() -> Path:
    """Where summaries of files are kept between runs: the user's cache, so that nothing appears in the project."""
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "jarvis-bench" / "audit"
