"""A profile says how much each notebook measures; a mistake in it is found before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.notebook import load_notebooks
from jarvis_bench.kit.profiles import Plan, load_plans
from jarvis_bench.settings import Settings

from .throwaway import Throwaway, make_checkout


def plans_of(tmp_path: Path, profile: dict[str, Any], name: str = "quick") -> tuple[Plan, ...]:
    """The plans of two notebooks by a profile called `quick`."""
    notebooks = Throwaway("10_first"), Throwaway("20_second")
    settings = make_checkout(tmp_path / "checkout", *notebooks, profiles={"quick": profile, "full": profile})
    return load_plans(settings, name, load_notebooks(settings))


def test_each_notebook_has_its_own_parameters_and_time(tmp_path: Path) -> None:
    """What a profile does not name keeps the notebook's default and the profile's limit."""
    own = {"count": 30, "lengths": [1, 2], "cell_timeout_s": 300}
    first, second = plans_of(tmp_path, {"cell_timeout_s": 60, "notebooks": {"20_second": own}})
    assert (first.parameters, first.cell_timeout_s) == ({}, 60)
    assert (second.parameters, second.cell_timeout_s) == ({"count": 30, "lengths": [1, 2]}, 300)


def test_an_unknown_profile_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A slip of the finger is answered by the name that was meant."""
    with pytest.raises(UsageError, match=r"'quik'.*'quick'"):
        plans_of(tmp_path, {"cell_timeout_s": 60}, "quik")


@pytest.mark.parametrize(
    ("notebooks", "said"),
    [
        ({"30_third": {}}, "30_third"),
        ({"20_second": {"coumt": 1}}, "'coumt'.*'count'"),
        ({"20_second": {"count": "many"}}, "'many' is no int"),
    ],
)
def test_a_profile_may_name_only_what_there_is(tmp_path: Path, notebooks: dict[str, Any], said: str) -> None:
    """A notebook, parameter or value that does not fit is an error, not a silent default."""
    with pytest.raises(UsageError, match=said):
        plans_of(tmp_path, {"cell_timeout_s": 60, "notebooks": notebooks})


@pytest.mark.parametrize("content", [None, "profiles: [", "other: {}", ""])
def test_profiles_that_cannot_be_read_are_named(checkout: Settings, content: str | None) -> None:
    """A missing or damaged file ends in one line that says which."""
    path = checkout.notebooks_dir / "profiles.yaml"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"profiles\.yaml"):
        load_plans(checkout, "quick", load_notebooks(checkout))
