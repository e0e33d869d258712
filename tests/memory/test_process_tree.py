"""A process with its children: what may be added is added, and what may not has another name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory import process_tree
from jarvis_bench.memory.process_tree import read_tree, read_tree_cheap, tree_pids
from jarvis_bench.process_memory import HAS_PROC

from .holder import holder

pytestmark = pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
child.stdin.close()
child.wait()
"""


def test_a_tree_of_one_has_the_plain_names() -> None:
    """Nothing was added, so nothing is a bound."""
    with holder() as process:
        assert tree_pids(process.pid) == (process.pid,)
        assert {"rss", "vm-hwm", "pss"} <= read_tree((process.pid,)).keys()


@pytest.mark.parametrize("told", [True, False])
def test_children_are_found_and_sums_are_named(monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    """PSS is added; the sum of RSS and of high-water marks says that it is one; with and without the kernel's list."""
    monkeypatch.setattr(process_tree, "TELLS_CHILDREN", told and process_tree.TELLS_CHILDREN)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        pids = tree_pids(parent.pid)
        assert pids == (parent.pid, child)
        both, one = read_tree(pids), read_tree(pids[:1])
        cheap = read_tree_cheap(pids)
        parent.communicate("")
    assert both["pss"] > one["pss"]
    assert not {"rss", "vm-hwm"} & both.keys()
    assert {"rss-sum", "vm-hwm-bound", "uss"} <= both.keys()
    assert set(cheap) == {"rss-sum", "rss-anon-sum", "rss-file-sum"}


def test_a_child_that_has_ended_is_left_out_and_a_missing_parent_is_an_error() -> None:
    """The tree is its first process's."""
    with holder() as process:
        assert read_tree((process.pid, 2**22 + 1))["rss"] > 0
    with pytest.raises(NothingMeasured):
        read_tree((2**22 + 1,))
