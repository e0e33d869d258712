"""What a notebook says about itself, and which requests for it are refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.notebook import (
    Value,
    choose_notebooks,
    load_notebooks,
    own_parameters,
    parse_settings,
    read_notebook,
)
from jarvis_bench.settings import Settings

from .throwaway import Throwaway


def test_a_notebook_tells_its_title_question_parameters_and_artefacts(checkout: Settings) -> None:
    """What the runner knows of a notebook is what its file says."""
    notebook = load_notebooks(checkout)[0]
    assert notebook.name == "10_look_around"
    assert notebook.title == "All about 10_look_around"
    assert notebook.question == "What becomes of it?"
    assert notebook.artefacts == ("seen.json",)
    found = {parameter.name: (parameter.kind, parameter.default) for parameter in notebook.parameters}
    assert found["lengths"] == ("list", [1.0, 3.0])
    assert found["eager"] == ("bool", False)


def test_notebooks_come_in_reading_order_and_others_are_no_notebooks(checkout: Settings) -> None:
    """Only files called NN_… count, sorted by their number."""
    Throwaway("05_begin_here").write(checkout.notebooks_dir)
    Throwaway("scratch").write(checkout.notebooks_dir)
    names = [notebook.name for notebook in load_notebooks(checkout)]
    assert names == ["05_begin_here", "10_look_around", "20_dig_deep"]


@pytest.mark.parametrize("wanted", ["20_dig_deep", "20", "20_dig_deep.ipynb", "notebooks/20_dig_deep.ipynb"])
def test_a_notebook_can_be_named_in_several_ways(checkout: Settings, wanted: str) -> None:
    """The name, the number, and the file all mean the same notebook."""
    chosen = choose_notebooks(load_notebooks(checkout), [wanted])
    assert [notebook.name for notebook in chosen] == ["20_dig_deep"]


def test_chosen_notebooks_keep_their_order(checkout: Settings) -> None:
    """The order of the files is the order of the run, whatever order they were asked for in."""
    chosen = choose_notebooks(load_notebooks(checkout), ["20", "10", "20"])
    assert [notebook.name for notebook in chosen] == ["10_look_around", "20_dig_deep"]


def test_an_unknown_notebook_is_named_with_the_nearest(checkout: Settings) -> None:
    """A slip of the finger is answered by the name that was meant."""
    with pytest.raises(UsageError, match=r"'20_dig_deeep'.*'20_dig_deep'"):
        choose_notebooks(load_notebooks(checkout), ["10", "20_dig_deeep"])


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("count=7", 7),
        ("ratio=2", 2),
        ("ratio=0.25", 0.25),
        ("eager=True", True),
        ("lengths=[1, 'a']", [1, "a"]),
        ("world=docker-ready", "docker-ready"),
        ("world=", ""),
        ("world=a=b", "a=b"),
        ("world=12", "12"),
    ],
)
def test_a_value_takes_its_parameters_type(checkout: Settings, pair: str, value: Value) -> None:
    """What is written after the first `=` is read as the type that the notebook declares."""
    assert list(parse_settings([pair], load_notebooks(checkout)).values()) == [value]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("count=many", "'many' is no int"),
        ("count=1.5", "1.5 is no int"),
        ("count=True", "True is no int"),
        ("count=", "'' is no int"),
        ("count={[]: 1}", "is no int"),
        ("count=__import__('os')", "is no int"),
        ("ratio=fast", "'fast' is no float"),
        ("eager=1", "1 is no bool"),
        ("lengths=1,2", "is no list"),
    ],
)
def test_a_value_of_another_type_is_refused(checkout: Settings, pair: str, said: str) -> None:
    """The error names the parameter, the value as it was typed, and the type."""
    with pytest.raises(UsageError) as caught:
        parse_settings([pair], load_notebooks(checkout))
    assert said in str(caught.value)
    assert pair.partition("=")[0] in str(caught.value)


def test_a_setting_without_an_equals_sign_is_refused(checkout: Settings) -> None:
    """The error shows what was written and what was expected."""
    with pytest.raises(UsageError, match=r"'count'.*NAME=VALUE"):
        parse_settings(["count"], load_notebooks(checkout))


@pytest.mark.parametrize(("name", "nearest"), [("coumt", "count"), ("dept", "depth")])
def test_an_unknown_parameter_is_named_with_the_nearest(checkout: Settings, name: str, nearest: str) -> None:
    """The parameters of all chosen notebooks are known."""
    with pytest.raises(UsageError, match=f"'{name}'.*'{nearest}'"):
        parse_settings([f"{name}=1"], load_notebooks(checkout))


def test_the_output_folder_is_no_parameter_of_the_user(checkout: Settings) -> None:
    """The runner owns `out_dir`; neither is it offered."""
    with pytest.raises(UsageError, match="unknown parameter 'out_dir'") as caught:
        parse_settings(["out_dir=/tmp"], load_notebooks(checkout))
    assert "out_dir" not in str(caught.value).partition("known:")[2]


def test_a_parameter_of_a_notebook_that_is_not_run_is_unknown(checkout: Settings) -> None:
    """A value that would silently have no effect is an error."""
    chosen = choose_notebooks(load_notebooks(checkout), ["10"])
    with pytest.raises(UsageError, match="unknown parameter 'depth'"):
        parse_settings(["depth=1"], chosen)


def test_a_notebook_gets_only_its_own_parameters(checkout: Settings) -> None:
    """Papermill would otherwise inject names that the notebook never reads."""
    deep = load_notebooks(checkout)[1]
    assert own_parameters(deep, {"depth": 1, "count": 2}) == {"depth": 1}


@pytest.mark.parametrize(
    "parameters",
    ["count = 1", "count: int", "count: int = max(1, 2)", "count: dict = {}", "import os", "count: int = ("],
)
def test_a_parameters_cell_holds_annotated_literals_only(tmp_path: Path, parameters: str) -> None:
    """Anything else is an error that names the notebook."""
    path = Throwaway("10_odd", parameters=parameters).write(tmp_path)
    with pytest.raises(UsageError, match="10_odd"):
        read_notebook(path)


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path: Path) -> None:
    """There would be no place to put the output folder."""
    path = Throwaway("10_bare").write(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace('"parameters"\n', '"other"\n'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"10_bare.*exactly one"):
        read_notebook(path)


def test_a_file_that_is_no_notebook_is_named(tmp_path: Path) -> None:
    """A damaged file ends in one line, not in a traceback."""
    path = tmp_path / "10_torn.ipynb"
    path.write_text('{"cells": [', encoding="utf-8")
    with pytest.raises(UsageError, match="10_torn"):
        read_notebook(path)
