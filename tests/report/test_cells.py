"""The page of a notebook gets cells with stable ids, and its title only once."""

from __future__ import annotations

from jarvis_bench.report import cells

from .nodes import code, markdown, notebook


def test_cells_without_an_id_of_their_own_are_numbered() -> None:
    given = notebook(code("a", name="same"), code("b", name="same"), code("c", name=""))
    prepared = cells.prepare(given, "title", "question")
    assert [cell.id for cell in prepared.cells] == ["same", "n1", "n2"]
    assert given.cells[1].id == "same", "the notebook that was passed in is left alone"


def test_only_a_repeated_title_and_question_go() -> None:
    given = notebook(markdown("# How *fast*?\n\nAnother question.\n\nHow `slow`?", name="title"))
    kept = cells.prepare(given, "How fast?", "How slow?").cells[0].source
    assert kept == "Another question.\n\nHow `slow`?"
    assert cells.prepare(given, "Other", "Other").cells[0].source == given.cells[0].source


def test_tagged_cells_are_found() -> None:
    given = notebook(code("a", name="a", tags=("parameters",)), code("b", name="b"))
    assert cells.tagged(given, cells.PARAMETERS) == ("a",)
    assert cells.tagged(given, cells.INJECTED) == ()
