"""The pictures of the report say in words what they show, and show it in light and in dark."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from jarvis_bench.records import Decision, Status
from jarvis_bench.report import figures
from jarvis_bench.report.display import Figure

from .finished_run import START_UPS, WORLDS, start_up

PICTURES: dict[str, Callable[[], Figure]] = {
    "start-ups": lambda: figures.startup_matrix(START_UPS),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_each_time_and_differs_by_scheme(name: str) -> None:
    """The same rows give the same bytes, so that a rebuilt report is the same report."""
    once, again = PICTURES[name](), PICTURES[name]()
    assert once == again
    assert once.light != once.dark


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_needs_nothing_from_outside(name: str) -> None:
    """It is well-formed SVG that names no other address to load."""
    picture = PICTURES[name]()
    for svg in (picture.light, picture.dark):
        for element in ET.fromstring(svg).iter():
            links = [value for key, value in element.attrib.items() if key.endswith("href")]
            assert all(link.startswith(("#", "data:")) for link in links)


@pytest.mark.parametrize("name", PICTURES)
def test_a_caption_names_the_metric_how_and_the_data(name: str) -> None:
    """No figure without its metric's name and its file."""
    caption = PICTURES[name]().caption
    assert "measured" in caption
    assert ".parquet" in caption


def test_the_matrix_tells_every_choice_to_those_who_do_not_see_it() -> None:
    """Each version and world is in the alternative text with its tier."""
    alt = figures.startup_matrix(START_UPS).alt.lower()
    assert all(result.version in alt and result.world in alt for result in START_UPS)
    assert alt.count("no tier") == sum(result.decision.tier is None for result in START_UPS)
    assert alt.count("v10.7 in docker-ready: docker") == 1


def test_the_matrix_follows_the_rows() -> None:
    """One changed choice is another picture."""
    changed = dataclasses.replace(START_UPS[0], decision=Decision("docker", "changed"))
    assert figures.startup_matrix([changed, *START_UPS[1:]]) != figures.startup_matrix(START_UPS)


def test_a_single_start_up_has_a_picture() -> None:
    """A run of one version in one world is no special case."""
    assert WORLDS[0] in figures.startup_matrix([start_up("v10.5", WORLDS[0])]).alt


def test_every_status_of_docker_can_be_drawn() -> None:
    """No answer of a probe breaks the picture."""
    ready = start_up("current", "docker-ready")
    results = [
        dataclasses.replace(ready, world=world, docker=dataclasses.replace(ready.docker, status=status))
        for world, status in zip(WORLDS, Status, strict=False)
    ]
    assert len(results) == len(Status)
    assert figures.startup_matrix(results).light
