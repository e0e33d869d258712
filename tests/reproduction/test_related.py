"""The bug in its smallest form, its relatives, and the size of the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.reproduction.related import RelatedFaults, exhibit_lines, fix_size, related_faults

pytestmark = pytest.mark.unawaited("the lost coroutine is what these tests look at")


@pytest.fixture
async def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RelatedFaults:
    """All three, run where no command of this machine is found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return await related_faults()


async def test_one_call_with_and_without_await(faults: RelatedFaults) -> None:
    """Without `await` the factory gives a coroutine, and the interpreter warns; with it, the manager."""
    assert (faults.call.without_await, faults.call.with_await) == ("coroutine", "DockerDaemonManager")
    (warning,) = faults.call.warnings
    assert warning.startswith("RuntimeWarning: coroutine 'get_docker_daemon_manager' was never awaited")


async def test_silent_adapter_believes_and_never_works(faults: RelatedFaults) -> None:
    """A kept coroutine is truthy: nothing fails, and nobody is verified."""
    adapter = faults.adapter
    assert (adapter.kept_type, adapter.believes_ready) == ("coroutine", True)
    assert (adapter.verified, adapter.error) == (False, None)
    (warning,) = adapter.warnings
    assert "coroutine 'get_tiered_vbia_adapter' was never awaited" in warning
    assert "jarvis_bench/startup/silent_adapter.py:" in warning


async def test_module_without_its_import_fails(faults: RelatedFaults) -> None:
    """Using `Enum` without importing it fails when the module is imported."""
    assert faults.missing_import_error == "NameError: name 'Enum' is not defined"


def test_fix_is_one_word_and_all_versions_compile() -> None:
    """v10.6 adds `await` and removes nothing; no version has a syntax error to be found by."""
    size = fix_size()
    assert (size.added, size.removed) == (("await",), ())
    assert size.compiles == ("v10.5", "v10.6", "v10.7")


def test_size_of_another_change_is_counted_too(tmp_path: Path) -> None:
    """The comparison sees every word, so that `one word` is a finding."""
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text("value = old(1)\n")
    after.write_text("value = new(1, 2)\n")
    size = fix_size(before, after)
    assert (size.added, size.removed) == (("new", ",", "2"), ("old",))


def test_lines_of_an_exhibit_are_numbered() -> None:
    """A quotation shows the lines as they are in the file, with their numbers."""
    shown = exhibit_lines("v10.5", "docker_manager = get_docker_daemon_manager()", 2).splitlines()
    source = Path("jarvis_bench/startup/v10_5.py")
    lines = (Path(__file__).parents[2] / source).read_text().splitlines()
    first = int(shown[0].split()[0])
    assert shown == [f"{number:4} {lines[number - 1]}" for number in (first, first + 1)]
    assert "check_docker_installed" in shown[1]
