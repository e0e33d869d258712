"""The summary of one file: scopes, calls and uses, with every expression reduced to a reference.

A reference is a nested tuple that can be evaluated later, against the whole tree:

    ("n", name)  (".", ref, attribute)  ("()", ref)  ("w", ref) awaited  ("[]", ref)  ("|", ref, …) one of
    ("with", ref) and ("awith", ref) what `as` binds   ("iter", ref) and ("aiter", ref) an element
    ("nth", ref, i) i-th of an unpacking   ("lit", type name)   ("tuple", ref, …)   ("def", scope index)
    ("import", module, level, name or None)   ("ann", annotation)   ("gen", annotation, annotation, …)
    ("param", index)   ("?",) unknown

A sink says where the value of an expression goes:

    ("drop",) ("await",) ("cond",) ("cmp",) ("op",) ("fmt",) ("sub",) ("unpack",) ("raise",) ("callee",) ("yield",)
    ("with",) ("awith",) ("aiter",) ("iter", target or None) ("attr", name) ("item", sink of the item) ("ret",)
    ("var", name) ("set", attribute) ("arg", callee ref, position or keyword or "*" or "**")
    ("box", kind, sink) ("free",)
"""

from __future__ import annotations

import marshal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

Ref: TypeAlias = tuple[Any, ...]
Sink: TypeAlias = tuple[Any, ...]

UNKNOWN: Ref = ("?",)
NAMELESS = "()"
"""The name of calls of what a call or a subscript gives: `choose(kind)(value)`, `handlers[kind](value)`."""
PLAIN_SINKS = frozenset(
    {"drop", "cond", "cmp", "op", "fmt", "sub", "item", "unpack", "attr", "iter", "with", "raise"}
)


Use: TypeAlias = tuple[Sink, int]
"""Where the value of a name goes, and the last line on which it goes there."""


class Param(NamedTuple):
    """One parameter; `kind` is one of "pos", "kw", "*", "**"."""

    name: str
    annotation: Ref | None
    kind: str


class Scope(NamedTuple):
    """A module, class, function or lambda; `parent` is its index in the file's list, -1 for the module."""

    kind: str
    name: str
    qualname: str
    parent: int
    line: int
    is_async: bool
    is_generator: bool
    is_stub: bool
    decorators: tuple[Ref, ...]
    params: tuple[Param, ...]
    returns: tuple[Ref, ...]
    annotation: Ref | None
    bases: tuple[Ref, ...]
    bindings: dict[str, tuple[Ref, ...]]
    attributes: dict[str, tuple[tuple[int, Ref], ...]]
    packed_uses: bytes
    yields: tuple[Ref, ...]
    doc: bool
    span: tuple[int, int, int, int]

    @property
    def uses(self) -> dict[str, tuple[Use, ...]]:
        """Where the values of the names of this scope go."""
        return _unpack_uses(self.packed_uses)


def pack_uses(uses: dict[str, tuple[Use, ...]]) -> bytes:
    """Uses as they are kept: they are half of a summary, and few of them are ever looked at."""
    return marshal.dumps(uses) if uses else b""


@lru_cache(1_000)
def _unpack_uses(packed: bytes) -> dict[str, tuple[Use, ...]]:
    uses: dict[str, tuple[Use, ...]] = marshal.loads(packed) if packed else {}
    return uses


class Call(NamedTuple):
    """One call that is not awaited on the spot; columns are UTF-8 byte offsets as `ast` gives them."""

    name: str
    callee: Ref
    scope: int
    sink: Sink
    line: int
    column: int
    end_line: int
    end_column: int


CallRow: TypeAlias = tuple[str, Ref, int, Sink, int, int, int, int]
"""The fields of a `Call`: records by the hundred thousand are made only where they are judged."""


class MethodUse(NamedTuple):
    """A method called on something that was awaited: for the rule missing-method."""

    receiver: Ref
    name: str
    scope: int
    line: int
    column: int
    end_line: int
    end_column: int


class Race(NamedTuple):
    """A check of a shared name, then an await, with an assignment to that name in between or after."""

    name: str
    scope: int
    line: int
    column: int
    end_line: int
    end_column: int
    kind: str
    await_line: int


Habit: TypeAlias = tuple[int, int, int]
"""How often a call by this name is awaited, left plain in an async function, left plain in a sync one."""


class Judged(NamedTuple):
    """What the rules judge in one file; `rows` are its calls by name."""

    rows: dict[str, list[CallRow]]
    methods: tuple[MethodUse, ...]
    races: tuple[Race, ...]
    habits: dict[str, Habit]

    def calls(self, name: str) -> list[Call]:
        """The calls of this name."""
        return [Call(*row) for row in self.rows.get(name, ())]


class Summary(NamedTuple):
    """What the rules need to know of one file: of most files only what others can ask for, the scopes."""

    scopes: tuple[Scope, ...]
    packed_judged: bytes

    @property
    def judged(self) -> Judged:
        """What is judged in this file."""
        return _unpack_judged(self.packed_judged)


def pack_judged(judged: Judged) -> bytes:
    """What is judged in a file, as it is kept."""
    rows, methods, races, habits = judged
    return marshal.dumps((rows, list(map(tuple, methods)), list(map(tuple, races)), habits))


@lru_cache(10)
def _unpack_judged(packed: bytes) -> Judged:
    rows, methods, races, habits = marshal.loads(packed)
    return Judged(rows, tuple(map(MethodUse._make, methods)), tuple(map(Race._make, races)), habits)


class Names(NamedTuple):
    """Names of a file whose call may give a coroutine, and names that may stand for others: those do where these do."""

    known: tuple[str, ...]
    passing: tuple[tuple[str, tuple[str, ...]], ...]


Definition: TypeAlias = tuple[tuple[int, ...], int]
"""The lines of a name's async definitions, and the number of its others."""


class Facts(NamedTuple):
    """What one file adds to what all files of a tree say together.

    `classes`: every class once for each of its bases, under the last name of the base. `definitions`: functions by
    name, methods with a dot in front. `imports`: the top-level names of absolute imports.
    """

    habits: dict[str, Habit]
    attribute_uses: dict[str, tuple[Sink, ...]]
    twice_awaited: tuple[str, ...]
    classes: tuple[tuple[str, int], ...]
    definitions: dict[str, Definition]
    imports: tuple[str, ...]
    names: Names


def forget_unpacked() -> None:
    """Let go of all that was unpacked."""
    _unpack_uses.cache_clear()
    _unpack_judged.cache_clear()


def ref_tail(ref: Ref) -> str:
    """The last name of a reference: `session` for `self.session`, `open()` for `self.open()`."""
    if ref[0] in ("n", "."):
        return str(ref[-1])
    return ref_tail(ref[1]) + "()" if ref[0] == "()" else "?"
