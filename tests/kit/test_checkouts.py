"""Commits beside the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.checkouts import checked_out, resolve

WORKER = "print('--runtime --model --threads --core')"


def git(home: Path, *arguments: str) -> str:
    """git in a repository that knows nobody's settings."""
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", home, *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A repository of three commits: without the package, with an old model process, and with a new one."""
    folder = tmp_path / "home"
    package = folder / "jarvis_bench" / "ecapa"
    package.mkdir(parents=True)
    git(tmp_path, "init", "--quiet", str(folder))
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "Begin")
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    for text in ("print('--runtime')", WORKER):
        (package / "worker.py").write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", text)
    return folder


async def test_a_commit_is_there_and_then_gone(home: Path) -> None:
    """Its files, under its hash; the repository forgets the worktree, and the working copy is untouched."""
    (home / "jarvis_bench" / "ecapa" / "worker.py").write_text("changed", encoding="utf-8")
    async with checked_out(home, "HEAD") as folder:
        assert (folder / "jarvis_bench" / "ecapa" / "worker.py").read_text(encoding="utf-8") == WORKER
        assert folder.name == git(home, "rev-parse", "HEAD")[:12]
    assert not folder.exists()
    assert git(home, "worktree", "list").count("\n") == 0
    assert (home / "jarvis_bench" / "ecapa" / "worker.py").read_text(encoding="utf-8") == "changed"


@pytest.mark.parametrize(("revision", "said"), [("HEAD~1", "--threads"), ("HEAD~2", "worker.py")])
async def test_a_commit_that_cannot_be_measured_says_why(home: Path, revision: str, said: str) -> None:
    """And leaves nothing behind."""
    with pytest.raises(UsageError, match=said):
        async with checked_out(home, revision):
            pass
    assert git(home, "worktree", "list").count("\n") == 0


@pytest.mark.parametrize("revision", ["nothing", "--help", "HEAD:jarvis_bench"])
async def test_what_is_no_commit_is_named(home: Path, revision: str) -> None:
    """Whatever else git might make of it."""
    with pytest.raises(UsageError, match="no commit"):
        await resolve(home, revision)
