"""What one file says that has a bearing on others: its definitions, classes, imports, and names that may be async."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jarvis_bench.await_audit.syntax.model import Definition, Names, Ref, Scope

NOT_COROUTINE = frozenset(
    {"asynccontextmanager", "property", "overload", "async_property", "cached_property", "setter"}
)

ASYNC_TWINS = frozenset({
    "ainvoke", "abatch", "agenerate", "apredict", "arun", "acall", "aget_relevant_documents", "aadd_documents",
    "aadd_texts", "asimilarity_search", "acreate", "afirst", "alast", "acount", "aexists", "asave", "adelete",
    "aupdate", "aget", "aget_or_create", "aupdate_or_create", "abulk_create", "arefresh_from_db", "aquery",
    "aretrieve", "acomplete", "achat", "aget_object_or_404", "aupdate_state", "aget_state",
})  # fmt: skip
"""Async twins of sync methods as LangChain, Django and their like name them."""


def imports_of(scopes: Iterable[Scope]) -> set[str]:
    """The top-level names of all absolute imports of a file."""
    return {
        ref[1].partition(".")[0]
        for scope in scopes
        for rows in scope.bindings.values()
        for ref in rows
        if ref[0] == "import" and not ref[2]
    }


def classes_of(scopes: Iterable[Scope]) -> tuple[tuple[str, int], ...]:
    """Every class of a file, once for each of its bases, under the last name of the base."""
    found = []
    for index, scope in enumerate(scopes):
        for base in scope.bases:
            plain = base[1] if base[0] == "gen" else base
            found.append((str(plain[-1]), index))
    return tuple(found)


def definitions_of(scopes: Sequence[Scope]) -> dict[str, Definition]:
    """The functions of a file by name, methods with a dot in front."""
    found: dict[str, Definition] = {}
    for scope in scopes:
        if scope.kind == "function" and scope.name:
            in_class = scope.parent >= 0 and scopes[scope.parent].kind == "class"
            name = f".{scope.name}" if in_class else scope.name
            lines, others = found.get(name, ((), 0))
            if _is_coroutine_function(scope):
                found[name] = ((*lines, scope.line), others)
            elif not (scope.is_stub and _says_awaitable(scope)):
                found[name] = (lines, others + 1)
    return found


def _is_coroutine_function(scope: Scope) -> bool:
    if not scope.is_async or scope.is_generator:
        return False
    return not any(decorator[-1] in NOT_COROUTINE for decorator in scope.decorators)


def _says_awaitable(scope: Scope) -> bool:
    return any(word in str(scope.annotation) for word in ("Awaitable", "Coroutine", "Future"))


def names_of(scopes: Iterable[Scope], called: Iterable[str] = (), awaited: Iterable[str] = ()) -> Names:
    """The names of a file whose call may give a coroutine: async functions, what passes them on, awaited names."""
    known = {name: None for name in called if name in ASYNC_TWINS or name.endswith("_async")}
    known |= dict.fromkeys(awaited)
    passing: dict[tuple[str, tuple[str, ...]], None] = {}
    for scope in scopes:
        _declare(scope, known)
        _pass_on(scope, passing)
    return Names(tuple(known), tuple(row for row in passing if row[1] and row[0] not in known))


def _declare(scope: Scope, known: dict[str, None]) -> None:
    """Note what is async by itself, or bound to something that only evaluation can tell."""
    for name, rows in scope.attributes.items():
        if any(ref[0] == "ann" for _, ref in rows):
            known[name] = None
    if scope.kind != "function":
        for name, refs in scope.bindings.items():
            if any(ref[0] == "ann" for ref in refs):
                known[name] = None
        return
    for param in scope.params:
        known[param.name] = None
    for name, refs in scope.bindings.items():
        if refs[0][0] not in ("def", "import") or any(ref[0] == "ann" for ref in refs):
            known[name] = None
    if scope.is_async or _says_awaitable(scope):
        known[scope.name] = None


def _pass_on(scope: Scope, passing: dict[tuple[str, tuple[str, ...]], None]) -> None:
    """Note names that may stand for another: sync functions for what they return, aliases, attributes."""
    for name, rows in scope.attributes.items():
        passing[name, tuple(str(ref[-1]) for _, ref in rows if ref[0] in ("n", "."))] = None
    for name, refs in scope.bindings.items():
        for ref in refs:
            if ref[0] in ("n", ".", "import") and ref[-1] != name:
                passing[name, (str(ref[-1]),)] = None
    if scope.kind == "function":
        passing[scope.name, tuple(_callee_name(ref) for ref in scope.returns if ref[0] == "()")] = None


def _callee_name(ref: Ref) -> str:
    return str(ref[1][-1])
