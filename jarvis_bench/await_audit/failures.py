"""What the auditor cannot do as it was asked."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path


class AuditUsageError(Exception):
    """The request is wrong: a path, name, option or setting; exit code 2. The text names the thing and the cure."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> AuditUsageError:
    """The error for a name nobody knows: it names the nearest known one and lists the rest."""
    names = list(known)
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return AuditUsageError(f"unknown {kind} {name!r}{hint} (known: {', '.join(names)})")


def nearest_name(path: Path) -> str:
    """The entry of the deepest existing folder that is most like what a wrong path names, or nothing."""
    folder, wrong = path.parent, path.name
    while not folder.is_dir() and folder != folder.parent:
        folder, wrong = folder.parent, folder.name
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return ""
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    return str(folder / near[0]) if near else ""
