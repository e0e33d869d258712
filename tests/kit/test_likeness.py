"""Which runs may be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.environment import describe_environment
from jarvis_bench.kit.likeness import (
    Difference,
    find_differences,
    other_code,
    refuse_other_code,
    refuse_unlike,
)
from jarvis_bench.kit.run_folder import RunFolder

from .finished_runs import finished_run


def differing(tmp_path: Path, **environment: Any) -> tuple[Difference, ...]:
    """What a run in another environment does not share with the usual one."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b", environment=environment)
    return find_differences(a, b)


def test_a_run_is_like_itself(tmp_path: Path) -> None:
    """Load and free RAM at the start are no difference."""
    assert differing(tmp_path, load_1min=3.0, ram_available_bytes=1) == ()


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({"cpu": "Other 1"}, "cpu"),
        ({"cores": 4}, "cores"),
        ({"commit": "abc"}, "commit"),
        ({"packages": {"torch": "2.12.0", "docker": None}}, "packages.torch"),
    ],
)
def test_every_difference_is_named_with_both_values(
    tmp_path: Path, environment: dict[str, Any], key: str
) -> None:
    """And refused, unless it is the variable."""
    (found,) = differing(tmp_path, **environment)
    assert found.key == key
    with pytest.raises(UsageError) as caught:
        refuse_unlike([found], [], force=False)
    assert f"{key} ({found.a or 'not recorded'} | {found.b})" in str(caught.value)
    refuse_unlike([found], [key.split(".")[0]], force=False)
    refuse_unlike([found], [], force=True)


def test_parameters_and_facts_count(tmp_path: Path) -> None:
    """A run of other worlds, or with other weights, is another run."""
    a, b = finished_run(tmp_path / "a"), finished_run(tmp_path / "b")
    run: Any = b.read_json("run.json")
    run["notebooks"][0]["parameters"] = [["worlds", ["here"]]]
    b.write_json("run.json", run)
    b.write_json("memory.json", {"weights": "weights: pretrained", "cores": "one core each"})
    keys = [item.key for item in find_differences(a, b)]
    assert keys == ["02_verify_fix.worlds", "memory.weights"]


def test_a_variable_that_does_not_vary_is_a_mistake(tmp_path: Path) -> None:
    """Somebody believes to compare what is the same."""
    with pytest.raises(UsageError, match="differ in: cores"):
        refuse_unlike(differing(tmp_path, cores=4), ["commit"], force=False)


@pytest.mark.parametrize("content", [None, "[]", "{", '{"run_id": 1}'])
def test_a_folder_without_a_run_is_named(tmp_path: Path, content: str | None) -> None:
    """Whatever it holds instead."""
    folder = tmp_path / "empty"
    folder.mkdir()
    if content is not None:
        (folder / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="empty"):
        find_differences(finished_run(tmp_path / "a"), RunFolder(folder))


def test_other_versions_are_told_in_words() -> None:
    """Nothing where all is the same."""
    now: Any = describe_environment()
    assert other_code(now) == ()
    then = {**now, "python": "3.9", "packages": {**now["packages"], "numpy": "1.0"}}
    told = other_code(then)
    assert len(told) == 2
    assert told[1].startswith("numpy is ")
    assert told[1].endswith("and was 1.0")


def test_a_folder_keeps_to_the_versions_it_was_begun_with(tmp_path: Path) -> None:
    """The first call notes them."""
    folder = RunFolder(tmp_path)
    refuse_other_code(folder)
    refuse_other_code(folder)
    begun: Any = folder.read_json("environment.json")
    folder.write_json("environment.json", {**begun, "python": "3.9"})
    with pytest.raises(UsageError, match="begun with other versions: python"):
        refuse_other_code(folder)
