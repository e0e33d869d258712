"""What the standard library gives outside asyncio is no coroutine."""

from __future__ import annotations

import sys

from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.values import Values
from jarvis_bench.await_audit.syntax.model import Call

# Objects of these modules, and all that their methods give, are plain; and those whose own methods are.
PLAIN = frozenset({"pathlib", "datetime", "decimal", "fractions", "re", "os", "time", "json", "subprocess"})
STREAMS = frozenset({("typing.IO",), ("typing.BinaryIO",), ("typing.TextIO",)})
SYNC_OBJECTS = PLAIN | {"threading", "socket", "queue", "collections", "sqlite3", "logging", "tempfile", "io"}

# What comes from these may be of either colour: declared types, wrapped functions, test doubles.
OF_BOTH_COLOURS = frozenset({"asyncio", "typing", "collections", "functools", "types", "unittest"})


def is_standard(callee: Values) -> bool:
    """A function of the standard library outside asyncio is sync."""
    roots = (str(value[1]).partition(".")[0] for value in callee if value[0] in ("ext", "extobj"))
    return any(root in sys.stdlib_module_names and root not in OF_BOTH_COLOURS for root in roots)


def is_of_standard_object(evaluator: Evaluator, module: int, call: Call) -> bool:
    """A method of an object of the standard library, or of what a plain value such as a path gives."""
    if call.callee[0] == "." and _is_plain_data(evaluator.values(module, call.scope, call.callee[1])):
        return True
    ref, is_direct = call.callee, True
    while ref[0] in (".", "()"):
        ref = ref[1]
        for value in evaluator.values(module, call.scope, ref):
            root = str(value[1]).partition(".")[0] if value[0] in ("ext", "extobj") else ""
            is_stream = value[1:] in STREAMS
            if root in PLAIN or is_stream or (is_direct and value[0] == "extobj" and root in SYNC_OBJECTS):
                return True
        is_direct = False
    return False


def _is_plain_data(receiver: Values) -> bool:
    """Texts, numbers and containers have no coroutine methods."""
    return all(value[0] in ("lit", "seq", "map", "tuple") and value[1:] != ("None",) for value in receiver)
