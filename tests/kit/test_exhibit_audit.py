"""The exhibit holds exactly the faults that it is kept for."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_bench.kit.exhibit_audit import SILENT, AwaitAudit, audit_exhibit
from jarvis_bench.reproduction.reproduce import EXHIBITS


@pytest.fixture(scope="module")
def audited() -> AwaitAudit:
    """The audit without an upstream tree."""
    return asyncio.run(audit_exhibit())


def test_each_version_has_the_expected_findings_and_no_other(audited: AwaitAudit) -> None:
    """v10.5: missing await and race; v10.6: two missing methods and race; v10.7: race; and the silent adapter."""
    race = ("racy-async-singleton", "certain", "if _docker_daemon_manager is None:")
    assert [(one.version, one.rule, one.grade, one.source) for one in audited.findings] == [
        ("v10.5", *race),
        ("v10.5", "missing-await", "certain", "docker_manager = get_docker_daemon_manager()"),
        ("v10.6", *race),
        ("v10.6", "missing-method", "certain", "if not await docker_manager.check_docker_installed():"),
        ("v10.6", "missing-method", "certain", "if await docker_manager.check_daemon_running():"),
        ("v10.7", *race),
        (SILENT, "missing-await", "certain", "self._adapter = get_tiered_vbia_adapter()"),
    ]


def test_the_fix_of_v10_5_is_v10_6_and_the_exhibit_is_left_alone(audited: AwaitAudit) -> None:
    """Byte for byte, on a copy."""
    assert audited.fix_equals_v10_6
    assert b" = get_docker_daemon_manager()" in EXHIBITS["v10.5"].read_bytes()
    assert audited.upstream is None
