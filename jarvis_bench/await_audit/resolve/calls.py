"""What a call gives: the colour of functions, and of what decorators make of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jarvis_bench.await_audit.resolve import declared, members
from jarvis_bench.await_audit.resolve.values import NONE, NOTHING, Value, Values, is_unknown, union
from jarvis_bench.await_audit.syntax.model import Ref, Scope

if TYPE_CHECKING:
    from jarvis_bench.await_audit.resolve.evaluate import Evaluator

DEEPEST_DECORATION = 3
TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "abstractmethod", "override", "overload", "wraps", "final", "no_type_check",
    "property", "cached_property", "setter", "getter", "deleter", "fixture", "lru_cache", "cache", "deprecated",
    "runtime_checkable", "hookimpl", "async_property", "abstractproperty", "usefixtures", "parametrize", "asyncio",
    "anyio", "skipif", "skip", "xfail", "mark", "doc", "inject", "validate_call", "typechecked", "beartype",
})  # fmt: skip
ASYNC_MAKERS = frozenset({"sync_to_async", "database_sync_to_async", "asyncify"})
"""What makes a coroutine function of a sync one, in asgiref, channels and asyncer."""
SYNC_MAKER = re.compile(
    r"coro$|sync|asyncio_run|run_async|make_blocking|blocking|command$|^task$|^flow$|^group$"
)
SYNC_MAKER_NOT = re.compile(r"^(?:async_|require_async)|_async$")


def result(evaluator: Evaluator, value: Value) -> Values:
    """What calling a value gives."""
    kind = value[0]
    if kind == "fn":
        return function_result(evaluator, value[1], value[2])
    if kind == "cls":
        return (("obj", value[1], value[2]),)
    if kind == "obj":
        methods = members.class_member(evaluator, (value[1], value[2]), "__call__", "obj")
        return union(*(result(evaluator, method) for method in methods if method[0] == "fn"))
    if kind == "alias":
        return (value[1],) if value[1][0] == "obj" else NOTHING
    if kind == "callable":
        return tuple(value[1])
    if kind == "type":
        return (("lit", value[1]),)
    if kind == "extobj" and str(value[1]).rpartition(".")[2] in ASYNC_MAKERS:
        return (("coro", NOTHING),)
    return (("extobj", value[1]),) if kind == "ext" else NOTHING


def function_result(evaluator: Evaluator, module: int, index: int) -> Values:
    """What a function gives when called from outside, decorators included."""
    scope = evaluator.tree.scope(module, index)
    found = plain_result(evaluator, module, index)
    for decorator in reversed(scope.decorators):
        found = _decorated(evaluator, module, scope, decorator, found)
    return found


def plain_result(evaluator: Evaluator, module: int, index: int) -> Values:
    """What the body of a function gives, decorators aside."""
    return evaluator.values(module, index, ("body", index))


def body_result(evaluator: Evaluator, module: int, index: int) -> Values:
    """As `plain_result`, computed."""
    scope = evaluator.tree.scope(module, index)
    said = declared.denoted(evaluator, module, index, scope.annotation)
    if scope.is_async and scope.is_generator:
        return (("agen", _declared_element(said, evaluator, module, index)),)
    if scope.is_generator:
        return (("gen", _declared_element(said, evaluator, module, index)),)
    if scope.is_async and scope.is_stub and any(value[0] == "agen" for value in said):
        return said  # what stands for an async generator is often written so
    if scope.is_async:
        if not is_unknown(said):
            return (("coro", said),)
        return (("coro", returned(evaluator, module, index)),)
    if scope.annotation is not None:
        return union(said, NONE) if _is_perhaps_awaitable(said, scope.annotation) else said
    if scope.is_stub and scope.kind == "function":
        return NOTHING
    return returned(evaluator, module, index) if scope.returns else NONE


def _is_perhaps_awaitable(said: Values, annotation: Ref) -> bool:
    """`Awaitable[T] | T` and the like: the caller has to look."""
    if not any(value[0] in ("coro", "fut") for value in said):
        return False
    return declared.allows_none(annotation) or any(value[0] == "?" for value in said)


def returned(evaluator: Evaluator, module: int, index: int) -> Values:
    """The values of all return statements."""
    refs = [ref for ref in evaluator.tree.scope(module, index).returns if ref != ("lit", "None")]
    return union(*(evaluator.values(module, index, ref) for ref in refs[:8])) if refs else NONE


def _declared_element(declared: Values, evaluator: Evaluator, module: int, index: int) -> Values:
    for value in declared:
        if value[0] in ("agen", "seq"):
            return tuple(value[1])
    yields = evaluator.tree.scope(module, index).yields
    return union(*(evaluator.values(module, index, ref) for ref in yields))


def _element(values: Values) -> Values:
    return union(*(value[1] for value in values if value[0] in ("agen", "gen")))


def _decorated(
    evaluator: Evaluator, module: int, scope: Scope, decorator: Ref, found: Values, depth: int = 0
) -> Values:
    if depth > DEEPEST_DECORATION:
        return NOTHING
    name = decorator_name(decorator)
    made_by = decorator[1] if decorator[0] == "()" else decorator
    changed = _made(evaluator, module, scope.parent, decorator, found, depth)
    if changed is not None:
        return changed
    if name in ASYNC_MAKERS:
        return (("coro", found),)
    if name == "asynccontextmanager":
        return (("acm", _element(found)),)
    if name == "contextmanager":
        return (("cm", _element(found)),)
    if name in TRANSPARENT or made_by[-1] in TRANSPARENT:
        return found
    if SYNC_MAKER.search(name) and not SYNC_MAKER_NOT.search(name):
        return NOTHING
    return union(found, NOTHING)


def decorator_name(decorator: Ref) -> str:
    """The last name of a decorator, called or not."""
    return decorator_name(decorator[1]) if decorator[0] in ("()", "[]") else str(decorator[-1])


def _made(
    evaluator: Evaluator, module: int, scope: int, decorator: Ref, found: Values, depth: int
) -> Values | None:
    """What a decorator of the tree makes of a function that gives `found`; None when it cannot be read."""
    values = evaluator.values(module, scope, decorator)
    makers = [value for value in values if value[0] == "fn"]
    if not makers or len(makers) < len(values):
        return None
    outcomes = [_outcome(evaluator, value[1], value[2], found, depth) for value in makers]
    if any(outcome is None for outcome in outcomes):
        return None
    return union(*(outcome for outcome in outcomes if outcome is not None))


def _outcome(evaluator: Evaluator, module: int, index: int, found: Values, depth: int) -> Values | None:
    maker = evaluator.tree.scope(module, index)
    names = [param.name for param in maker.params]
    outcomes: list[Values] = []
    for ref in maker.returns:
        plain = ref[2] if ref[0] == "()" and len(ref) > 2 else ref
        if plain[0] == "n" and plain[1] in names:
            outcomes.append(found)
            continue
        for value in evaluator.values(module, index, ref):
            outcome = _wrapped(evaluator, value, index, names, found, depth)
            if outcome is None:
                return None
            outcomes.append(outcome)
    return union(*outcomes) if outcomes else None


def _wrapped(
    evaluator: Evaluator, value: Value, maker: int, names: list[str], found: Values, depth: int
) -> Values | None:
    """What the inner function of a decorator gives, when the decorated function gives `found`."""
    if value[0] != "fn":
        return None
    wrapper = evaluator.tree.scope(value[1], value[2])
    given = _passed_through(wrapper, maker, names, found)
    for decorator in reversed(wrapper.decorators):
        if given is not None:
            given = _decorated(evaluator, value[1], wrapper, decorator, given, depth + 1)
    return given


def _passed_through(wrapper: Scope, maker: int, names: list[str], found: Values) -> Values | None:
    """As `_wrapped`, the decorators of the inner function aside."""
    if wrapper.is_async:
        if wrapper.is_generator:
            return (("agen", NOTHING),)
        inner = [item[1] for item in found if item[0] == "coro"]
        return (("coro", union(*inner)),)
    passed = any(ref[0] == "()" and ref[1][0] == "n" and ref[1][1] in names for ref in wrapper.returns)
    if passed:
        return found
    return None if wrapper.parent != maker and not wrapper.returns else NOTHING
