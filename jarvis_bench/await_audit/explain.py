"""The page of each rule: what it finds, why it matters, how it is known, what to do, and how to silence it."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jarvis_bench.await_audit.failures import unknown_name
from jarvis_bench.await_audit.report import KNOWN_RULES


@cache
def page(rule: str) -> str:
    """The page of a rule, in Markdown.

    Raises:
        AuditUsageError: there is no such rule.
    """
    if rule not in KNOWN_RULES:
        raise unknown_name("rule", rule, KNOWN_RULES)
    return (resources.files(__package__) / "pages" / f"{rule}.md").read_text(encoding="utf-8")


def summary(rule: str) -> str:
    """The first paragraph below the title, in one line."""
    return " ".join(page(rule).split("\n\n")[1].split())
