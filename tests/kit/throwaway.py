"""Small notebooks in a checkout of their own, so that tests of the runner are quick and spoil nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from jarvis_bench.settings import CHECKOUT, Settings

PARAMETERS = """\
out_dir: str = ""  # the run's folder
count: int = 1  # how many
ratio: float = 0.5  # how much
eager: bool = False  # whether at once
lengths: list = [1.0, 3.0]  # how long
world: str = "here"  # where"""
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A notebook to be: its name, the cells after its parameters, and the artefacts that it declares."""

    name: str
    cells: tuple[str, ...] = ()
    artefacts: tuple[str, ...] = ()
    parameters: str = PARAMETERS

    def write(self, folder: Path) -> Path:
        """Write it as an .ipynb file; its cells are called `title`, `parameters`, `cell-0`, `cell-1`, …"""
        cells = [
            new_markdown_cell(f"# All about {self.name}\n\nWhat becomes of it?", id="title"),
            new_code_cell(self.parameters, id="parameters", metadata={"tags": ["parameters"]}),
            *(new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(self.cells)),
        ]
        metadata = {"kernelspec": KERNELSPEC, "jarvis_bench": {"artefacts": list(self.artefacts)}}
        path = folder / f"{self.name}.ipynb"
        nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
        return path


def keeping(name: str, *artefacts: str) -> Throwaway:
    """A notebook that does what it should: it writes each of its artefacts."""
    lines = [
        "from pathlib import Path",
        *(f"Path(out_dir, {path!r}).write_text('[1]')" for path in artefacts),
    ]
    return Throwaway(name, ("\n".join(lines),), artefacts)


def make_checkout(
    home: Path, *notebooks: Throwaway, cell_timeout_s: int = 60, profiles: Mapping[str, Any] | None = None
) -> Settings:
    """A checkout with these notebooks, this repository's data, and one profile, `quick`, unless others are given."""
    folder = home / "notebooks"
    folder.mkdir(parents=True)
    (home / "data").symlink_to(CHECKOUT / "data")
    for notebook in notebooks:
        notebook.write(folder)
    content = {"profiles": profiles or {"quick": {"cell_timeout_s": cell_timeout_s}}}
    (folder / "profiles.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return Settings(home=home, cache_dir=home / ".cache")


def processes_of(home: Path) -> list[str]:
    """The command lines of all processes that were started for a run of this checkout and are still there."""
    return [" ".join(process.cmdline()) for process in psutil.process_iter() if _belongs(process, home)]


def end_processes_of(home: Path) -> None:
    """End them, so that a failed test leaves nothing behind."""
    victims = [process for process in psutil.process_iter() if _belongs(process, home)]
    for process in victims:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(victims, timeout=DEADLINE_S)


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("JARVIS_BENCH_HOME") == str(home)
    except psutil.Error:
        return False


def wait_for(folder: Path, pattern: str) -> None:
    """Until a file matches the pattern."""
    wait_until(lambda: any(folder.glob(pattern)), f"{pattern} in {folder}")


def wait_until(there: Callable[[], bool], what: str) -> None:
    """Until the real program has come so far."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not there():
        assert time.monotonic() < deadline_s, f"no {what} after {DEADLINE_S:g} s"
        time.sleep(0.05)
