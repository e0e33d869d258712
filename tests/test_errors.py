"""One tree of errors, each with the exit code that the command line promises."""

from __future__ import annotations

import pytest

from jarvis_bench import errors
from jarvis_bench.errors import (
    JarvisBenchError,
    MissingExtra,
    NothingMeasured,
    NotReproduced,
    OutputError,
    UsageError,
    WorkerDied,
    unknown_name,
)


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (NotReproduced, 1),
        (UsageError, 2),
        (MissingExtra, 2),
        (OutputError, 2),
        (NothingMeasured, 4),
        (WorkerDied, 4),
    ],
)
def test_exit_code(kind: type[JarvisBenchError], exit_code: int) -> None:
    """Each error knows the exit code that DESIGN promises to other programs."""
    assert issubclass(kind, JarvisBenchError)
    assert kind.exit_code == exit_code


def test_tree_in_the_docstring_is_complete() -> None:
    """Every class of the module is drawn in its docstring."""
    classes = [name for name, value in vars(errors).items() if isinstance(value, type)]
    own = [name for name in classes if getattr(errors, name).__module__ == errors.__name__]
    assert own
    assert [name for name in own if name not in (errors.__doc__ or "")] == []


def test_missing_extra_tells_what_to_install() -> None:
    """The message is the command that mends it."""
    assert str(MissingExtra("docker", "docker")) == "this needs docker: pip install 'jarvis-bench[docker]'"


def test_unknown_name_names_the_nearest_and_all() -> None:
    """A typing mistake gets the name that was meant, and the list to choose from."""
    error = unknown_name("world", "docker-redy", ("here", "docker-ready"))
    assert isinstance(error, UsageError)
    assert str(error) == (
        "unknown world 'docker-redy'; did you mean 'docker-ready'? (known: docker-ready, here)"
    )


def test_unknown_name_without_a_near_one_does_not_guess() -> None:
    """Where nothing is near, nothing is suggested."""
    assert str(unknown_name("world", "xyz", ("here",))) == "unknown world 'xyz' (known: here)"
    assert str(unknown_name("world", "xyz", ())) == "unknown world 'xyz' (known: none)"
