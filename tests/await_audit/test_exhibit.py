"""The exhibit gives exactly the findings it is kept for, and the fix of v10.5 is v10.6."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import jarvis_bench
from jarvis_bench.await_audit import AuditOptions, AuditResult, apply_fixes, audit, diff

EXHIBIT = Path(jarvis_bench.__file__).parent / "startup"
RACY = ("racy-async-singleton", 108)
EXPECTED = {
    "v10_5.py": [RACY, ("missing-await", 117)],
    "v10_6.py": [RACY, ("missing-method", 118), ("missing-method", 121)],
    "v10_7.py": [RACY],
    "silent_adapter.py": [("missing-await", 28)],
}


def audited(path: Path) -> AuditResult:
    """Audit one file as a tree of its own."""
    return audit([path], AuditOptions(root=path.parent, jobs=1))


@pytest.mark.parametrize("name", EXPECTED)
def test_each_version_gives_its_own_findings(name: str, tmp_path: Path) -> None:
    """Right rule, right line, all certain: alone, and beside the other versions."""
    shutil.copy(EXHIBIT / name, tmp_path / name)
    for path in (tmp_path / name, EXHIBIT / name):
        result = audited(path)
        assert [(one.rule, one.line) for one in result.findings] == EXPECTED[name]
        assert {one.grade for one in result.findings} == {"certain"}


def test_the_fix_of_v10_5_is_v10_6_up_to_the_renamed_methods(tmp_path: Path) -> None:
    """One word is inserted, and nothing else changes."""
    path = tmp_path / "v10_5.py"
    shutil.copy(EXHIBIT / "v10_5.py", path)
    result = audited(path)
    assert "+        docker_manager = await get_docker_daemon_manager()\n" in diff(result)
    assert apply_fixes(result) == (path,)
    assert path.read_bytes() == (EXHIBIT / "v10_6.py").read_bytes()
    again = audited(path)
    assert [(one.rule, one.line) for one in again.findings] == EXPECTED["v10_6.py"]
    assert apply_fixes(again) == ()


def test_the_silent_adapter_is_fixed_where_the_coroutine_is_made(tmp_path: Path) -> None:
    """The coroutine that is only stored is found without any error at run time."""
    path = tmp_path / "silent_adapter.py"
    shutil.copy(EXHIBIT / "silent_adapter.py", path)
    assert apply_fixes(audited(path)) == (path,)
    assert "self._adapter = await get_tiered_vbia_adapter()" in path.read_text(encoding="utf-8")
    assert audited(path).findings == ()


def test_a_missing_method_names_the_nearest_one() -> None:
    """What to do is said where nothing can be inserted."""
    found = audited(EXHIBIT / "v10_6.py").findings[1]
    assert not found.fix.applicable
    assert "check_installation" in found.fix.description
    assert "no class of the tree" in found.evidence
