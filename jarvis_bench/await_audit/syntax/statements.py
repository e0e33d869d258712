"""One pass over statements: opens scopes, binds names, and hands expressions on."""

from __future__ import annotations

import ast
from ast import Attribute, Name
from collections.abc import Callable

from jarvis_bench.await_audit.syntax.annotations import annotation_ref
from jarvis_bench.await_audit.syntax.builder import FileBuilder
from jarvis_bench.await_audit.syntax.expressions import COND, FREE, OP, ExpressionReader, handlers_of
from jarvis_bench.await_audit.syntax.finish import FileRead, finished
from jarvis_bench.await_audit.syntax.model import UNKNOWN, Sink
from jarvis_bench.await_audit.syntax.open_scope import OpenScope
from jarvis_bench.await_audit.syntax.races import races_in

DROP: Sink = ("drop",)
RETURN: Sink = ("ret",)


def summarise(tree: ast.Module) -> FileRead:
    """Read a whole file."""
    builder = FileBuilder()
    StatementReader(builder).consume(tree.body)
    return finished(builder)


class StatementReader:
    """Reads statements into a file builder; `consume` is the one entrance."""

    def __init__(self, builder: FileBuilder) -> None:
        self.builder = builder
        self.expressions = ExpressionReader(builder)
        self.value = self.expressions.read

    def consume(self, statements: list[ast.stmt]) -> None:
        """Read the statements of a module or class, and empty the list: each is let go of while it is still cached."""
        statements.reverse()
        while statements:
            self.body([statements.pop()])

    def body(self, statements: list[ast.stmt]) -> None:
        """Read the statements in order; those without values are passed over."""
        for statement in statements:
            handler = HANDLERS.get(type(statement))
            if handler is not None:
                handler(self, statement)

    def read_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # noqa: N802
        builder = self.builder
        decorators = tuple(self.value(decorator, FREE) for decorator in node.decorator_list)
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.value(default, FREE)
        outer = builder.current
        scope = OpenScope("function", node.name, _qualified(outer, node.name), builder.stack[-1], node.lineno)
        scope.is_async = isinstance(node, ast.AsyncFunctionDef)
        width = len(node.name) + (10 if scope.is_async else 4)
        scope.span = (node.lineno, node.col_offset, node.lineno, node.col_offset + width)
        scope.decorators = decorators
        scope.annotation = annotation_ref(node.returns)
        scope.is_stub = _is_stub(node.body)
        scope.doc = (
            "awaitable" in (text := (ast.get_docstring(node, clean=False) or "").lower())
            or "coroutine" in text
        )
        scope.read_params(arguments)
        builder.open(scope)
        self.body(node.body)
        # Only what outlives a call can be raced for.
        if scope.is_async and (scope.sets_attributes or scope.global_names):
            builder.races.extend(races_in(node, builder.stack[-1], scope.global_names, outer.kind == "class"))
        index = builder.close()
        builder.bind(node.name, ("def", index))

    read_AsyncFunctionDef = read_FunctionDef  # noqa: N815

    def read_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        builder = self.builder
        scope = OpenScope(
            "class", node.name, _qualified(builder.current, node.name), builder.stack[-1], node.lineno
        )
        scope.decorators = tuple(self.value(decorator, FREE) for decorator in node.decorator_list)
        scope.bases = tuple(annotation_ref(base) or UNKNOWN for base in node.bases)
        for keyword in node.keywords:
            self.value(keyword.value, FREE)
            if keyword.arg == "metaclass":
                scope.bindings["__metaclass__"] = [annotation_ref(keyword.value) or UNKNOWN]
        builder.open(scope)
        self.consume(node.body)
        builder.bind(node.name, ("def", builder.close()))

    def read_Return(self, node: ast.Return) -> None:  # noqa: N802
        if node.value is not None:
            self.builder.current.returns.append(self.value(node.value, RETURN))

    def read_Expr(self, node: ast.Expr) -> None:  # noqa: N802
        self.value(node.value, DROP)

    def read_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                self.value(target.value, ("sub",))

    def read_Assign(self, node: ast.Assign) -> None:  # noqa: N802
        ref = self.value(node.value, _store_sink(node.targets))
        builder = self.builder
        if builder.current.kind != "function" and _may_be_alias(node.value):
            ref = ("alias", annotation_ref(node.value))
        for target in node.targets:
            builder.assign(self.expressions, target, ref)

    def read_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        annotation = ("ann", annotation_ref(node.annotation))
        if node.value is not None:
            self.value(node.value, _store_sink([node.target]))
            if _is_alias(node.annotation):
                annotation = ("alias", annotation_ref(node.value))
        self.builder.assign(self.expressions, node.target, annotation)

    def read_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
        grows = isinstance(node.value, ast.List | ast.ListComp | ast.Tuple | ast.Set | ast.SetComp)
        self.value(node.value, _store_sink([node.target]) if grows else OP)
        if isinstance(node.target, ast.Name):
            self.builder.use(node.target.id, OP, node.lineno)
            self.builder.bind(node.target.id, UNKNOWN)
        else:
            self.value(node.target, OP)

    def read_TypeAlias(self, node: ast.AST) -> None:  # noqa: N802
        name, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            self.builder.bind(name.id, ("alias", annotation_ref(value)))

    def read_For(self, node: ast.For | ast.AsyncFor) -> None:  # noqa: N802
        is_async = isinstance(node, ast.AsyncFor)
        self.builder.loop(self.expressions, node.target, node.iter, is_async=is_async)
        self.body(node.body)
        if node.orelse:
            self.body(node.orelse)

    read_AsyncFor = read_For  # noqa: N815

    def read_While(self, node: ast.While | ast.If) -> None:  # noqa: N802
        self.value(node.test, COND)
        self.body(node.body)
        if node.orelse:
            self.body(node.orelse)

    read_If = read_While  # noqa: N815

    def read_With(self, node: ast.With | ast.AsyncWith) -> None:  # noqa: N802
        kind = "awith" if isinstance(node, ast.AsyncWith) else "with"
        for item in node.items:
            ref = self.value(item.context_expr, (kind,))
            if item.optional_vars is not None:
                self.builder.assign(self.expressions, item.optional_vars, (kind, ref))
        self.body(node.body)

    read_AsyncWith = read_With  # noqa: N815

    def read_Raise(self, node: ast.Raise) -> None:  # noqa: N802
        for part in (node.exc, node.cause):
            if part is not None:
                self.value(part, ("raise",))

    def read_Try(self, node: ast.Try) -> None:  # noqa: N802
        self.body(node.body)
        for handler in node.handlers:
            if handler.name:
                self.builder.bind(handler.name, UNKNOWN)
            self.body(handler.body)
        self.body(node.orelse)
        self.body(node.finalbody)

    read_TryStar = read_Try  # noqa: N815

    def read_Assert(self, node: ast.Assert) -> None:  # noqa: N802
        self.value(node.test, COND)
        if node.msg is not None:
            self.value(node.msg, ("fmt",))

    def read_Import(self, node: ast.Import) -> None:  # noqa: N802
        for alias in node.names:
            if alias.asname:
                self.builder.bind(alias.asname, ("import", alias.name, 0, None))
            else:
                self.builder.bind(
                    alias.name.partition(".")[0], ("import", alias.name.partition(".")[0], 0, None)
                )

    def read_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        for alias in node.names:
            ref = ("import", node.module or "", node.level, alias.name)
            self.builder.bind(alias.asname or alias.name, ref)

    def read_Global(self, node: ast.Global) -> None:  # noqa: N802
        self.builder.current.outer_names.update(node.names)
        self.builder.current.global_names.update(node.names)

    def read_Nonlocal(self, node: ast.Nonlocal) -> None:  # noqa: N802
        self.builder.current.outer_names.update(node.names)

    def read_Match(self, node: ast.Match) -> None:  # noqa: N802
        self.value(node.subject, COND)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None)
                if isinstance(name, str):
                    self.builder.bind(name, UNKNOWN)
            if case.guard is not None:
                self.value(case.guard, COND)
            self.body(case.body)


HANDLERS: dict[type[ast.AST], Callable[[StatementReader, ast.AST], None]] = handlers_of(StatementReader)


def _qualified(scope: OpenScope, name: str) -> str:
    return f"{scope.qualname}.{name}" if scope.qualname else name


def _is_stub(body: list[ast.stmt]) -> bool:
    """Only a docstring, `...`, `pass` or `raise NotImplementedError`."""
    for statement in body:
        if isinstance(statement, ast.Pass) or (
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        ):
            continue
        if isinstance(statement, ast.Raise) and "NotImplemented" in ast.dump(statement):
            continue
        return False
    return True


def _may_be_alias(value: ast.expr) -> bool:
    """`Handler = Callable[..., Awaitable[T]]`, `Both = One | Other`."""
    if isinstance(value, ast.Subscript):
        return isinstance(value.value, ast.Name | ast.Attribute) and not isinstance(value.slice, ast.Constant)
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)


def _is_alias(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Name | ast.Attribute) and ast.unparse(annotation).endswith("TypeAlias")


def _store_sink(targets: list[ast.expr]) -> Sink:
    target = targets[0]
    if type(target) is Name:
        return ("var", target.id)
    if type(target) is Attribute:
        return ("set", target.attr)
    if isinstance(target, ast.Subscript):
        owner = target.value
        if isinstance(owner, ast.Name):
            return ("box", "item", ("var", owner.id))
        return (
            ("box", "item", ("set", owner.attr))
            if isinstance(owner, ast.Attribute)
            else ("box", "item", FREE)
        )
    return ("unpack",)
