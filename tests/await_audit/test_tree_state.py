"""The cache: whatever changes, the answer is the one of a fresh audit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, AuditResult, audit
from tests.await_audit.test_audit import DROPPED, write

STORE = "class Store:\n    async def save(self):\n        return 1\n\n\ndef make() -> Store:\n    return Store()\n"
USER = "from store import make\n\n\nasync def main():\n    make().save()\n"
CALLERS = "async def caller(thing):\n    await thing.persist()\n    await thing.persist()\n    await thing.persist()\n"

TAKER = "async def take(given):\n    waiting = given\n    await waiting\n"
GIVER = "from taker import take\n\n\nasync def work():\n    return 1\n\n\nasync def give():\n    await take(work())\n"

CHANGES = {
    "nothing": {},
    "comment": {"user": "# later\n" + USER},
    "method becomes sync": {"store": STORE.replace("async def save", "def save")},
    "await inserted": {"user": USER.replace("    make", "    await make")},
    "new async name": {
        "other": "async def brand_new():\n    return 1\n",
        "late": "async def f():\n    brand_new()\n",
    },
    "new habit": {"user": USER + "    await make().other()\n", "habit": CALLERS.replace("persist", "stay")},
    "new class": {"user": USER + "\n\nclass Other:\n    def save(self):\n        return 3\n"},
    "new import": {"user": "import store\n" + USER + "    store.make().save()\n"},
    "first import of a library": {"user": "import aiohttp\n" + USER},
    "awaited twice": {"user": USER + "    await (await make().save())\n"},
    "passed on": {
        "other": "async def dropped():\n    return 1\n\n\nasync def brand_new():\n    return 1\n",
        "child": "from other import brand_new\n\n\ndef passing():\n    return brand_new()\n",
        "late": "from child import passing\n\n\nasync def f():\n    passing()\n",
    },
    "new subclass": {
        "child": "from store import Store\n\n\nclass Child(Store):\n    def save(self):\n        return 2\n"
    },
    "what a callee does with it": {"taker": TAKER.replace("await waiting", "print(waiting)")},
    "new file": {"added": DROPPED},
    "syntax error": {"store": "class Store(:\n"},
}


def options(folder: Path, cache: Path | None) -> AuditOptions:
    """One process, with or without a cache."""
    return AuditOptions(root=folder, cache_dir=cache, jobs=1)


def content(result: AuditResult) -> tuple[object, ...]:
    """What must not depend on the cache."""
    return result.findings, result.problems, result.files_read, result.lines_read


@pytest.mark.parametrize("change", CHANGES)
def test_an_updated_answer_is_the_fresh_one(tmp_path: Path, change: str) -> None:
    """Audit, change some files, audit with the cache, and compare with an audit without."""
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    write(tree, store=STORE, user=USER, habit=CALLERS, other=DROPPED, child="x = 1\n")
    write(tree, taker=TAKER, giver=GIVER)
    write(tree, late="from other import *\n\n\nasync def f(thing):\n    thing.persist()\n    thing.stay()\n")
    first = audit([tree], options(tree, cache))
    assert content(first) == content(audit([tree], options(tree, None)))
    write(tree, **CHANGES[change])
    for path in tree.rglob("*.py"):
        if path.stem in CHANGES[change]:
            os.utime(path, ns=(1, 1))
    assert content(audit([tree], options(tree, cache))) == content(audit([tree], options(tree, None)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_hook_on_one_file_and_the_whole_tree_after_it(tmp_path: Path, change: str) -> None:
    """Files that nobody asked for are judged when somebody does; each answer is the fresh one."""
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    write(tree, store=STORE, user=USER, habit=CALLERS, other=DROPPED, child="x = 1\n")
    write(tree, taker=TAKER, giver=GIVER)
    write(tree, late="from other import *\n\n\nasync def f(thing):\n    thing.persist()\n    thing.stay()\n")
    asked = [tree / "late.py"], [tree / "user.py", tree / "store.py"], [tree]
    audit([tree / "user.py"], options(tree, cache))
    write(tree, **CHANGES[change])
    for paths in asked:
        assert content(audit(paths, options(tree, cache))) == content(audit(paths, options(tree, None)))


def test_unchanged_files_come_from_the_cache(tmp_path: Path) -> None:
    """Only what has changed is read again; a new time alone is no change."""
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    write(tree, store=STORE, user=USER)
    assert audit([tree], options(tree, cache)).files_from_cache == 0
    os.utime(tree / "store.py", ns=(1, 1))
    assert audit([tree], options(tree, cache)).files_from_cache == 2
    write(tree, user=USER + "# more\n")
    assert audit([tree], options(tree, cache)).files_from_cache == 1


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"\xff" * 4000])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    """The audit goes on, and the cache is written anew."""
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    write(tree, store=STORE, user=USER)
    first = audit([tree], options(tree, cache))
    [kept] = cache.iterdir()
    kept.write_bytes(damage)
    assert content(audit([tree], options(tree, cache))) == content(first)
    assert audit([tree], options(tree, cache)).files_from_cache == 2


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """A file where the folder should be: the audit works without."""
    write(tmp_path / "tree", store=STORE, user=USER)
    (tmp_path / "cache").write_text("", encoding="utf-8")
    assert len(audit([tmp_path / "tree"], options(tmp_path / "tree", tmp_path / "cache")).findings) == 1


def test_the_order_of_judging_changes_nothing(tmp_path: Path) -> None:
    """Processes take portions as they are free, so each sees the files in an order of its own."""
    chain = "".join(
        f"async def {one}(x):\n    return await {next_}(x)\n\n\n"
        for one, next_ in zip("abcde", "bcdef", strict=True)
    )
    chain += "async def f(x):\n    return await x\n"
    takers = {
        f"from_{one}": f"from chain import {one}\n\n\nasync def work():\n    return 1\n\n\n"
        f"async def give():\n    await {one}(work())\n"
        for one in "abcdef"
    }
    names = sorted(takers)
    found = []
    for order in (names, names[::-1]):
        tree = tmp_path / order[0]
        write(tree, chain=chain, **{f"taker_{place}": takers[name] for place, name in enumerate(order)})
        result = audit([tree], options(tree, None))
        placed = {order[int(one.path.stem.rpartition("_")[2])]: one.grade for one in result.findings}
        found.append(placed)
    assert found[0] == found[1]
