"""A notebook's side of a run: where it writes, and what earlier notebooks of the run have written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.errors import OutputError
from jarvis_bench.kit.claims import Check, load_checks
from jarvis_bench.kit.run_folder import RunFolder, by_hand_folder
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.records import as_json
from jarvis_bench.settings import Settings, read_settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Session:
    """What a notebook gets from `open_run`."""

    folder: RunFolder
    settings: Settings

    def keep_rows(self, name: str, rows: Sequence[DataclassInstance]) -> None:
        """Write records as a parquet table, one row each."""
        self.folder.write_table(name, rows_table(rows))

    def keep_record(self, name: str, record: DataclassInstance) -> None:
        """Write one record as JSON."""
        self.folder.write_json(name, as_json(record))

    def progress(self) -> Callable[[str], None]:
        """A line in the notebook that is rewritten as work goes on."""
        from IPython.display import Pretty, display

        handle = display(Pretty("…"), display_id=True)
        return lambda text: handle.update(Pretty(text)) if handle is not None else None

    def checks(self) -> tuple[Check, ...]:
        """The claims to judge."""
        return load_checks(self.settings.data_dir)


def open_run(out_dir: str = "") -> Session:
    """Open the folder that this notebook writes to.

    Args:
        out_dir: the run's folder; empty means `reports/by-hand` of the checkout, shared by all notebooks that
            are run by hand.
    """
    settings = read_settings()
    folder = RunFolder(Path(out_dir).expanduser().resolve()) if out_dir else by_hand_folder(settings.home)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(f"cannot write to {folder.path}: {exc.strerror}") from exc
    return Session(folder, settings)
