"""One pass over expressions: each returns its reference, and tells every call and name where its value goes."""

from __future__ import annotations

import ast
from ast import Attribute, Call, Constant, Name, Starred
from collections.abc import Callable
from typing import Any

from jarvis_bench.await_audit.syntax.builder import FileBuilder
from jarvis_bench.await_audit.syntax.model import UNKNOWN, Ref, Sink

AWAIT: Sink = ("await",)
COND: Sink = ("cond",)
CMP: Sink = ("cmp",)
OP: Sink = ("op",)
FMT: Sink = ("fmt",)
SUB: Sink = ("sub",)
FREE: Sink = ("free",)
CALLEE: Sink = ("callee",)
YIELD: Sink = ("yield",)
LITERALS: dict[type, Ref] = {
    **{kind: ("lit", kind.__name__) for kind in (str, int, float, bytes, bool)},
    type(None): ("lit", "None"),
}
PASSING = frozenset({"cast", "cast_unsafe", "assert_type", "reveal_type"})


class ExpressionReader:
    """Reads expressions into a file builder; `read` is the one entrance."""

    def __init__(self, builder: FileBuilder) -> None:
        self.builder = builder

    def read(self, expression: ast.AST, sink: Sink) -> Ref:
        """Read one expression whose value goes to `sink`; names and constants, the most frequent, on the spot."""
        node: Any = expression
        kind = type(node)
        if kind is Name:
            name = node.id
            self.builder.current.uses[name][sink] = node.lineno
            return ("n", name)
        if kind is Constant:
            return LITERALS.get(type(node.value), UNKNOWN)
        handler = HANDLERS.get(kind)
        return UNKNOWN if handler is None else handler(self, node, sink)

    def read_Attribute(self, node: ast.Attribute, sink: Sink) -> Ref:  # noqa: N802
        name = node.attr
        self.builder.attribute_use(name, sink)
        return (".", self.read(node.value, ("attr", name)), name)

    def read_Await(self, node: ast.Await, sink: Sink) -> Ref:  # noqa: N802
        inner = self.read(node.value, AWAIT)
        if sink is AWAIT:
            self.builder.awaited_twice(inner)
        if type(node.value) is Call:
            self.builder.awaited(node.value.func)
        return ("w", inner)

    def read_Call(self, node: ast.Call, sink: Sink) -> Ref:  # noqa: N802
        function, read = node.func, self.read
        arguments: list[Any] = node.args
        if type(function) is Attribute:
            name = function.attr
            callee: Ref = (".", read(function.value, ("attr", name)), name)
            self.builder.attribute_uses[name][CALLEE] = None
        else:
            callee = read(function, CALLEE)
        if len(arguments) == 2 and callee[-1] in PASSING:
            read(arguments[0], FREE)
            return read(arguments[1], sink)
        for position, argument in enumerate(arguments):
            kind = type(argument)
            if kind is Starred:
                read(argument.value, ("arg", callee, "*"))
            elif kind is not Constant:
                read(argument, ("arg", callee, position))
        for keyword in node.keywords:
            if type(keyword.value) is not Constant:
                read(keyword.value, ("arg", callee, keyword.arg or "**"))
        self.builder.call(node, callee, sink)
        return ("()", callee)

    def read_BoolOp(self, node: ast.BoolOp, sink: Sink) -> Ref:  # noqa: N802
        for value in node.values[:-1]:
            self.read(value, COND)
        return ("|", *(self.peek(value) for value in node.values[:-1]), self.read(node.values[-1], sink))

    def read_IfExp(self, node: ast.IfExp, sink: Sink) -> Ref:  # noqa: N802
        self.read(node.test, COND)
        return ("|", self.read(node.body, sink), self.read(node.orelse, sink))

    def read_NamedExpr(self, node: ast.NamedExpr, sink: Sink) -> Ref:  # noqa: N802
        value = self.read(node.value, ("var", node.target.id))
        self.builder.bind(node.target.id, value)
        self.builder.use(node.target.id, sink, node.lineno)
        return value

    def read_UnaryOp(self, node: ast.UnaryOp, sink: Sink) -> Ref:  # noqa: N802
        self.read(node.operand, COND if isinstance(node.op, ast.Not) else OP)
        return UNKNOWN

    def read_BinOp(self, node: ast.BinOp, sink: Sink) -> Ref:  # noqa: N802
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            self.read(left.right, OP)
            left = left.left
        ref = self.read(left, OP)
        return ref if isinstance(node.op, ast.Div) else UNKNOWN  # a path stays a path

    def read_Compare(self, node: ast.Compare, sink: Sink) -> Ref:  # noqa: N802
        for value in (node.left, *node.comparators):
            self.read(value, CMP)
        return ("lit", "bool")

    def read_Subscript(self, node: ast.Subscript, sink: Sink) -> Ref:  # noqa: N802
        self.read(node.slice, SUB)
        return ("[]", self.read(node.value, ("item", sink)))

    def read_Slice(self, node: ast.Slice, sink: Sink) -> Ref:  # noqa: N802
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.read(part, OP)
        return UNKNOWN

    def read_JoinedStr(self, node: ast.JoinedStr, sink: Sink) -> Ref:  # noqa: N802
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.read(value.value, FMT)
                if value.format_spec is not None:
                    self.read(value.format_spec, FMT)
        return ("lit", "str")

    def _boxed(self, kind: str, parts: list[ast.expr], sink: Sink) -> list[Ref]:
        inner = ("box", kind, sink)
        return [
            self.read(part.value, ("iter", None)) if isinstance(part, ast.Starred) else self.read(part, inner)
            for part in parts
        ]

    def read_List(self, node: ast.List, sink: Sink) -> Ref:  # noqa: N802
        self._boxed("list", node.elts, sink)
        return ("lit", "list")

    def read_Set(self, node: ast.Set, sink: Sink) -> Ref:  # noqa: N802
        self._boxed("set", node.elts, sink)
        return ("lit", "set")

    def read_Tuple(self, node: ast.Tuple, sink: Sink) -> Ref:  # noqa: N802
        return ("tuple", *self._boxed("tuple", node.elts, sink)[:8])

    def read_Dict(self, node: ast.Dict, sink: Sink) -> Ref:  # noqa: N802
        for key in node.keys:
            if key is not None:
                self.read(key, SUB)
        pairs = zip(node.keys, node.values, strict=True)
        for key, value in pairs:
            self.read(value, ("box", "dict", sink) if key is not None else ("arg", ("n", "dict"), "**"))
        return ("lit", "dict")

    def _comprehension(
        self, generators: list[ast.comprehension], parts: list[ast.expr], kind: str, sink: Sink
    ) -> None:
        for generator in generators:
            self.builder.loop(self, generator.target, generator.iter, is_async=bool(generator.is_async))
            for condition in generator.ifs:
                self.read(condition, COND)
        for part in parts:
            self.read(part, ("box", kind, sink))

    def read_ListComp(self, node: ast.ListComp, sink: Sink) -> Ref:  # noqa: N802
        self._comprehension(node.generators, [node.elt], "list", sink)
        return ("lit", "list")

    def read_SetComp(self, node: ast.SetComp, sink: Sink) -> Ref:  # noqa: N802
        self._comprehension(node.generators, [node.elt], "set", sink)
        return ("lit", "set")

    def read_GeneratorExp(self, node: ast.GeneratorExp, sink: Sink) -> Ref:  # noqa: N802
        self._comprehension(node.generators, [node.elt], "generator", sink)
        return ("lit", "generator")

    def read_DictComp(self, node: ast.DictComp, sink: Sink) -> Ref:  # noqa: N802
        self._comprehension(node.generators, [node.value], "dict", sink)
        self.read(node.key, SUB)
        return ("lit", "dict")

    def read_Lambda(self, node: ast.Lambda, sink: Sink) -> Ref:  # noqa: N802
        return self.builder.lambda_scope(self, node)

    def read_Yield(self, node: ast.Yield, sink: Sink) -> Ref:  # noqa: N802
        value = UNKNOWN if node.value is None else self.read(node.value, YIELD)
        self.builder.yielded(value)
        return UNKNOWN

    def read_YieldFrom(self, node: ast.YieldFrom, sink: Sink) -> Ref:  # noqa: N802
        self.builder.yielded(UNKNOWN)
        self.read(node.value, AWAIT)
        return UNKNOWN

    def read_Starred(self, node: ast.Starred, sink: Sink) -> Ref:  # noqa: N802
        self.read(node.value, ("iter", None))
        return UNKNOWN

    def peek(self, node: ast.expr) -> Ref:
        """The reference of a name, attribute or call without recording it a second time."""
        if isinstance(node, ast.Name):
            return ("n", node.id)
        if isinstance(node, ast.Attribute):
            return (".", self.peek(node.value), node.attr)
        if isinstance(node, ast.Call):
            return ("()", self.peek(node.func))
        return ("w", self.peek(node.value)) if isinstance(node, ast.Await) else UNKNOWN


def handlers_of(reader: type) -> dict[type[ast.AST], Callable[..., Any]]:
    """The methods `read_…` of a reader by the node that each is for.

    Functions, not bound methods: a reader that held its own methods would keep each file's syntax tree in memory.
    """
    return {
        getattr(ast, name[5:]): function
        for name, function in vars(reader).items()
        if name.startswith("read_") and hasattr(ast, name[5:])
    }


HANDLERS: dict[type[ast.AST], Callable[[ExpressionReader, ast.AST, Sink], Ref]] = handlers_of(
    ExpressionReader
)
