"""The modules of a tree by their dotted names, and which of them an import means."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from jarvis_bench.await_audit.syntax.model import Scope, Summary

Parts = tuple[str, ...]


@dataclass(slots=True)
class Module:
    """One file of the tree: `path` as shown to people, `parts` its dotted name from the root.

    The summary is loaded when it is first asked for.
    """

    path: str
    parts: Parts
    is_package: bool
    load: Callable[[], Summary]
    is_library: bool = False
    _summary: Summary | None = None

    @property
    def summary(self) -> Summary:
        """What the file says."""
        if self._summary is None:
            self._summary = self.load()
        return self._summary

    def forget(self) -> None:
        """Let go of the summary."""
        self._summary = None

    @property
    def package(self) -> Parts:
        """The package that relative imports start from."""
        return self.parts if self.is_package else self.parts[:-1]


def module_parts(relative_path: str) -> tuple[Parts, bool]:
    """The dotted name of a file, and whether it is a package."""
    stem = relative_path.replace("\\", "/").rsplit(".", 1)[0]
    parts = tuple(part for part in stem.split("/") if part not in ("", "."))
    if parts and parts[-1] == "__init__":
        return parts[:-1], True
    return parts, False


class Tree:
    """All modules; an absolute import is matched by the end of their dotted names, nearest first."""

    def __init__(self, modules: list[Module]) -> None:
        self.modules = modules
        self.touched: set[int] = set()
        self.consulted: set[str] = set()
        self._by_parts: dict[Parts, int] = {}
        self._by_last: dict[str, list[int]] = defaultdict(list)
        self._found: dict[tuple[Parts, Parts], int | None] = {}
        for index, module in enumerate(modules):
            if module.parts and (module.parts not in self._by_parts or not module.is_library):
                self._by_parts[module.parts] = index
                self._by_last[module.parts[-1]].append(index)
        self._packages = {module.parts for module in modules if module.is_package}

    def scope(self, module: int, scope: int) -> Scope:
        """One scope of one module; the module is noted as one that the present answer depends on."""
        self.touched.add(module)
        return self.modules[module].summary.scopes[scope]

    def relative(self, importer: int, level: int, name: str) -> Parts:
        """The full dotted name that `from ..name import` means in `importer`."""
        package = self.modules[importer].package
        start = package[: len(package) - (level - 1)] if level > 1 else package
        return (*start, *(part for part in name.split(".") if part))

    def exact(self, parts: Parts) -> int | None:
        """The module with exactly this dotted name."""
        return self._by_parts.get(parts)

    def find(self, parts: Parts, importer: int) -> int | None:
        """The module that an absolute import means, wherever the import root is."""
        key = (parts, self.modules[importer].package)
        if key not in self._found:
            self._found[key] = self._search(parts, self.modules[importer].parts)
        return self._found[key]

    def _search(self, parts: Parts, importer: Parts) -> int | None:
        if parts in self._by_parts:
            return self._by_parts[parts]
        best, best_score = None, -1
        for index in self._by_last.get(parts[-1], ()):
            found = self.modules[index].parts
            if self.modules[index].is_library or found[-len(parts) :] != parts or found == importer:
                continue
            root = found[: -len(parts)]
            if not self._plausible(root, parts):
                continue
            score = _common(root, importer)
            if score > best_score:
                best, best_score = index, score
        return best

    def _plausible(self, root: Parts, parts: Parts) -> bool:
        """A lone name inside a package is rather the installed library of that name."""
        return len(parts) > 1 or (root not in self._packages and parts[0] not in sys.stdlib_module_names)


def _common(left: Parts, right: Parts) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
