"""Commits of this repository, checked out beside it for as long as they are measured."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from jarvis_bench.child_process import child_process, read_output
from jarvis_bench.errors import UsageError

HASH_SHOWN = 12


@contextlib.asynccontextmanager
async def checked_out(home: Path, revision: str) -> AsyncIterator[Path]:
    """A git worktree of a commit, in a temporary folder named by its hash; removed afterwards.

    Its code is run with this environment's interpreter and packages, so that nothing but the code differs.

    Raises:
        UsageError: no git, no such commit, or a commit without this package.
    """
    commit = await resolve(home, revision)
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as temporary:
        folder = Path(temporary) / commit[:HASH_SHOWN]
        await _git(home, "worktree", "add", "--quiet", "--detach", str(folder), commit)
        try:
            await _check(folder, revision)
            yield folder
        finally:
            # Shielded: a second Ctrl-C must not leave the repository with a worktree that is gone.
            await asyncio.shield(_remove(home, folder))


async def resolve(home: Path, revision: str) -> str:
    """The full hash of a commit.

    Raises:
        UsageError: there is no such commit, or no repository.
    """
    try:
        return await _git(
            home, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except UsageError as exc:
        raise UsageError(
            f"{revision!r} is no tier (local, local:RUNTIME, a URL), no KEY=VALUE, and no commit of {home}"
        ) from exc


async def _check(folder: Path, revision: str) -> None:
    """What is measured must be the commit's code, not the installed one."""
    if not (folder / "jarvis_bench" / "ecapa" / "worker.py").is_file():
        raise UsageError(f"{revision} has no model process to measure (jarvis_bench/ecapa/worker.py)")
    async with child_process("jarvis_bench.ecapa.worker", ["--help"], cwd=folder) as process:
        text = (await read_output(process)).decode(errors="replace")
    wanted = ("--runtime", "--model", "--threads", "--core")
    if missing := [option for option in wanted if option not in text]:
        raise UsageError(f"the model process of {revision} does not know {', '.join(missing)}: it is too old")


async def _remove(home: Path, folder: Path) -> None:
    with contextlib.suppress(UsageError):
        await _git(home, "worktree", "remove", "--force", str(folder))
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    with contextlib.suppress(UsageError):
        await _git(home, "worktree", "prune")


async def _git(home: Path, *arguments: str) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *("-C", str(home), *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError as exc:
        raise UsageError("comparing commits needs git") from exc
    output, complaint = await process.communicate()
    if process.returncode:
        raise UsageError(f"git {arguments[0]}: {complaint.decode(errors='replace').strip() or 'failed'}")
    return output.decode().strip()
