"""A page for each rule, and a rule for each page."""

from __future__ import annotations

import ast
import re
from importlib import resources
from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, audit
from jarvis_bench.await_audit.explain import page, summary
from jarvis_bench.await_audit.failures import AuditUsageError
from jarvis_bench.await_audit.records import RULES
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


def blocks(rule: str) -> tuple[str, str]:
    """The bad code of a page as it stands, and the same with the good code in the place of what it replaces."""
    bad, good = re.findall(r"```python\n(.*?)```", page(rule), flags=re.DOTALL)
    names = {
        node.name for node in ast.parse(good).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    kept = [node for node in ast.parse(bad).body if getattr(node, "name", None) not in names]
    return bad, "\n\n".join([*map(ast.unparse, kept), good])


@pytest.mark.parametrize("rule", RULES)
def test_the_code_of_a_page_is_found_and_its_cure_is_silent(rule: str, tmp_path: Path) -> None:
    """What the page says, the auditor does."""
    found = []
    for code in blocks(rule):
        (tmp_path / "page.py").write_text(code, encoding="utf-8")
        result = audit([tmp_path], AuditOptions(root=tmp_path, jobs=1))
        assert not result.problems
        found.append([one.rule for one in result.findings])
    assert found == [[rule], []]
