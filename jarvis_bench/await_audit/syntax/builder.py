"""Collects the scopes, calls and uses of one file while the readers walk it."""

from __future__ import annotations

import ast
from ast import Attribute, Name
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from jarvis_bench.await_audit.syntax.model import NAMELESS, CallRow, Race, Ref, Sink
from jarvis_bench.await_audit.syntax.open_scope import OpenScope

if TYPE_CHECKING:
    from jarvis_bench.await_audit.syntax.expressions import ExpressionReader


class FileBuilder:
    """The state of one walk over a file; `finish.finished` makes of it what is kept."""

    def __init__(self) -> None:
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
        if closed.kind != "class":
            own = closed.own_names()
            for name, sinks in closed.uses.items():
                if name not in own:
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

    def call(self, call: ast.Call, callee: Ref, sink: Sink) -> None:
        """Record a call and where its value goes."""
        node: Any = call
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
            self.bind(target.id, ref)
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


def _slim(sink: Sink) -> Sink:
    """What the judgement of an attribute needs to know of a sink, and no more."""
    kind = sink[0]
    if kind == "arg":
        return ("arg", (sink[1][0], sink[1][-1] if isinstance(sink[1][-1], str) else ""))
    return sink if kind == "attr" or len(sink) == 1 else sink[:1]


def receiver_name(node: ast.expr) -> str:
    """The last name of a receiver expression: `session` for `self.session`."""
    if type(node) is Name:
        return node.id
    if type(node) is Attribute:
        return node.attr
    return receiver_name(node.func) + "()" if isinstance(node, ast.Call) else "?"
