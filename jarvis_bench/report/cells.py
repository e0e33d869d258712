"""The cells of an executed notebook as its page shows them."""

from __future__ import annotations

import copy
from typing import Final

from nbformat import NotebookNode

PARAMETERS: Final = "parameters"
INJECTED: Final = "injected-parameters"
_PAPERMILL_BANNER: Final = "papermill-error-cell-tag"


def prepare(notebook: NotebookNode, title: str, question: str) -> NotebookNode:
    """A copy whose cells all have a stable id, without what the page's own header already says."""
    prepared = copy.deepcopy(notebook)
    prepared.cells = [cell for cell in prepared.cells if _PAPERMILL_BANNER not in _tags(cell)]
    _identify(prepared)
    if prepared.cells and prepared.cells[0].cell_type == "markdown":
        prepared.cells[0].source = _without_header(prepared.cells[0].source, title, question)
    return prepared


def tagged(notebook: NotebookNode, tag: str) -> tuple[str, ...]:
    """The ids of the cells that carry a tag."""
    return tuple(cell.id for cell in notebook.cells if tag in _tags(cell))


def _tags(cell: NotebookNode) -> tuple[str, ...]:
    return tuple(cell.metadata.get("tags", ()))


def _identify(notebook: NotebookNode) -> None:
    """Number the cells without an id of their own; nbformat would draw a random one for each."""
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells):
        if not cell.get("id") or cell.id in seen:
            cell["id"] = f"n{number}"
        seen.add(cell.id)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)


def _without_header(source: str, title: str, question: str) -> str:
    blocks = source.strip().split("\n\n")
    for said in (title, question):
        if blocks and _plain(blocks[0]) == _plain(said):
            del blocks[0]
    return "\n\n".join(blocks)


def _plain(markdown: str) -> str:
    return " ".join(markdown.lstrip("#").replace("*", "").replace("_", "").replace("`", "").split())
