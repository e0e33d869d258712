"""What a bare name means: local, enclosing, global, imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jarvis_bench.await_audit.resolve import declared
from jarvis_bench.await_audit.resolve.tree import Tree
from jarvis_bench.await_audit.resolve.values import NOTHING, Values, union
from jarvis_bench.await_audit.syntax.model import Ref, Scope

if TYPE_CHECKING:
    from jarvis_bench.await_audit.resolve.evaluate import Evaluator


PLAIN_TYPES = frozenset({
    "str", "bytes", "bytearray", "int", "float", "bool", "list", "tuple", "set", "frozenset", "dict",
})  # fmt: skip
"""Built-in types whose objects have no coroutine methods."""


def definition(tree: Tree, module: int, index: int) -> Values:
    """The function or class with this scope index."""
    kind = tree.scope(module, index).kind
    return (("cls" if kind == "class" else "fn", module, index),)


def lookup(evaluator: Evaluator, module: int, scope: int, name: str) -> Values:
    """A name as seen from a scope."""
    scopes = evaluator.tree.modules[module].summary.scopes
    start = scope
    while scope >= 0:
        current = scopes[scope]
        if current.kind != "class" or scope == start:
            if name in current.bindings:
                return bound(evaluator, module, scope, current.bindings[name])
            for position, param in enumerate(current.params):
                if param.name == name:
                    return _parameter(evaluator, module, scope, position)
        scope = current.parent
    found = _starred(evaluator, module, name)
    if found == NOTHING and name == "open":
        return (("ext", "io.open"),)
    return (("type", name),) if found == NOTHING and name in PLAIN_TYPES else found


def bound(evaluator: Evaluator, module: int, scope: int, refs: tuple[Ref, ...]) -> Values:
    """The values of all bindings of a name; an annotation outweighs the rest, an implementation its overloads."""
    declared = [ref for ref in refs if ref[0] == "ann"]
    if declared:
        found = union(*(evaluator.values(module, scope, ref) for ref in declared))
        if any(value[0] != "?" for value in found):
            return found
    useful = [ref for ref in refs if ref not in (("lit", "None"), ("ann", None))]
    definitions = [ref for ref in useful if ref[0] == "def"]
    if len(definitions) > 1:
        useful = [ref for ref in useful if ref[0] != "def"] + _without_overloads(
            evaluator.tree, module, definitions
        )
    return union(*(evaluator.values(module, scope, ref) for ref in useful or refs))


def _without_overloads(tree: Tree, module: int, refs: list[Ref]) -> list[Ref]:
    def is_overload(ref: Ref) -> bool:
        decorators = tree.scope(module, ref[1]).decorators
        return any(decorator[-1] in ("overload", "setter", "deleter") for decorator in decorators)

    return [ref for ref in refs if not is_overload(ref)] or refs[-1:]


def _parameter(evaluator: Evaluator, module: int, scope: int, position: int) -> Values:
    function = evaluator.tree.scope(module, scope)
    param = function.params[position]
    owner = function.parent
    is_first = position == 0 and function.kind == "function" and owner >= 0 and param.annotation is None
    in_class = is_first and evaluator.tree.scope(module, owner).kind == "class"
    if in_class and not has_decorator(function, "staticmethod"):
        makes = function.name in ("__new__", "__init_subclass__") or has_decorator(function, "classmethod")
        return (("cls" if makes else "obj", module, owner),)
    if param.annotation is None and param.name == "tmp_path":  # pytest's fixture
        return (("extobj", "pathlib.Path"),)
    if param.annotation is None or param.kind in ("*", "**"):
        return NOTHING
    return declared.denoted(evaluator, module, scope, param.annotation)


def has_decorator(function: Scope, name: str) -> bool:
    """Whether the last name of any decorator is this."""
    return any(decorator[-1] == name for decorator in function.decorators)


def is_called_by_framework(function: Scope) -> bool:
    """Whether a decorator with arguments, such as a route, hands the function to callers that nobody sees here."""
    return any(decorator[0] == "()" and decorator[1][0] == "." for decorator in function.decorators)


def super_of(tree: Tree, module: int, scope: int) -> Values:
    """`super()` inside a method."""
    while scope >= 0:
        current = tree.scope(module, scope)
        if current.kind == "class":
            return (("super", module, scope),)
        scope = current.parent
    return NOTHING


def imported(evaluator: Evaluator, module: int, ref: Ref) -> Values:
    """`import a.b` and `from a import b`."""
    _, name, level, member = ref
    tree = evaluator.tree
    if level:
        parts = tree.relative(module, level, name)
        found = tree.exact(parts)
        if found is None and member is None:
            return NOTHING
    else:
        parts = tuple(name.split("."))
        found = tree.find(parts, module)
    if member is None:
        return (("mod", found),) if found is not None else (("ext", name),)
    if found is not None:
        values = module_member(evaluator, found, member)
        if any(value[0] != "?" for value in values):
            return values
    child = tree.exact((*parts, member)) if level else tree.find((*parts, member), module)
    if child is not None:
        return (("mod", child),)
    return NOTHING if found is not None or level else (("ext", f"{name}.{member}"),)


def module_member(evaluator: Evaluator, module: int, name: str) -> Values:
    """A name of a module, as another module sees it."""
    bindings = evaluator.tree.scope(module, 0).bindings
    if name in bindings:
        return evaluator.values(module, 0, ("n", name))
    parts = evaluator.tree.modules[module].parts
    child = evaluator.tree.exact((*parts, name))
    if child is not None:
        return (("mod", child),)
    return _starred(evaluator, module, name)


def _starred(evaluator: Evaluator, module: int, name: str) -> Values:
    for ref in evaluator.tree.scope(module, 0).bindings.get("*", ()):
        source = imported(evaluator, module, (*ref[:3], None))
        if source[0][0] == "mod" and source[0][1] != module:
            found = evaluator.values(source[0][1], 0, ("n", name))
            if any(value[0] != "?" for value in found):
                return found
    return NOTHING
