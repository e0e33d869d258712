"""A new revision by the user's own command."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.prober.new_revision import make_revision


def python(code: str, *arguments: str) -> str:
    """A command line that runs this code."""
    return shlex.join([sys.executable, "-c", code, *arguments])


async def test_the_number_differs_each_time(tmp_path: Path) -> None:
    """What does not change makes no revision."""
    log = tmp_path / "log"
    command = python(
        "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + '\\n')", str(log), "start={number}"
    )
    for _ in range(2):
        await make_revision(command)
    first, second = log.read_text(encoding="ascii").split()
    assert first.removeprefix("start=").isdigit()
    assert first != second


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (python("print('no permission'); raise SystemExit(3)"), "failed with 3: no permission"),
        ("/no/such/gcloud run", "cannot be run"),
        (python("input() if False else __import__('time').sleep(60)"), "did not end within 0.2 s"),
    ],
)
async def test_what_goes_wrong_is_told(command: str, said: str) -> None:
    """The sample becomes a failed one, with this text."""
    with pytest.raises(NothingMeasured, match=said):
        await make_revision(command, timeout_s=5.0 if "sleep" not in command else 0.2)
