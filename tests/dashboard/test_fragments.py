"""The parts of the page, made from a record."""

from __future__ import annotations

import dataclasses

from jarvis_bench.dashboard.drawing import spans, sparkline
from jarvis_bench.dashboard.fragments import fragments, page, script, sheet
from jarvis_bench.dashboard.live_view import TiersView

from .router_states import CLOUD, DOCKER, STATE


def test_whatever_a_tier_says_stays_text() -> None:
    parts = fragments(STATE)
    assert all("<script" not in html for html in parts.values())
    assert "&lt;script&gt;" in parts["tile-1"]
    assert "&lt;script&gt;" in parts["switches"]
    assert "&lt;script&gt;" in parts["lanes"]


def test_every_figure_has_its_name_and_how_it_was_got() -> None:
    tile = fragments(STATE)["tile-1"]
    assert "VmHWM (peak)" in tile
    assert "312 MB" in tile
    assert "self-reported" in tile
    assert "$0.0120" in tile
    assert "modelled" in tile


def test_a_percentile_without_its_samples_says_how_many_it_needs() -> None:
    tile = fragments(STATE)["tile-0"]
    assert "n/a (needs 11)" in tile
    assert "n/a (needs 662)" in tile
    full = dataclasses.replace(DOCKER, p50_s=0.0512, p99_s=0.25)
    tile = fragments(dataclasses.replace(STATE, tiers=(full, CLOUD)))["tile-0"]
    assert "51 ms" in tile
    assert "250 ms" in tile


def test_the_newest_switch_comes_first() -> None:
    parts = fragments(STATE)
    assert parts["switches"].index("docker → no tier") < parts["switches"].index("– → docker")
    assert "No switch yet" in fragments(dataclasses.replace(STATE, switches=()))["switches"]


def test_no_tier_is_said_plainly() -> None:
    assert "No tier serves." in fragments(dataclasses.replace(STATE, active=None))["active"]


def test_the_lanes_cover_the_time_without_gaps() -> None:
    found, begin_s, end_s = spans(STATE)
    assert (begin_s, end_s) == (1000.0, 1205.0)
    cloud = [span for span in found if span.tier == "cloud-run"]
    assert [(span.begin_s, span.end_s, span.tone) for span in cloud] == [
        (1000.0, 1100.0, "bad"),
        (1100.0, 1205.0, "good"),
    ]


def test_a_line_of_nothing_is_no_picture() -> None:
    assert sparkline((), "none") == ""
    assert 'aria-label="two &quot;answers&quot;"' in sparkline((0.1, 0.2), 'two "answers"')


def test_the_page_is_complete_before_any_script_runs() -> None:
    html = page(STATE, style=sheet(), script=script())
    for part in fragments(STATE).values():
        assert part in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html


def test_the_notebook_shows_the_same_parts_and_styles_nothing_else() -> None:
    html = TiersView(STATE)._repr_html_()
    assert fragments(STATE)["tile-0"] in html
    assert html.startswith("<style>.jarvis-tiers {")
    assert ":root" not in html
    assert "body {" not in html
    assert repr(TiersView(STATE)).splitlines()[0] == "docker: ready (Docker: Ready)"
