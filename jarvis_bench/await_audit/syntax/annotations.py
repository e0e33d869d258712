"""Annotations as references; strings are parsed, `X | None` and subscripts keep their shape."""

from __future__ import annotations

import ast

from jarvis_bench.await_audit.syntax.model import UNKNOWN, Ref


def annotation_ref(node: ast.expr | None) -> Ref | None:
    """The reference for an annotation, None where there is none."""
    return None if node is None else _ref(node, 0)


def _ref(node: ast.expr, depth: int) -> Ref:
    if depth > 8:
        return UNKNOWN
    if isinstance(node, ast.Name):
        return ("n", node.id)
    if isinstance(node, ast.Attribute):
        return (".", _ref(node.value, depth + 1), node.attr)
    if isinstance(node, ast.Constant):
        return _constant(node, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return ("|", _ref(node.left, depth + 1), _ref(node.right, depth + 1))
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return ("gen", _ref(node.value, depth + 1), *(_ref(part, depth + 1) for part in inner[:4]))
    return UNKNOWN


def _constant(node: ast.Constant, depth: int) -> Ref:
    if node.value is None:
        return ("lit", "None")
    if isinstance(node.value, str) and len(node.value) < 400:
        try:
            return _ref(ast.parse(node.value.strip(), mode="eval").body, depth + 1)
        except (SyntaxError, ValueError):
            return UNKNOWN
    return UNKNOWN
