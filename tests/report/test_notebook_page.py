"""The page of a notebook shows results first, folds its code, and leads to what failed."""

from __future__ import annotations

import dataclasses

from nbformat import NotebookNode

from jarvis_bench.report.pages import NotebookRow, notebook_html

from .nodes import code, markdown, notebook, shown, stream
from .soup import one, parse

RUN = "run-1"


def test_code_is_folded_but_there(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    soup = parse(notebook_html(dead_notebook, dead_row, RUN))
    folded = one(soup, "#cell-figure details")
    assert not folded.has_attr("open")
    assert "await memory.timeline(tiers, clip_s=3.0)" in folded.get_text()
    assert one(soup, "#cell-after summary").get_text() == "code, not run"


def test_parameters_are_hidden_and_settings_shown(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    html = notebook_html(dead_notebook, dead_row, RUN)
    assert "never shown" not in html
    settings = one(parse(html), "#cell-injected")
    assert not settings.find("details")
    assert "Settings of this run" in settings.get_text()
    assert [item.get_text() for item in settings.find_all("dt")] == ["profile", "repeats", "tiers"]


def test_a_run_without_settings_shows_none(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    """What is injected without being a choice, such as the folder to write to, is no setting to show."""
    row = dataclasses.replace(dead_row, parameters=())
    html = notebook_html(dead_notebook, row, RUN)
    assert not parse(html).select("#cell-injected, #cell-defaults")
    assert "Settings of this run" not in html


def test_settings_show_where_nothing_was_injected(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    del dead_notebook.cells[3]
    html = notebook_html(dead_notebook, dead_row, RUN)
    assert "quick" in one(parse(html), "#cell-defaults dl").get_text()
    assert "never shown" not in html


def test_a_cell_killed_without_a_traceback_shows_the_reason(
    dead_notebook: NotebookNode, dead_row: NotebookRow
) -> None:
    dead_notebook.cells[6].outputs = []
    row = dataclasses.replace(dead_row, status="timeout", reason="no answer within 600 s")
    soup = parse(notebook_html(dead_notebook, row, RUN))
    assert "ran out of time" in one(soup, ".banner").get_text()
    assert "no answer within 600 s" in one(soup, "#cell-measure .error").get_text()


def test_no_link_to_a_cell_that_the_page_does_not_have(
    dead_notebook: NotebookNode, dead_row: NotebookRow
) -> None:
    row = dataclasses.replace(dead_row, failing_cell="gone")
    assert not one(parse(notebook_html(dead_notebook, row, RUN)), ".banner").find("a")


def test_a_failing_parameters_cell_is_not_hidden(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    row = dataclasses.replace(dead_row, failing_cell="defaults")
    assert "never shown" in one(parse(notebook_html(dead_notebook, row, RUN)), "#cell-defaults").get_text()


def test_a_healthy_notebook_has_no_banner(dead_notebook: NotebookNode, healthy_row: NotebookRow) -> None:
    soup = parse(notebook_html(dead_notebook, healthy_row, RUN))
    assert not soup.select(".banner, .cell.failing")
    assert one(soup, ".masthead .badge").get_text() == "ok"


def test_figures_and_tables_come_through_unchanged(
    dead_notebook: NotebookNode, dead_row: NotebookRow, figure: str, table: str
) -> None:
    soup = parse(notebook_html(dead_notebook, dead_row, RUN))
    assert one(soup, "figure") == parse(figure).figure
    assert one(soup, "table.dataframe") == parse(table).table


def test_title_and_question_are_said_once(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    soup = parse(notebook_html(dead_notebook, dead_row, RUN))
    assert one(soup, "h1").get_text() == dead_row.title
    assert str(one(soup, "body")).count(dead_row.question) == 1
    assert "smaps_rollup" in one(soup, "#cell-title").get_text()


def test_active_html_in_a_notebook_is_dropped(healthy_row: NotebookRow) -> None:
    active = '<p onclick="x()">kept</p><script>x()</script><img src="https://example.org/x.png" alt="a">'
    given = notebook(
        markdown(active, name="text"), code("1", shown("text/html", f"<div>{active}"), name="code")
    )
    html = notebook_html(given, healthy_row, RUN)
    assert html.count("kept") == 2
    assert "https://" not in html
    assert "x()" not in html


def test_terminal_codes_and_progress_bars_become_plain_lines(healthy_row: NotebookRow) -> None:
    printed = stream("\x1b[1;31mred\x1b[0m\n 10%\r 50%\r100%\n")
    given = notebook(code("1", printed, stream("done\n"), name="code"))
    soup = parse(notebook_html(given, healthy_row, RUN))
    assert one(soup, "pre.stream").get_text() == "red\n100%\ndone\n"


def test_papermills_own_banner_is_left_out(dead_notebook: NotebookNode, dead_row: NotebookRow) -> None:
    marker = markdown("An Exception was encountered", name="marker", tags=("papermill-error-cell-tag",))
    dead_notebook.cells.insert(0, marker)
    assert "An Exception" not in notebook_html(dead_notebook, dead_row, RUN)
