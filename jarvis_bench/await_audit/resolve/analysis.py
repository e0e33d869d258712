"""Everything known about a tree, ready for the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from jarvis_bench.await_audit.records import Grade
from jarvis_bench.await_audit.resolve.aggregate import Aggregate
from jarvis_bench.await_audit.resolve.evaluate import Evaluator
from jarvis_bench.await_audit.resolve.fate import Fates
from jarvis_bench.await_audit.resolve.habits import Habits
from jarvis_bench.await_audit.resolve.knowledge import Knowledge
from jarvis_bench.await_audit.resolve.members import ClassId
from jarvis_bench.await_audit.resolve.tree import Module, Tree
from jarvis_bench.await_audit.syntax.model import forget_unpacked

T = TypeVar("T")


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
    _answers: dict[tuple[str, ClassId], tuple[Any, set[int], set[str]]] = field(default_factory=dict)

    def forget(self) -> None:
        """Let go of all summaries and answers, which refer to each other; nothing can be asked afterwards."""
        for module in self.tree.modules:
            module.forget()
        self.evaluator.forget()
        self._answers.clear()
        forget_unpacked()

    def remembered(self, what: str, class_id: ClassId, make: Callable[[Evaluator, ClassId], T]) -> T:
        """The answer of `make` on a class, worked out once; what it rests on is noted each time."""
        tree = self.tree
        if (what, class_id) not in self._answers:
            outer = tree.touched, tree.consulted
            tree.touched, tree.consulted = set(), set()
            self._answers[what, class_id] = make(self.evaluator, class_id), tree.touched, tree.consulted
            tree.touched, tree.consulted = outer
        answer, touched, consulted = self._answers[what, class_id]
        tree.touched |= touched
        tree.consulted |= consulted
        return cast(T, answer)

    @property
    def names(self) -> set[str]:
        """Every name whose call may give a coroutine."""
        return self.habits.aggregate.names


def analyse(modules: Sequence[Module], aggregate: Aggregate) -> Analysis:
    """Put the modules, and what they say together, at the service of the rules."""
    tree = Tree(list(modules))
    evaluator = Evaluator(tree, aggregate.subclasses)
    habits = Habits(aggregate, tree)
    return Analysis(tree, evaluator, habits, Fates(evaluator, habits), Knowledge(evaluator, habits))
