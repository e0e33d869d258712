"""A scope while it is being read."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field

from jarvis_bench.await_audit.syntax.annotations import annotation_ref
from jarvis_bench.await_audit.syntax.model import Param, Ref, Scope, Sink, pack_uses


@dataclass(slots=True)
class OpenScope:
    """The mutable twin of `Scope`; `freeze` gives the record that is kept."""

    kind: str
    name: str
    qualname: str
    parent: int
    line: int
    is_async: bool = False
    is_generator: bool = False
    is_stub: bool = False
    doc: bool = False
    span: tuple[int, int, int, int] = (1, 0, 1, 0)
    decorators: tuple[Ref, ...] = ()
    params: list[Param] = field(default_factory=list)
    returns: list[Ref] = field(default_factory=list)
    yields: list[Ref] = field(default_factory=list)
    annotation: Ref | None = None
    bases: tuple[Ref, ...] = ()
    bindings: dict[str, list[Ref]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[tuple[int, Ref]]] = field(default_factory=lambda: defaultdict(list))
    uses: dict[str, dict[Sink, int]] = field(default_factory=lambda: defaultdict(dict))
    outer_names: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    param_names: set[str] = field(default_factory=set)
    sets_attributes: bool = False

    def owns(self, name: str) -> bool:
        """Whether the name is local here."""
        return name in self.own_names()

    def own_names(self) -> set[str]:
        """The names that are local here."""
        return self.param_names | (self.bindings.keys() - self.outer_names)

    def read_params(self, arguments: ast.arguments) -> None:
        """Take the parameters of a function or lambda."""
        rows = [(argument, "pos") for argument in (*arguments.posonlyargs, *arguments.args)]
        if arguments.vararg:
            rows.append((arguments.vararg, "*"))
        rows += [(argument, "kw") for argument in arguments.kwonlyargs]
        if arguments.kwarg:
            rows.append((arguments.kwarg, "**"))
        for argument, kind in rows:
            self.params.append(Param(argument.arg, annotation_ref(argument.annotation), kind))
            self.param_names.add(argument.arg)

    def freeze(self) -> Scope:
        """The record of this scope; of uses it keeps those of its own names."""
        own = self.own_names()
        return Scope(
            self.kind, self.name, self.qualname, self.parent, self.line, self.is_async, self.is_generator,
            self.is_stub, self.decorators, tuple(self.params), tuple(self.returns), self.annotation, self.bases,
            {name: tuple(refs[:12]) for name, refs in self.bindings.items() if refs},
            {name: tuple(refs[:12]) for name, refs in self.attributes.items()},
            pack_uses({name: tuple(sinks.items()) for name, sinks in self.uses.items() if name in own}),
            tuple(self.yields[:4]), self.doc, self.span,
        )  # fmt: skip
