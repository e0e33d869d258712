"""Notebooks for tests, cell by cell."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode, from_dict


def notebook(*cells: NotebookNode) -> NotebookNode:
    """A Python notebook of these cells."""
    language = {"name": "python", "pygments_lexer": "ipython3"}
    return _node(nbformat=4, nbformat_minor=5, metadata={"language_info": language}, cells=list(cells))


def markdown(source: str, *, name: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A text cell with `name` as its id."""
    return _node(cell_type="markdown", id=name, metadata={"tags": list(tags)}, source=source)


def code(
    source: str, *outputs: NotebookNode, name: str, count: int | None = 1, tags: tuple[str, ...] = ()
) -> NotebookNode:
    """A code cell with `name` as its id; `count` is None for one that never ran."""
    return _node(
        cell_type="code",
        id=name,
        metadata={"tags": list(tags)},
        source=source,
        outputs=list(outputs),
        execution_count=count,
    )


def stream(text: str, *, name: str = "stdout") -> NotebookNode:
    """What a cell printed."""
    return _node(output_type="stream", name=name, text=text)


def shown(mimetype: str, content: str, **metadata: str) -> NotebookNode:
    """What a cell displayed; the metadata belongs to this type."""
    return _node(output_type="display_data", data={mimetype: content}, metadata={mimetype: metadata})


def result(mimetype: str, content: str, *, count: int = 1) -> NotebookNode:
    """The value of a cell's last line."""
    return _node(output_type="execute_result", data={mimetype: content}, metadata={}, execution_count=count)


def error(ename: str, evalue: str, *traceback: str) -> NotebookNode:
    """What a cell died of."""
    return _node(output_type="error", ename=ename, evalue=evalue, traceback=list(traceback))


def _node(**fields: Any) -> NotebookNode:
    node = from_dict(fields)
    assert isinstance(node, NotebookNode)
    return node
