"""The audit as people see it: every word is one of the rows'."""

from __future__ import annotations

import dataclasses

from jarvis_bench.kit.upstream_audit import Factory, UpstreamAudit
from jarvis_bench.report import audits

from .finished_run import AUDIT, SIGHTS

UPSTREAM = UpstreamAudit(
    files=10,
    lines=2000,
    not_audited=1,
    counts={"missing-await (certain)": 2},
    missing=("start.py:3 (certain) x = f()",),
    factories=(Factory("get_port_manager", ("a.py:1",), ()), Factory("get_proxy_manager", (), ())),
)


def test_the_picture_says_its_tiles_in_words() -> None:
    """Every tool and fault stands in the alt text; both colour schemes are drawn."""
    figure = audits.sight_matrix(SIGHTS)
    assert "jarvis-bench audit on missing await: names the place (line 117)" in figure.alt
    assert "mypy on missing await: names a later line (line 118, 1 below)" in figure.alt
    assert "ty on missing await: not installed" in figure.alt
    assert figure.light != figure.dark


def test_the_sentence_groups_the_tools_and_names_the_absent() -> None:
    """With the cure for those."""
    text = audits.sight_reading(SIGHTS).text
    assert (
        "missing await — names the place: jarvis-bench audit; names a later line: mypy; says nothing: ruff."
        in text
    )
    assert "Not installed, so not run: ty (pip install 'jarvis-bench[peers]')." in text


def test_tables_have_a_row_for_each_finding_tool_and_message() -> None:
    """Tools that say nothing or are absent have no words of their own."""
    assert list(audits.sight_table(SIGHTS).frame["tool"]) == ["mypy", "jarvis-bench audit"]
    assert list(audits.tools_table(SIGHTS).frame["other messages"]) == [3, 3, "–", 3]
    assert list(audits.findings_table(AUDIT).frame["rule"]) == [
        f"{one.rule} (certain)" for one in AUDIT.findings
    ]


def test_the_findings_are_told_by_version_and_the_fix_is_compared() -> None:
    """A fix that is not the document's is said in capitals."""
    text = audits.findings_reading(AUDIT).text
    assert "v10.6: racy-async-singleton, missing-method" in text
    assert "v10.5 after --fix equals v10.6" in text
    changed = dataclasses.replace(AUDIT, fix_equals_v10_6=False)
    assert "does NOT equal" in audits.findings_reading(changed).text


def test_an_upstream_tree_is_told_or_its_absence() -> None:
    """Counts, factories and the first missing awaits."""
    assert "no tree of JARVIS was given" in audits.upstream_reading(AUDIT).text
    text = audits.upstream_reading(dataclasses.replace(AUDIT, upstream=UPSTREAM)).text
    assert "10 files, 2,000 lines, 1 files not audited. Found: 2 missing-await (certain)." in text
    assert "get_port_manager: 1 sync and 0 async definitions (a.py:1)." in text
    assert text.endswith("start.py:3 (certain) x = f()")
