"""The words by which code says that it takes coroutines, or that it reads results."""

from __future__ import annotations

import re
from typing import Literal

Verdict = Literal["fine", "unclear", "suspect", "wrong"]

TAKES_COROUTINES = re.compile(
    r"""task|coro|future|asyncgen|await|add_job|(?:call|submit|start|launch|exec|fire|run)_async|
    async_(?:call|submit|start|exec|run|$)|gather|schedul|spawn|background|defer|shield|timeout|nursery|
    ^(?:multi|wait|wait_(?:for|first|any|all|many).*|as_completed|run|start|start_soon|submit|race|select|sync|retry|race|partial|
    iscoroutine|isawaitable|syncify|complete|fire_and_forget|run_.*|.*_run|.*_runner|_run|.*_sync|handoff|supervise|
    enter_context|push|call_soon.*|call_later|side_effect|maybe_.*|ensure_.*|execute_.*|invoke|Promise|Lazy.*|
    assertRaises.*|iter_coroutine|drive|collect|parallel|concurrently|all_settled|limit|bounded.*|
    with_.*|guard|protect|track|watch|register.*|add_callback|then|apply|map|starmap|loop|block_on|portal|catch)$""",
    re.IGNORECASE | re.VERBOSE,
)
AWAITABLE_NAME = re.compile(
    r"coro|awaitable|future|fut$|^futs?$|task|^aws?$|promise|deferred|^job|^gen$|^operation$|^aw_|_aw$|^worker$",
    re.IGNORECASE,
)
RESULT_NAME = re.compile(
    r"result|response|repl(?:y|ies)|values?$|rows?$|items?$|lines?$|messages?$|records?$|data$|output"
)
READING_BUILTINS = frozenset({
    "str", "repr", "int", "float", "bool", "len", "print", "bytes", "abs", "round", "getattr", "setattr",
    "hasattr", "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "dict", "frozenset",
    "range", "format", "ord", "chr", "hash", "iter", "enumerate", "zip", "bytearray", "memoryview",
    "divmod", "pow", "hex", "reversed", "open", "vars", "dir", "isinstance", "next",
})  # fmt: skip
ASSERTING = re.compile(
    r"^assert(?:Not)?(?:Equal|Equals|True|False|In|NotIn|Almost|Greater|Less|Count|List|Dict|Tuple|Set|Regex)"
)
LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "warn", "log"})
CONTAINER = frozenset(
    {
        "append",
        "add",
        "extend",
        "insert",
        "appendleft",
        "put",
        "put_nowait",
        "setdefault",
        "update",
        "push",
        "set",
    }
)
HANDING_OUT = frozenset({"items", "values", "pop", "popleft", "popitem", "get"})
COROUTINE_ATTRIBUTES = frozenset(
    {"send", "throw", "close", "__await__", "__name__", "__qualname__", "__class__"}
)
FUTURE_ATTRIBUTES = frozenset({
    "add_done_callback", "cancel", "done", "result", "exception", "set_name", "get_name", "cancelled",
    "__aenter__", "__aexit__", "__aiter__", "__anext__",
    "addCallback", "addCallbacks", "addErrback", "addBoth", "callback", "errback", "chainDeferred",
})  # fmt: skip
IMPOSSIBLE = frozenset({"attr", "item", "op", "iter", "aiter", "with", "awith", "unpack", "raise", "callee"})
"""What raises an error when it is done to a coroutine."""
INSPECTING = frozenset({"iscoroutine", "isawaitable", "isfuture", "is_coroutine", "is_awaitable"})
ALWAYS_WRONG = frozenset(
    {
        "drop",
        "item",
        "cond",
        "cmp",
        "op",
        "fmt",
        "sub",
        "unpack",
        "with",
        "raise",
        "callee",
        "iter",
        "aiter",
        "awith",
    }
)
RANK = {"unclear": 0, "suspect": 1, "wrong": 2}
