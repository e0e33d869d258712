"""A tree of JARVIS, given or not: the factories by colour, and what the auditor finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.upstream_audit import audit_upstream, find_factories, read_named_line

CODE = """
def get_session_manager():
    return 1


async def get_port_manager():
    return 2


class Proxies:
    def get_proxy_manager(self):
        return 3


async def start():
    port = get_port_manager()
    return port + 1
"""


def test_findings_and_factories_are_told(tmp_path: Path) -> None:
    """By rule and grade; the first missing awaits by place; a broken file is counted."""
    (tmp_path / "start.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def get_port_manager(:", encoding="utf-8")
    found = audit_upstream(tmp_path)
    assert (found.files, found.not_audited) == (1, 1)
    assert found.counts == {"missing-await (certain)": 1}
    assert found.missing == ("start.py:16 (certain) port = get_port_manager()",)
    by_name = {one.name: (one.sync, one.asynchronous) for one in found.factories}
    assert by_name == {
        "get_session_manager": (("start.py:2",), ()),
        "get_port_manager": ((), ("start.py:6",)),
        "get_proxy_manager": (("start.py:11",), ()),
        "get_connection_manager": ((), ()),
    }


def test_named_lines_are_read_where_they_are(tmp_path: Path) -> None:
    """What stands there, what does not, and what cannot be read."""
    (tmp_path / "start_system.py").write_text("\n" * 16015 + CODE.strip() + "\n", encoding="utf-8")
    found = {line.place: (line.read, line.holds) for line in audit_upstream(tmp_path).named_lines}
    assert found["start_system.py:16016"] == (True, False)
    assert found["start_system.py:17131"] == (False, False)
    assert not any(holds for _, holds in found.values())
    line = read_named_line(tmp_path, "start_system.py", 16016, "def get_session_manager")
    assert (line.place, line.read, line.holds) == ("start_system.py:16016", True, True)


def test_no_folder_and_no_code_are_named_with_the_cure(tmp_path: Path) -> None:
    """A wrong path must not read as a tree without faults."""
    with pytest.raises(UsageError, match=r"no folder .*nope: --set jarvis=PATH"):
        audit_upstream(tmp_path / "nope")
    with pytest.raises(UsageError, match="no Python file in"):
        audit_upstream(tmp_path)
    assert all(not one.sync and not one.asynchronous for one in find_factories(tmp_path))
