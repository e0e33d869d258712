"""Attributes of objects, through classes and their bases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jarvis_bench.await_audit.resolve import calls, names
from jarvis_bench.await_audit.resolve.values import (
    NOTHING,
    Value,
    Values,
    awaited,
    elements,
    is_unknown,
    union,
)
from jarvis_bench.await_audit.syntax.model import Ref

if TYPE_CHECKING:
    from jarvis_bench.await_audit.resolve.evaluate import Evaluator

ClassId = tuple[int, int]
PROPERTIES = frozenset(
    {"property", "cached_property", "getter", "setter", "deleter", "hybrid_property", "async_property"}
)
HARMLESS_BASES = frozenset({
    "object", "ABC", "Protocol", "Generic", "Enum", "Exception", "NamedTuple", "TypedDict",
    "BaseException", "str", "int", "RuntimeError", "ValueError",
})  # fmt: skip


def bases(evaluator: Evaluator, class_id: ClassId) -> tuple[list[ClassId], bool]:
    """The direct bases that are known, and whether those are all."""
    module, scope = class_id
    found: list[ClassId] = []
    complete = True
    record = evaluator.tree.scope(module, scope)
    for base in record.bases:
        plain = base[1] if base[0] == "gen" else base
        values = evaluator.values(module, record.parent, plain) if plain[0] in ("n", ".") else NOTHING
        classes = [(value[1], value[2]) for value in values if value[0] == "cls"]
        found += [one for one in classes if one != class_id]
        complete &= bool(classes) or plain[-1] in HARMLESS_BASES
    return found, complete


def ancestry(evaluator: Evaluator, class_id: ClassId, *, own: bool = True) -> tuple[list[ClassId], bool]:
    """The class and everything above it, nearest first, and whether nothing above is unknown.

    A base that several classes share comes after all of them, as in Python's own order.
    """
    walked: list[ClassId] = [class_id]
    direct, complete = bases(evaluator, class_id)
    queue = list(direct)
    while queue and len(walked) < 60:
        current = queue.pop(0)
        walked.append(current)
        direct, known = bases(evaluator, current)
        complete &= known
        queue = [one for one in direct if one != class_id] + queue
    order = list(dict.fromkeys(reversed(walked)))[::-1]
    return order if own else [one for one in order if one != class_id], complete


def descendants(evaluator: Evaluator, class_id: ClassId) -> Iterator[ClassId]:
    """Every class below, by resolved bases."""
    seen = {class_id}
    queue = [class_id]
    while queue and len(seen) < 200:
        current = queue.pop()
        name = evaluator.tree.scope(*current).name
        evaluator.tree.consulted.add(f"c{name}")
        for candidate in evaluator.subclasses.get(name, ()):
            if candidate not in seen and current in bases(evaluator, candidate)[0]:
                seen.add(candidate)
                queue.append(candidate)
                yield candidate


def attribute(evaluator: Evaluator, owner: Value, name: str) -> Values:
    """`owner.name`."""
    kind = owner[0]
    if kind == "mod":
        return names.module_member(evaluator, owner[1], name)
    if kind in ("obj", "cls", "super"):
        return class_member(evaluator, (owner[1], owner[2]), name, kind)
    if kind == "ext":
        return (("ext", f"{owner[1]}.{name}"),)
    return NOTHING


def class_member(evaluator: Evaluator, class_id: ClassId, name: str, kind: str) -> Values:
    """A member of a class or of its instances; properties give what they return."""
    order, _ = ancestry(evaluator, class_id, own=kind != "super")
    for position, current in enumerate(order):
        found = own_member(evaluator, current, name)
        if found is not None:
            if is_unknown(found) and not _declares(evaluator, current, name):
                found = union(found, _declared_above(evaluator, order[position + 1 :], name))
            if kind == "obj":
                found = union(*(_bind(evaluator, value, current) for value in found))
            return found
    return NOTHING


def _declares(evaluator: Evaluator, class_id: ClassId, name: str) -> bool:
    return any(ref[0] == "ann" for _, ref in _own_rows(evaluator, class_id, name))


def _declared_above(evaluator: Evaluator, classes: Iterable[ClassId], name: str) -> Values:
    """What the bases of a class that only gives a member some value declare the member to be."""
    for current in classes:
        rows = [(scope, ref) for scope, ref in _own_rows(evaluator, current, name) if ref[0] == "ann"]
        declared = union(*(evaluator.values(current[0], scope, ref) for scope, ref in rows))
        if not is_unknown(declared):
            return declared
    return ()


def _own_rows(evaluator: Evaluator, class_id: ClassId, name: str) -> list[tuple[int, Ref]]:
    record = evaluator.tree.scope(*class_id)
    return [(class_id[1], ref) for ref in record.bindings.get(name, ())] + list(
        record.attributes.get(name, ())
    )


def own_member(evaluator: Evaluator, class_id: ClassId, name: str) -> Values | None:
    """What the class itself says of a member, None when nothing."""
    module, scope = class_id
    record = evaluator.tree.scope(module, scope)
    refs: tuple[Ref, ...] = record.bindings.get(name, ())
    assigned = record.attributes.get(name, ())
    if not refs and not assigned:
        return None
    if refs and not (len(refs) == 1 and refs[0] == ("lit", "None") and assigned):
        found = names.bound(evaluator, module, scope, refs)
        if not is_unknown(found) or not assigned:
            return found
    declared = [(inner, ref) for inner, ref in assigned if ref[0] == "ann"]
    useful = declared or [(inner, ref) for inner, ref in assigned if ref != ("lit", "None")]
    return union(*(evaluator.values(module, inner, ref) for inner, ref in useful)) if useful else NOTHING


def _bind(evaluator: Evaluator, value: Value, class_id: ClassId) -> Values:
    if value[0] != "fn":
        return (value,)
    function = evaluator.tree.scope(value[1], value[2])
    if any(decorator[-1] in PROPERTIES for decorator in function.decorators):
        return calls.plain_result(evaluator, value[1], value[2])
    return (value,)


def entered(evaluator: Evaluator, values: Values) -> Values:
    """What `with` binds."""
    files = tuple(value for value in values if value == ("extobj", "io.open"))
    found = [elements((value,), ("cm",)) for value in values if value[0] != "obj" and value not in files]
    found += [files] if files else []
    for value in values:
        if value[0] == "obj":
            methods = class_member(evaluator, (value[1], value[2]), "__enter__", "obj")
            found.append(union(*(calls.result(evaluator, method) for method in methods)))
    return union(*found)


def async_entered(evaluator: Evaluator, values: Values) -> Values:
    """What `async with` binds; of what can be awaited and entered, the second."""
    if any(value[0] == "acm" for value in values):
        values = tuple(value for value in values if value[0] != "fut")
    found = [elements((value,), ("acm",)) for value in values if value[0] != "obj"]
    objects = [value for value in values if value[0] == "obj"]
    methods = {value: class_member(evaluator, value[1:], "__aenter__", "obj") for value in objects}
    able = [value for value in objects if not is_unknown(methods[value])]
    for value in able or objects:
        result = awaited(union(*(calls.result(evaluator, method) for method in methods[value])))
        found.append((value,) if is_unknown(result) else result)
    return union(*found)
