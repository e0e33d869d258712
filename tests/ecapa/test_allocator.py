"""Memory settings are added to what the user has set, never in place of it."""

from __future__ import annotations

from jarvis_bench.ecapa.allocator import return_large_blocks, with_huge_pages


def test_the_users_tunables_are_kept() -> None:
    """glibc takes several, with colons between them."""
    assert with_huge_pages({})["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    mine = with_huge_pages({"GLIBC_TUNABLES": "glibc.malloc.arena_max=2", "A": "b"})
    assert mine == {"GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1", "A": "b"}


def test_the_thresholds_can_be_set_twice() -> None:
    """Every encoder of a process sets them."""
    assert return_large_blocks() == return_large_blocks()
