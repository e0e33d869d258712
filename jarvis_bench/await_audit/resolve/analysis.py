"""Everything known about a tree, ready for the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_bench.await_audit.records import Grade
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.fate import Fates
from jarvis_bench.await_audit.resolve.habits import Habits, async_names
from jarvis_bench.await_audit.resolve.knowledge import Knowledge
from jarvis_bench.await_audit.resolve.tree import Module, Tree
from jarvis_bench.await_audit.syntax.model import Sink


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a rule says before the file is read again: positions as `ast` gives them.

    `repair` tells the fix engine what to do: "await" inserts one at the position; everything else is advice.
    """

    rule: str
    grade: Grade
    line: int
    column: int
    end_line: int
    end_column: int
    scope: int
    message: str
    evidence: str
    advice: str
    repair: str = ""
    refused: str | None = None
    is_recursive: bool = False
    function: str = ""


@dataclass(slots=True)
class Analysis:
    """The tree, its habits, and what answers questions about them."""

    tree: Tree
    evaluator: Evaluator
    habits: Habits
    fates: Fates
    knowledge: Knowledge
    names: set[str]


def analyse(modules: Sequence[Module]) -> Analysis:
    """Put the summaries of all files together."""
    tree = Tree(list(modules))
    habits = Habits()
    uses: dict[str, set[Sink]] = defaultdict(set)
    twice: set[str] = set()
    for module in modules:
        if not module.is_library:
            habits.add_definitions(module.path, module.summary.scopes)
            habits.add_sites(module.summary.habits)
            twice.update(module.summary.twice_awaited)
            for name, sinks in module.summary.attribute_uses.items():
                uses[name].update(sinks)
    evaluator = Evaluator(tree)
    fates = Fates(evaluator, uses, frozenset(twice))
    names = async_names(module.summary for module in modules)
    return Analysis(tree, evaluator, habits, fates, Knowledge(evaluator, habits), names)
