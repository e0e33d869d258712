"""Insert one `await`: where it goes, whether parentheses are needed, and when it must not be done."""

from __future__ import annotations

import ast

from jarvis_bench.await_audit.records import Edit
from jarvis_bench.await_audit.repair.source import Source, Span

NO_PLACE = "the position of the call inside the string cannot be told"


class Refused(Exception):
    """No insertion, for the reason given."""


def await_edits(source: Source, span: Span) -> tuple[Edit, ...]:
    """The insertions that await the call at `span`; raises `Refused`."""
    path = source.path_to(span)
    if not path or not isinstance(path[0], ast.Call):
        raise Refused("the file has changed since it was read")
    call, around = path[0], path[1:]
    _check_surroundings(around)
    start, end = _offsets(source, call, around)
    if not _needs_parentheses(source, call, around[0], end):
        return (Edit(start, "await "),)
    return Edit(start, "(await "), Edit(end, ")")


def calls_itself_again(function: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call) -> bool:
    """Whether the call inside the function repeats it with the very same arguments."""
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if isinstance(call.func, ast.Attribute):
        if not (names and isinstance(call.func.value, ast.Name) and call.func.value.id == names[0]):
            return False
        names = names[1:]
    given = [_plain_name(argument) for argument in call.args]
    named = {keyword.arg: _plain_name(keyword.value) for keyword in call.keywords}
    rest = [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    kept = all(name == value for name, value in named.items() if name is not None)
    return kept and given == [*names, *rest][: len(given)] and len(given) + len(named) >= len(names)


def _plain_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Starred) and isinstance(node.value, ast.Name):
        return f"*{node.value.id}"
    return node.id if isinstance(node, ast.Name) else None


def _check_surroundings(around: tuple[ast.AST, ...]) -> None:
    for node in around:
        if isinstance(node, ast.GeneratorExp):
            raise Refused("an await inside a generator expression makes it asynchronous; build a list first")
        if isinstance(node, ast.Lambda):
            raise Refused("a lambda cannot await; make it an async function")
        if isinstance(node, ast.stmt):
            return


def _offsets(source: Source, call: ast.Call, around: tuple[ast.AST, ...]) -> tuple[int, int]:
    line, column, end_line, end_column = (
        call.lineno,
        call.col_offset,
        call.end_lineno or 0,
        call.end_col_offset or 0,
    )
    if 0 < line <= len(source.starts) and 0 < end_line <= len(source.starts):
        start, end = source.offset(line, column), source.offset(end_line, end_column)
        if _is_the_call(source.text(start, end), call):
            return start, end
    return _search_string(source, call, around)


def _is_the_call(text: str, call: ast.Call) -> bool:
    try:
        parsed = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(parsed, ast.Call) and ast.dump(parsed) == ast.dump(call)


def _search_string(source: Source, call: ast.Call, around: tuple[ast.AST, ...]) -> tuple[int, int]:
    """Before Python 3.12 positions inside f-strings are not reliable: look for the text of the call instead."""
    strings = [node for node in around if isinstance(node, ast.JoinedStr)]
    if not strings:
        raise Refused(NO_PLACE)
    node = strings[-1]
    start = source.offset(node.lineno, node.col_offset)
    end = source.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
    text = source.content[start:end]
    head = ast.unparse(call.func).split(".")[0].split("(")[0].encode(source.encoding, "replace")
    found: list[tuple[int, int]] = []
    position = text.find(head)
    while position >= 0 and len(found) < 2:
        found += [
            (start + position, start + position + length)
            for length in _call_lengths(text[position:])
            if _is_the_call(source.text(start + position, start + position + length), call)
        ][:1]
        position = text.find(head, position + 1)
    if len(found) != 1:
        raise Refused(NO_PLACE)
    return found[0]


def _call_lengths(text: bytes) -> list[int]:
    return [position + 1 for position, byte in enumerate(text[:2000]) if byte == ord(")")]


def _needs_parentheses(source: Source, call: ast.Call, parent: ast.AST, end: int) -> bool:
    is_operand = (
        (isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is call)
        or (isinstance(parent, ast.Call) and parent.func is call)
        or isinstance(parent, ast.Await)
    )
    return is_operand and not source.content[end:].lstrip().startswith(b")")
