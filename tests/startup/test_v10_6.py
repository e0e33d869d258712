"""The seed's fix is one word."""

from __future__ import annotations

import difflib

from jarvis_bench.reproduction.reproduce import EXHIBITS


def test_v10_6_differs_from_v10_5_by_one_await() -> None:
    """One line differs, and in it one word: everything else, down to the spaces, is the same."""
    before, after = (EXHIBITS[version].read_text().splitlines() for version in ("v10.5", "v10.6"))
    changes = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert [change[0] for change in changes] == ["-", "+"]
    removed, added = (change[2:] for change in changes)
    assert added.split() == [*removed.split()[:2], "await", *removed.split()[2:]]
    assert removed.strip() == "docker_manager = get_docker_daemon_manager()"
