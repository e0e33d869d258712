"""What an expression can be. A value is a tuple; an evaluation gives the tuple of all that are possible.

("mod", module) ("fn", module, scope) ("cls", module, scope) ("obj", module, scope) ("super", module, scope)
("coro", values) a coroutine   ("fut", values) any other awaitable   ("agen", values) ("acm", values)
("cm", values) ("seq", values) ("tuple", values, …) ("callable", values) ("lit", type name)
("type", name) a built-in type
("ext", dotted name) something not in the tree   ("extobj", dotted name) what calling it gives
"""

from __future__ import annotations

from typing import Any, TypeAlias

Value: TypeAlias = tuple[Any, ...]
Values: TypeAlias = tuple[Value, ...]

UNKNOWN: Value = ("?",)
NOTHING: Values = (UNKNOWN,)
NONE: Values = (("lit", "None"),)
OPAQUE = frozenset({"?", "ext", "extobj"})


def union(*groups: Values) -> Values:
    """All values of all groups, each once."""
    seen: dict[Value, None] = {}
    for group in groups:
        for value in group:
            seen[value] = None
    return tuple(seen) or NOTHING


def is_unknown(values: Values) -> bool:
    """Nothing at all is known."""
    return all(value[0] in OPAQUE for value in values)


def awaited(values: Values) -> Values:
    """What `await` gives; of what can be awaited and entered, the first."""
    if any(value[0] == "fut" for value in values):
        values = tuple(value for value in values if value[0] != "acm")
    return union(*(value[1] if value[0] in ("coro", "fut") else NOTHING for value in values))


def elements(values: Values, kinds: tuple[str, ...]) -> Values:
    """What iterating, entering or indexing gives, for the kinds of value that say it."""
    return union(*(value[1] if value[0] in kinds else NOTHING for value in values))


def nth(values: Values, position: int) -> Values:
    """One element of an unpacked tuple."""
    found = [
        value[1 + position] if value[0] == "tuple" and position + 1 < len(value) else NOTHING
        for value in values
    ]
    return union(*found)
