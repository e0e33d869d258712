"""Coroutines of libraries that are not installed, and calls that only their use tells apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.await_audit.test_audit import audited, found, write

ANYIO = "from anyio import Path, open_file, to_thread\n\n\nasync def main(name):\n    path = Path(name)\n"


@pytest.mark.parametrize(
    "line",
    ["print(path.read_text())", "to_thread.run_sync(print)", "link = path.readlink()\n    return link.name"],
)
def test_anyio_is_known(tmp_path: Path, line: str) -> None:
    """Its paths look like those of pathlib, and are not."""
    write(tmp_path, user=f"{ANYIO}    {line}\n")
    assert [row[:2] for row in found(audited(tmp_path))] == [("user.py", 6)]


@pytest.mark.parametrize(
    "line", ["async for one in path.iterdir():\n        print(one)", "return path.parent / name"]
)
def test_what_anyio_gives_at_once(tmp_path: Path, line: str) -> None:
    """Iterators and parts of a path need no await."""
    write(tmp_path, user=f"{ANYIO}    {line}\n")
    assert found(audited(tmp_path)) == []


def test_definitions_nearby_settle_a_name_of_two_colours(tmp_path: Path) -> None:
    """A package for both worlds: the folder of the caller tells which twin is meant, and only as likely."""
    twin = "class Pool:\n    async def find_master(self):\n        return 1\n"
    use = "async def one(p):\n    return await p.find_master()\n\n\nasync def two(p):\n    p.find_master()\n"
    write(tmp_path, sync__pool=twin.replace("async ", ""), aio__pool=twin, aio__use=use, aio____init__="")
    assert found(audited(tmp_path)) == [("use.py", 6, "likely")]


def test_a_use_of_the_class_is_no_await(tmp_path: Path) -> None:
    """`type(x)` reads no result, but it keeps no coroutine for later either."""
    text = (
        "async def get():\n    return 1\n\n\nasync def main():\n    x = get()\n    print(type(x), x.real)\n"
    )
    write(tmp_path, user=text)
    assert [row[:2] for row in found(audited(tmp_path))] == [("user.py", 6)]


def test_entering_one_of_two_colours(tmp_path: Path) -> None:
    """`async with` on a union means the member that can be entered so."""
    pair = (
        "class Sync:\n    def read_flow(self):\n        return 1\n\n\n"
        "class Async:\n    async def __aenter__(self):\n        return self\n\n"
        "    async def read_flow(self):\n        return 1\n\n\n"
        "def client() -> Sync | Async:\n    return Async()\n"
    )
    use = "\n\nasync def main():\n    async with client() as one:\n        one.read_flow()\n"
    write(tmp_path, user=pair + use)
    assert [row[:2] for row in found(audited(tmp_path))] == [("user.py", 20)]


def test_methods_of_a_database_that_no_annotation_tells(tmp_path: Path) -> None:
    """Collections of motor come out of attributes and subscripts; the library that is imported tells."""
    text = "import motor.motor_asyncio\n\n\nasync def store(db, row):\n    db['users'].insert_one(row)\n"
    write(tmp_path, user=text)
    assert found(audited(tmp_path)) == [("user.py", 5, "likely")]


def test_an_async_twin_by_its_name(tmp_path: Path) -> None:
    """`render_async` is a coroutine wherever nothing sync is called so; `apply_async` hands over a task."""
    text = "async def show(template, task):\n    task.apply_async()\n    return template.render_async()\n"
    write(tmp_path, user=text)
    assert found(audited(tmp_path)) == [("user.py", 3, "likely")]


def test_what_one_library_takes_from_another(tmp_path: Path) -> None:
    """The old aioredis gives clients that redis describes."""
    text = (
        "import aioredis\n\n\nasync def main():\n"
        "    pool = await aioredis.create_redis_pool('here')\n    pool.get('key')\n"
    )
    write(tmp_path, user=text)
    assert found(audited(tmp_path)) == [("user.py", 6, "certain")]


def test_two_missing_awaits_of_one_name_in_a_file(tmp_path: Path) -> None:
    """A name that is only ever async is suspected however often the file forgets it."""
    text = "async def one(box):\n    box.refill_all()\n\n\nasync def two(box):\n    box.refill_all()\n"
    box = "class Box:\n    async def refill_all(self):\n        return 1\n"
    users = "".join(f"\n\nasync def use{n}(box):\n    await box.refill_all()\n" for n in range(3))
    write(tmp_path, user=text, other=box + users)
    assert [row[1] for row in found(audited(tmp_path))] == [2, 6]
