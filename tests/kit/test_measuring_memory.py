"""Cold starts of a Cloud Run service that somebody named, by new revisions of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.kit.measuring_memory import measure_cold_start
from jarvis_bench.settings import Settings
from tests.tiers.servers import READY, http

DEPLOY = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"


class Revisions:
    """A service whose instances are of the revision that a file names; each counts its requests.

    With `checked` an instance of a new revision was started by the deployment, some time before it is asked.
    """

    def __init__(self, file: Path, *, checked: bool) -> None:
        self._file, self._checked = file, checked
        self._name, self._index, self._started_unix_s = "", 0, 0.0

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        head = await reader.readuntil(b"\r\n\r\n")
        if self._name != (revision := self._file.read_text(encoding="ascii")):
            self._name, self._index = revision, 0
            self._started_unix_s = time.time() - (60.0 if self._checked else 0.0)
        if size := re.search(rb"(?i)content-length: (\d+)", head):
            await reader.readexactly(int(size[1]))
            answer = {"embedding": [1.0] * 192, "instance_id": self._name, "request_index": self._index}
            self._index += 1
        else:
            answer = READY | {"process_start": self._started_unix_s, "import_ms": 5.0}
        writer.write(http(answer))
        writer.close()
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def service(file: Path, *, checked: bool) -> AsyncIterator[str]:
    """The URL of such a service."""
    server = await asyncio.start_server(Revisions(file, checked=checked).connect, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def measure(url: str, command: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of two cold starts, and the rest."""
    settings = Settings(
        weights="seeded", cloud_run_url=url, cloud_run_auth="none", cloud_run_new_revision_command=command
    )
    config = {"tiers": ["cloud-run"], "runtimes": ["onnx"], "repeats": 2, "cold_cache": [], "gaps": {}}
    emitted: list[tuple[str, Any]] = []
    await measure_cold_start(
        settings, config | {"gap_runtime": "onnx"}, lambda kind, value: emitted.append((kind, value))
    )
    (facts,) = [value for kind, value in emitted if kind == "facts"]
    return [value for kind, value in emitted if kind == "row"], facts


@pytest.mark.model
@pytest.mark.parametrize(("checked", "cold"), [(False, 2), (True, 0)])
async def test_a_new_revision_s_first_answer_is_cold_where_nothing_was_started_before(
    weights: object, tmp_path: Path, checked: bool, cold: int
) -> None:
    """What the deployment has started by itself is up before it is asked: its first answer is a warm sample."""
    file = tmp_path / "revision"
    file.write_text("0", encoding="ascii")
    command = shlex.join([sys.executable, "-c", DEPLOY, str(file), "{number}"])
    async with service(file, checked=checked) as url:
        rows, facts = await measure(url, command)
    assert {(row["way"], row["how"]) for row in rows} == {("new revision", "measured")}
    assert len({row["instance_id"] for row in rows}) == 2
    assert [row["request_index"] for row in rows] == [0, 1, 0, 1]
    (summary,) = facts["summaries"]
    assert (summary["cold"], summary["warm"]) == (cold, 4 - cold)


@pytest.mark.model
async def test_a_revision_that_cannot_be_made_is_a_failed_start(weights: object, tmp_path: Path) -> None:
    """Counted, with what the command said; nothing is measured in its place."""
    file = tmp_path / "revision"
    file.write_text("0", encoding="ascii")
    command = shlex.join([sys.executable, "-c", "raise SystemExit('no permission')"])
    async with service(file, checked=False) as url:
        rows, facts = await measure(url, command)
    assert [row["cold"] for row in rows] == [None, None]
    assert all("failed with 1: no permission" in row["error"] for row in rows)
    assert facts["summaries"][0]["failed"] == 2
