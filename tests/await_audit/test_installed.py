"""Installed packages and stubs: what is known of libraries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_bench.await_audit import AuditOptions, audit
from jarvis_bench.await_audit.installed import search_path
from jarvis_bench.await_audit.stub_source import stub_source
from jarvis_bench.await_audit.third_party import TABLE
from tests.await_audit.test_audit import found, write

USER = (
    "from fetcher import Client\n\n\nasync def main(other):\n    client = Client()\n    client.download()\n"
)
USER += "    await other.download()\n" * 3


def interpreter(folder: Path, *paths: Path) -> Path:
    """A program that answers like an interpreter with this search path."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\necho '{json.dumps([str(path) for path in paths])}'\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def test_an_installed_package_is_read_where_a_name_leads(tmp_path: Path) -> None:
    """The method is async in the installed class: certain; without the package only the habit is left."""
    write(tmp_path / "tree", user=USER)
    write(
        tmp_path / "site",
        fetcher____init__="class Client:\n    async def download(self):\n        return 1\n",
    )
    python = interpreter(tmp_path, tmp_path / "site")
    for chosen, grade in ((python, "certain"), (None, "likely")):
        options = AuditOptions(root=tmp_path / "tree", python=chosen, jobs=1)
        assert found(audit([tmp_path / "tree"], options)) == [("user.py", 6, grade)]


def test_an_interpreter_that_cannot_be_asked_has_no_packages(tmp_path: Path) -> None:
    """The audit goes on without."""
    assert search_path(tmp_path / "no-python") == ()


@pytest.mark.parametrize("module", TABLE)
def test_stubs_are_valid_python(module: str) -> None:
    """Every row of the table compiles."""
    compile(stub_source(module), module, "exec")


AIOHTTP = "async with aiohttp.ClientSession() as s:\n        async with s.get('u') as r:"
SESSION = "from sqlalchemy.ext.asyncio import AsyncSession"
CALLS = {
    "aiohttp": (f"{AIOHTTP}\n            r.json()", 7),
    "httpx": ("client = httpx.AsyncClient()\n    client.get('u').json()", 6),
    "discord": ("def inner(): pass\n    async def g(m: discord.Message):\n        m.delete()", 7),
    "sqlalchemy": (f"{SESSION}\n    async def g(s: AsyncSession):\n        s.commit()", 7),
}


@pytest.mark.parametrize("library", CALLS)
def test_much_used_libraries_are_known_without_being_installed(tmp_path: Path, library: str) -> None:
    """The tables stand in for the packages."""
    body, line = CALLS[library]
    write(tmp_path, user=f"import {library}\n\n\nasync def main():\n    {body}\n")
    assert found(audit([tmp_path], AuditOptions(root=tmp_path, jobs=1))) == [("user.py", line, "certain")]
