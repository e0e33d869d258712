"""What is told when a name or a path does not exist."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.await_audit.failures import nearest_name, unknown_name


def test_an_unknown_name_is_told_the_nearest_and_all_others() -> None:
    """The cure stands in the message."""
    text = str(unknown_name("format", "sarf", ("text", "sarif")))
    assert text == "unknown format 'sarf'; did you mean 'sarif'? (known: text, sarif)"
    assert str(unknown_name("format", "zzz", ("text",))) == "unknown format 'zzz' (known: text)"


def test_a_wrong_path_is_told_the_nearest_name(tmp_path: Path) -> None:
    """Also where a folder on the way is wrong; nothing where nothing is near."""
    (tmp_path / "package").mkdir()
    assert nearest_name(tmp_path / "pakage") == str(tmp_path / "package")
    assert nearest_name(tmp_path / "pakage" / "a.py") == str(tmp_path / "package")
    assert nearest_name(tmp_path / "zzz") == ""
