"""Collects the scopes, calls and uses of one file while the readers walk it."""

from __future__ import annotations

import ast
import builtins
from ast import Attribute, Name
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from jarvis_bench.await_audit.syntax.facts import classes_of, definitions_of, imports_of, names_of
from jarvis_bench.await_audit.syntax.model import (
    CallRow,
    Facts,
    Habit,
    Judged,
    MethodUse,
    Race,
    Ref,
    Sink,
    Summary,
    pack_judged,
)
from jarvis_bench.await_audit.syntax.open_scope import OpenScope
from jarvis_bench.await_audit.syntax.packing import pack

if TYPE_CHECKING:
    from jarvis_bench.await_audit.syntax.expressions import ExpressionReader

BUILTINS = frozenset(dir(builtins)) - {"anext"}
PLAIN_SINKS = frozenset(
    {"drop", "cond", "cmp", "op", "fmt", "sub", "item", "unpack", "attr", "iter", "with", "raise"}
)
NAMELESS = "()"
"""The name of calls of what a call or a subscript gives: `choose(kind)(value)`, `handlers[kind](value)`."""
RETURN_ONLY_SINKS = frozenset({"attr", "callee"})


class FileRead(NamedTuple):
    """What one file gave: its summary, packed, its facts, and the names that it calls."""

    packed: bytes
    facts: Facts
    called: tuple[str, ...]


class NameRefs(dict[str, Ref]):
    """The reference of every name, made once for a file."""

    def __missing__(self, name: str) -> Ref:
        """Make the reference of a name."""
        ref = self[name] = ("n", name)
        return ref


class FileBuilder:
    """The state of one walk; `finish` turns it into a `Summary`."""

    def __init__(self) -> None:
        self.names = NameRefs()
        self.scopes: list[OpenScope] = []
        self.stack: list[int] = []
        self.calls: list[CallRow] = []
        self.methods: list[tuple[Ref, str, int, int, int]] = []
        self.races: list[Race] = []
        self.attribute_uses: dict[str, dict[Sink, None]] = defaultdict(dict)
        self.twice_awaited: set[str] = set()
        self.awaits: list[tuple[str, str]] = []
        self.current = self.open(OpenScope("module", "", "", -1, 1))

    def open(self, scope: OpenScope) -> OpenScope:
        """Enter a new scope; `close` leaves it."""
        self.scopes.append(scope)
        self.stack.append(len(self.scopes) - 1)
        self.current = scope
        return scope

    def close(self) -> int:
        """Leave the current scope: uses of names that are not its own belong to the enclosing function."""
        index = self.stack.pop()
        closed = self.scopes[index]
        self.current = self.scopes[self.stack[-1]]
        outer = self._enclosing_of_names()
        for name, sinks in closed.uses.items():
            if closed.kind != "class" and not closed.owns(name):
                target = self.scopes[0] if name in closed.global_names else outer
                target.uses[name].update(sinks)
        for name in closed.outer_names:
            target = self.scopes[0] if name in closed.global_names else outer
            target.bindings[name] += closed.bindings.pop(name, [])
        return index

    def _enclosing_of_names(self) -> OpenScope:
        for index in reversed(self.stack):
            if self.scopes[index].kind != "class":
                return self.scopes[index]
        return self.scopes[0]

    def use(self, name: str, sink: Sink, line: int) -> None:
        """A name is read and its value goes to `sink`."""
        self.current.uses[name][sink] = line

    def bind(self, name: str, ref: Ref) -> None:
        """A name is given a value."""
        self.current.bindings[name].append(ref)

    def attribute_use(self, name: str, sink: Sink) -> None:
        """An attribute of any object is read and its value goes to `sink`."""
        self.attribute_uses[name][_slim(sink)] = None

    def set_attribute(self, owner: ast.expr, name: str, ref: Ref) -> None:
        """`owner.name = value`: kept at the class when the owner is the first parameter of a method."""
        if isinstance(owner, ast.Name):
            self_scope = self.current
            while self_scope.kind == "function" and not self_scope.owns(owner.id) and self_scope.parent >= 0:
                self_scope = self.scopes[self_scope.parent]
            if self_scope.kind == "function" and self_scope.params and self_scope.params[0].name == owner.id:
                holder = self.scopes[self_scope.parent]
                if holder.kind == "class":
                    holder.attributes[name].append((self.stack[-1], ref))

    def awaited(self, function: ast.expr) -> None:
        """Note the name of a function whose call is awaited, for the habits."""
        if type(function) is Attribute:
            self.awaits.append((function.attr, receiver_name(function.value)))
        elif type(function) is Name:
            self.awaits.append((function.id, ""))

    def awaited_twice(self, ref: Ref) -> None:
        """`await (await f())`: the caller knows that `f` gives an awaitable."""
        if ref[0] == "()" and isinstance(ref[1][-1], str):
            self.twice_awaited.add(ref[1][-1])

    def call(self, node: Any, callee: Ref, sink: Sink) -> None:
        """Record a call and where its value goes."""
        scope = self.stack[-1]
        name = callee[-1]
        if callee[0] == ".":
            function = node.func
            self.methods.append((callee[1], name, scope, function.end_lineno, function.end_col_offset))
        elif not isinstance(name, str):
            name = NAMELESS
        if sink[0] != "await":
            self.calls.append((
                name, callee, scope, sink, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
            ))  # fmt: skip

    def yielded(self, ref: Ref) -> None:
        """The current function is a generator."""
        self.current.is_generator = True
        self.current.yields.append(ref)

    def loop(self, reader: ExpressionReader, target: ast.expr, source: ast.expr, *, is_async: bool) -> None:
        """`for target in source`, in a statement or a comprehension."""
        name = target.id if type(target) is Name else None
        ref = reader.read(source, ("aiter",) if is_async else ("iter", name))
        self.assign(reader, target, ("aiter" if is_async else "iter", ref))

    def assign(self, reader: ExpressionReader, target: ast.expr, ref: Ref) -> None:
        """Bind a target: a name, an attribute, an item or an unpacking."""
        if type(target) is Name:
            self.current.bindings[target.id].append(ref)
        elif type(target) is Attribute:
            self.current.sets_attributes = True
            reader.read(target.value, ("attr", target.attr))
            self.set_attribute(target.value, target.attr, ref)
        elif type(target) is ast.Subscript:
            reader.read(target.slice, ("sub",))
            if type(target.value) is not Name:
                reader.read(target.value, ("stored",))
        elif isinstance(target, ast.Tuple | ast.List):
            for position, part in enumerate(target.elts):
                inner = part.value if isinstance(part, ast.Starred) else part
                self.assign(
                    reader, inner, ("?",) if isinstance(part, ast.Starred) else ("nth", ref, position)
                )

    def lambda_scope(self, reader: ExpressionReader, node: ast.Lambda) -> Ref:
        """A lambda is a small sync function that returns its body."""
        scope = OpenScope("lambda", "<lambda>", self.current.qualname, self.stack[-1], node.lineno)
        self.open(scope).read_params(node.args)
        scope.returns.append(reader.read(node.body, ("free",)))
        return ("def", self.close())

    def finish(self) -> FileRead:
        """What the whole file gave."""
        while self.stack[1:]:
            self.close()
        calls = self._calls_by_name()
        habits = self._habits(calls)
        scopes = tuple(scope.freeze() for scope in self.scopes)
        methods = tuple(
            MethodUse(receiver, name, scope, line, max(0, end - len(name)), line, end)
            for receiver, name, scope, line, end in self.methods
            if self._was_awaited(receiver, scope)
        )
        facts = Facts(
            habits,
            {name: tuple(sinks) for name, sinks in self.attribute_uses.items()},
            tuple(sorted(self.twice_awaited)),
            classes_of(scopes),
            definitions_of(scopes),
            tuple(sorted(imports_of(scopes))),
            names_of(scopes, calls, {name for name, _ in self.awaits}),
        )
        judged = pack_judged(Judged(calls, methods, tuple(self.races), habits))
        return FileRead(pack(Summary(scopes, judged)), facts, tuple(calls))

    def _calls_by_name(self) -> dict[str, list[CallRow]]:
        """All calls but those of builtins that the file does not give another meaning."""
        own = self.scopes[0].bindings
        found: dict[str, list[CallRow]] = defaultdict(list)
        for row in self.calls:
            name = row[0]
            if name not in BUILTINS or row[1][0] != "n" or name in own:
                found[name].append(row)
        return dict(found)

    def _was_awaited(self, receiver: Ref, index: int) -> bool:
        if receiver[0] == "w":
            return True
        scope = self.scopes[index]
        if receiver[0] == "n":
            return any(ref[0] == "w" for ref in scope.bindings.get(receiver[1], ()))
        if receiver[0] == "." and receiver[1] == ("n", "self") and scope.parent >= 0:
            attributes = self.scopes[scope.parent].attributes.get(receiver[2], ())
            return any(ref[0] == "w" for _, ref in attributes)
        return False

    def _habits(self, calls: dict[str, list[CallRow]]) -> dict[str, Habit]:
        counts: tuple[list[str], list[str], list[str]] = ([], [], [])
        for name, receiver in self.awaits:
            counts[0].extend(habit_keys(name, receiver))
        for name, rows in calls.items():
            for _, callee, scope, sink, *_ in rows:
                if self._is_plain(scope, sink):
                    receiver = ref_tail(callee[1]) if callee[0] == "." else ""
                    counts[1 if self.scopes[scope].is_async else 2].extend(habit_keys(name, receiver))
        awaited, plain, in_sync = map(Counter, counts)
        return {key: (awaited[key], plain[key], in_sync[key]) for key in {**awaited, **plain, **in_sync}}

    def _is_plain(self, scope: int, sink: Sink) -> bool:
        if sink[0] == "var":
            uses = self.scopes[scope].uses.get(sink[1], ())
            return bool(uses) and not any(use[0] in ("await", "arg", "box") for use in uses)
        return sink[0] in PLAIN_SINKS


def _slim(sink: Sink) -> Sink:
    """What the judgement of an attribute needs to know of a sink, and no more."""
    kind = sink[0]
    if kind == "arg":
        return ("arg", (sink[1][0], sink[1][-1] if isinstance(sink[1][-1], str) else ""))
    return sink if kind == "attr" or len(sink) == 1 else sink[:1]


def habit_keys(name: str, receiver: str) -> tuple[str, ...]:
    """Under which keys a call is counted: its name, and its name with the receiver's last name (`.name`: none)."""
    return (name, f"{receiver}.{name}")


def receiver_name(node: ast.expr) -> str:
    """The last name of a receiver expression: `session` for `self.session`."""
    if type(node) is Name:
        return node.id
    if type(node) is Attribute:
        return node.attr
    return receiver_name(node.func) + "()" if isinstance(node, ast.Call) else "?"


def ref_tail(ref: Ref) -> str:
    """As `receiver_name`, from the reference."""
    if ref[0] in ("n", "."):
        return str(ref[-1])
    return ref_tail(ref[1]) + "()" if ref[0] == "()" else "?"
