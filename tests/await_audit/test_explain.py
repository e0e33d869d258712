"""A page for each rule, and a rule for each page."""

from __future__ import annotations

from importlib import resources

import pytest

from jarvis_bench.await_audit.explain import page, summary
from jarvis_bench.await_audit.failures import AuditUsageError
from jarvis_bench.await_audit.report import KNOWN_RULES

PAGES = resources.files("jarvis_bench.await_audit") / "pages"


def test_pages_and_rules_are_the_same_set() -> None:
    """No rule without a page, no page without a rule."""
    assert {path.name for path in PAGES.iterdir()} == {f"{rule}.md" for rule in KNOWN_RULES}


@pytest.mark.parametrize("rule", KNOWN_RULES)
def test_a_page_says_what_how_and_what_to_do(rule: str) -> None:
    """Title, one sentence, bad and good code, how it is known, what to do."""
    text = page(rule)
    assert text.startswith(f"# {rule}\n\n")
    assert text.count("```python") == 2
    assert "## How it is known" in text
    assert "## What to do" in text
    assert f"ignore[{rule}]" in text or rule == "unused-ignore"
    assert summary(rule).endswith(".")
    assert max(map(len, text.splitlines())) <= 130


def test_an_unknown_rule_is_told_the_nearest() -> None:
    """As everywhere."""
    with pytest.raises(AuditUsageError, match="did you mean 'missing-method'"):
        page("missing-metod")
