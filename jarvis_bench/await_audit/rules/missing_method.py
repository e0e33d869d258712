"""missing-method: a method is called on what an await gave, and its class has no such method."""

from __future__ import annotations

import builtins
import difflib
from collections.abc import Iterator

from jarvis_bench.await_audit.resolve import members
from jarvis_bench.await_audit.resolve.analysis import Analysis, Suspicion
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.rules.missing_await import shown
from jarvis_bench.await_audit.syntax.model import MethodUse, Scope

NAME = "missing-method"
DYNAMIC = frozenset(
    {"__getattr__", "__getattribute__", "__slots__getattr__", "__metaclass__", "__class_getitem__getattr__"}
)
OF_BASES = {name: dir(getattr(builtins, name)) for name in members.HARMLESS_BASES if hasattr(builtins, name)}
OF_BASES |= {
    "TypedDict": dir(dict),
    "NamedTuple": [*dir(tuple), "_asdict", "_replace", "_fields"],
    "Enum": ["name", "value"],
}
OF_EVERY_OBJECT = frozenset(dir(object))


def missing_method(analysis: Analysis, module: int) -> Iterator[Suspicion]:
    """The findings of one module."""
    for use in analysis.tree.modules[module].summary.judged.methods:
        found = _judge(analysis, module, use)
        if found is not None:
            yield found


def _judge(analysis: Analysis, module: int, use: MethodUse) -> Suspicion | None:
    evaluator = analysis.evaluator
    if use.name in OF_EVERY_OBJECT:
        return None
    values = evaluator.values(module, use.scope, use.receiver)
    classes = [(value[1], value[2]) for value in values if value[0] == "obj"]
    if not classes or len(classes) < len(values):
        return None
    known: set[str] = set()
    for class_id in classes:
        if use.name in analysis.remembered("above", class_id, _names_above):
            return None
        names = analysis.remembered("all", class_id, _all_names)
        if names is None or use.name in names:
            return None
        known |= names
    if _is_narrowed(analysis.tree.scope(module, use.scope), use):
        return None
    return _suspicion(analysis, module, use, classes[0], known)


def _suspicion(
    analysis: Analysis, module: int, use: MethodUse, class_id: tuple[int, int], known: set[str]
) -> Suspicion:
    owner = analysis.tree.scope(*class_id)
    where = f"{analysis.tree.modules[class_id[0]].path}:{owner.line}"
    elsewhere = analysis.habits.definitions(f".{use.name}")
    exists = "defined on other classes only" if elsewhere else "defined on no class of the tree"
    near = difflib.get_close_matches(
        use.name, sorted(name for name in known if not name.startswith("__")), 1, 0.5
    )
    advice = f"call a method that `{owner.name}` has" + (f"; the nearest name is `{near[0]}`" if near else "")
    return Suspicion(
        NAME, "certain" if not elsewhere else "likely", use.line, use.column, use.end_line, use.end_column, use.scope,
        f"`{shown(use.receiver)}.{use.name}()`: `{owner.name}` has no method `{use.name}`",
        f"class {owner.name} at {where} and its bases: `{use.name}` is {exists}", advice,
        function=analysis.tree.scope(module, use.scope).qualname,
    )  # fmt: skip


def _is_narrowed(scope: Scope, use: MethodUse) -> bool:
    """`hasattr(x, …)`, `isinstance(x, …)` or a pattern: the code knows more about `x` than its declaration."""
    if use.receiver[0] != "n":
        return False
    for sink, _ in scope.uses.get(use.receiver[1], ()):
        if sink[0] == "arg" and sink[1][-1] in (
            "hasattr",
            "isinstance",
            "callable",
            "cast",
            "getattr",
            "setattr",
        ):
            return True
    return False


def _names_above(evaluator: Evaluator, class_id: tuple[int, int]) -> set[str]:
    """The names of the class and of everything above it: they settle nearly every use, and are soon collected."""
    scopes = (evaluator.tree.scope(*current) for current in members.ancestry(evaluator, class_id)[0])
    return {name for scope in scopes for name in (*scope.bindings, *scope.attributes)}


def _all_names(evaluator: Evaluator, class_id: tuple[int, int]) -> set[str] | None:
    """Every name of the class, its bases and subclasses; None when more may exist than can be read.

    What is known of a library's class may be only a part of it.
    """
    order, complete = members.ancestry(evaluator, class_id)
    if not complete or any(evaluator.tree.modules[module].is_library for module, _ in order):
        return None
    names: set[str] = set()
    for current in (*order, *members.descendants(evaluator, class_id)):
        scope = evaluator.tree.scope(*current)
        if scope.decorators and any(_may_add_methods(decorator) for decorator in scope.decorators):
            return None
        names |= scope.bindings.keys() | scope.attributes.keys()
        names.update(name for base in scope.bases for name in OF_BASES.get(str(base[-1]), ()))
        if names & DYNAMIC or scope.name in ("Protocol", "Mock", "MagicMock", "AsyncMock"):
            return None
    return names


def _may_add_methods(decorator: tuple[object, ...]) -> bool:
    plain = decorator[1] if decorator[0] == "()" and isinstance(decorator[1], tuple) else decorator
    return plain[-1] not in (
        "dataclass",
        "final",
        "runtime_checkable",
        "total_ordering",
        "define",
        "frozen",
        "s",
        "unique",
    )
