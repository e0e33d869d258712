"""A file as bytes, text and tree at once, so that positions can be told in each."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from jarvis_bench.await_audit.syntax.reading import parse

LINE_END = re.compile(rb"\r\n|\r|\n")
BOM = b"\xef\xbb\xbf"
Span = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file; columns of `ast` are UTF-8 bytes of a line, offsets are bytes of the file."""

    content: bytes
    encoding: str
    tree: ast.Module
    starts: tuple[int, ...]

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        if not 0 < number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.content)
        return self.content[self.starts[number - 1] : end].rstrip(b"\r\n").decode(self.encoding, "replace")

    def column(self, line: int, utf8_column: int) -> int:
        """The column in characters, from 1."""
        return len(self.line(line).encode()[:utf8_column].decode("utf-8", "replace")) + 1

    def offset(self, line: int, utf8_column: int) -> int:
        """The byte offset in the file."""
        text = self.line(line)[: self.column(line, utf8_column) - 1]
        return self.starts[line - 1] + len(text.encode(self.encoding, "replace"))

    def path_to(self, span: Span) -> tuple[ast.AST, ...]:
        """The call at a position and everything around it, innermost first; empty when there is none."""
        try:
            return _path_within(self.tree, span, by_line=True) or _path_within(self.tree, span, by_line=False)
        except RecursionError:
            return ()

    def text(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.content[start:end].decode(self.encoding, "replace")


def open_source(content: bytes) -> Source:
    """Parse a file; raises `ValueError` where it cannot be parsed."""
    tree = parse(content)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        raise ValueError(str(error)) from error
    first = len(BOM) if content.startswith(BOM) else 0
    starts = (first, *(match.end() for match in LINE_END.finditer(content)))
    return Source(content, "utf-8" if first else encoding, tree, starts)


def _path_within(node: ast.AST, span: Span, *, by_line: bool) -> tuple[ast.AST, ...]:
    if isinstance(node, ast.Call) and span_of(node) == span:
        return (node,)
    for child in ast.iter_child_nodes(node):
        if by_line and isinstance(child, ast.stmt) and not _holds(child, span):
            continue
        found = _path_within(child, span, by_line=by_line)
        if found:
            return (*found, node)
    return ()


def _holds(statement: ast.stmt, span: Span) -> bool:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    last = statement.end_lineno or statement.lineno
    return bool(first <= span[0] <= last)


def span_of(node: ast.expr) -> Span:
    """The position of a node as `ast` gives it."""
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0
