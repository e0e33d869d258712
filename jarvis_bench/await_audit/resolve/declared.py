"""What an annotation says a value is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jarvis_bench.await_audit.resolve.values import NOTHING, Value, Values, union
from jarvis_bench.await_audit.syntax.model import Ref

if TYPE_CHECKING:
    from jarvis_bench.await_audit.resolve.evaluate import Evaluator

TRANSPARENT = frozenset({"Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"})
FUTURES = frozenset({"Awaitable", "Future", "Task", "Deferred"})
COROUTINES = frozenset({"Coroutine", "CoroutineType"})
SEQUENCES = frozenset({
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "Sequence", "Iterable", "Iterator", "Collection",
    "MutableSequence", "deque", "Deque", "AbstractSet",
})  # fmt: skip
MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})
ASYNC_ITERATORS = frozenset({"AsyncIterator", "AsyncGenerator", "AsyncIterable"})
ASYNC_MANAGERS = frozenset({"AsyncContextManager", "AbstractAsyncContextManager"})
MANAGERS = frozenset({"ContextManager", "AbstractContextManager"})
POSITIONS = {
    name: (kind, position)
    for names, kind, position in (
        (COROUTINES, "coro", 2),
        (FUTURES, "fut", 0),
        (ASYNC_ITERATORS, "agen", 0),
        (ASYNC_MANAGERS, "acm", 0),
        (MANAGERS, "cm", 0),
        (SEQUENCES, "seq", 0),
        (MAPPINGS, "map", 1),
        (("Callable",), "callable", 1),
    )
    for name in names
}
"""Generic types by name: the kind of value they denote, and which argument says what is inside."""

PLAIN = frozenset({
    "str", "int", "float", "bool", "bytes", "complex", "bytearray", "Path", "datetime", "timedelta", "Decimal", "UUID",
    "tuple", "Tuple", "Literal", "NoReturn", "date", "None",
}) | SEQUENCES | MAPPINGS  # fmt: skip


def denoted(evaluator: Evaluator, module: int, scope: int, ref: Ref | None) -> Values:
    """The values that an annotation allows."""
    if ref is None:
        return NOTHING
    if ref[0] == "lit":
        return (ref,)
    if ref[0] == "|":
        return without_none(union(*(denoted(evaluator, module, scope, part) for part in ref[1:])))
    if ref[0] == "gen":
        return _generic(evaluator, module, scope, ref)
    if ref[0] in ("n", "."):
        return _named(evaluator, module, scope, ref)
    return NOTHING


def allows_none(ref: Ref) -> bool:
    """Whether an annotation is a union with None."""
    if ref[0] == "gen":
        return ref[1][-1] == "Optional" or (ref[1][-1] == "Union" and ("lit", "None") in ref[2:])
    return ref[0] == "|" and any(part == ("lit", "None") or allows_none(part) for part in ref[1:])


def without_none(values: Values) -> Values:
    """`T | None` is used as `T`."""
    return tuple(value for value in values if value != ("lit", "None")) or values


def _named(evaluator: Evaluator, module: int, scope: int, ref: Ref) -> Values:
    name = str(ref[-1])
    if name == "Self":
        return _self(evaluator, module, scope)
    values = evaluator.values(module, scope, ref)
    return union(*(_instance(evaluator, value, name) for value in values))


def _self(evaluator: Evaluator, module: int, scope: int) -> Values:
    while scope >= 0:
        current = evaluator.tree.scope(module, scope)
        if current.kind == "class":
            return (("obj", module, scope),)
        scope = current.parent
    return NOTHING


def _instance(evaluator: Evaluator, value: Value, name: str) -> Values:
    if value[0] == "cls":
        return (("obj", value[1], value[2]),)
    if value[0] == "alias":
        return (value[1],)
    if value[0] in ("coro", "fut", "seq", "callable", "agen", "acm", "obj"):
        return (value,) if value[0] != "obj" else NOTHING
    if value[0] in ("?", "ext", "type"):
        return _by_name(name, value)
    return NOTHING


def _by_name(name: str, value: Value) -> Values:
    if name in COROUTINES:
        return (("coro", NOTHING),)
    if name in FUTURES:
        return (("fut", NOTHING),)
    if name in ASYNC_ITERATORS:
        return (("agen", NOTHING),)
    if name in ASYNC_MANAGERS:
        return (("acm", NOTHING),)
    if name in PLAIN:
        return (("lit", name),)
    return (("extobj", value[1]),) if value[0] == "ext" else NOTHING


def _generic(evaluator: Evaluator, module: int, scope: int, ref: Ref) -> Values:
    name = str(ref[1][-1])
    arguments = ref[2:]

    def argument(position: int) -> Values:
        if not arguments:
            return NOTHING
        return denoted(evaluator, module, scope, arguments[min(position, len(arguments) - 1)])

    if name in TRANSPARENT:
        parts = arguments if name in ("Union", "Optional") else arguments[:1]
        return without_none(union(*(denoted(evaluator, module, scope, part) for part in parts)))
    if name in POSITIONS:
        kind, position = POSITIONS[name]
        return ((kind, argument(position)),)
    if name in ("tuple", "Tuple"):
        return (("tuple", *(denoted(evaluator, module, scope, part) for part in arguments)),)
    if name in ("type", "Type"):
        return tuple(("cls", *value[1:]) for value in argument(0) if value[0] == "obj") or NOTHING
    return _named(evaluator, module, scope, ref[1])
