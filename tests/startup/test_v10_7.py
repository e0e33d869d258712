"""v10.7 calls what exists; everything around the call is as it was."""

from __future__ import annotations

import ast

from jarvis_bench.reproduction.reproduce import EXHIBITS


def functions(version: str) -> dict[str, str]:
    """Each top-level function and class of a version, by name, without its layout."""
    tree = ast.parse(EXHIBITS[version].read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name: ast.dump(node) for node in tree.body if isinstance(node, kinds)}


def test_only_the_docker_probe_differs_from_v10_6() -> None:
    """The waterfall, the factory and the other probes were not touched, so their faults are still there."""
    before, after = functions("v10.6"), functions("v10.7")
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["probe_docker_backend"]
