"""The rows of the table of libraries as Python stubs."""

from __future__ import annotations

from jarvis_bench.await_audit.third_party import TABLE


def stub_source(module: str) -> str:
    """The table's rows of a module as Python stubs."""
    lines = ["from typing import AsyncContextManager, Awaitable"]
    for row in TABLE[module]:
        lines += [row] if row.startswith("from ") else _class_lines(row)
    return "\n".join(lines) + "\n"


def _class_lines(row: str) -> list[str]:
    before, _, after = row.partition("|")
    name, *coroutines = before.split()
    indent, first = ("", "") if name == "def" else ("    ", "self, ")
    lines = [] if name == "def" else [f"class {name}:"]
    lines += [indent + _entry(entry, first, is_coroutine=True) for entry in coroutines]
    return lines + [indent + _entry(entry, first, is_coroutine=False) for entry in after.split()]


def _entry(entry: str, first: str, *, is_coroutine: bool) -> str:
    """One member of a class.

    `a`: coroutine; `a>B`: gives B; `a>+B`: enters as B; `a>&B`: and can be awaited; `a>~B`, `a>!B`: coroutine of B;
    `a:B`: attribute.
    """
    if ":" in entry:
        attribute, _, kind = entry.partition(":")
        return f"{attribute}: {kind or 'object'}"
    name, _, kind = entry.partition(">")
    arguments = f"({first}*arguments, **options)"
    if kind.startswith(("~", "!")):
        return f"async def {name}{arguments} -> {kind[1:]}: ..."
    if kind.startswith("&"):
        return f"def {name}{arguments} -> AsyncContextManager[{kind[1:]}] | Awaitable[{kind[1:]}]: ..."
    if kind.startswith("+"):
        return f"def {name}{arguments} -> AsyncContextManager[{kind[1:]}]: ..."
    said = f" -> {kind}" if kind else ""
    colour = "async def" if is_coroutine and not kind else "def"
    return f"{colour} {name}{arguments}{said}: ..."
