"""What `import jarvis_bench` offers: what the notebooks use, few names, and nothing heavy until it is asked for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import nbformat
import pytest

import jarvis_bench
from jarvis_bench.settings import CHECKOUT

MOST = 12
HEAVY = ("torch", "pandas", "numpy", "matplotlib", "papermill", "nbformat", "httpx", "docker", "asyncio")


def imported_by_notebooks() -> set[str]:
    """The names that notebooks import from the package itself."""
    names: set[str] = set()
    for path in (CHECKOUT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        for source in (str(cell.source) for cell in cells if cell.cell_type == "code"):
            tree = compile(source, str(path), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module == "jarvis_bench":
                    names |= {alias.name for alias in node.names}
    return names


def in_a_fresh_process(code: str) -> object:
    """What the code prints as JSON, in an interpreter that has imported nothing of ours yet."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    value: object = json.loads(done.stdout)
    return value


def test_the_public_names_are_those_that_notebooks_use() -> None:
    """No more, no fewer, at most a dozen, in order."""
    assert set(jarvis_bench.__all__) == imported_by_notebooks()
    assert list(jarvis_bench.__all__) == sorted(jarvis_bench.__all__)
    assert len(jarvis_bench.__all__) <= MOST
    assert dir(jarvis_bench) == list(jarvis_bench.__all__)


@pytest.mark.parametrize("name", jarvis_bench.__all__)
def test_every_public_name_is_there_and_says_what_it_does(name: str) -> None:
    """Each is a function with a docstring."""
    function = getattr(jarvis_bench, name)
    assert callable(function)
    assert function.__doc__


def test_importing_the_package_imports_nothing_heavy() -> None:
    """The command line starts at once, and the core runs without the extras."""
    code = "import json, sys, jarvis_bench; print(json.dumps(sorted(sys.modules)))"
    modules = in_a_fresh_process(code)
    assert isinstance(modules, list)
    assert not set(HEAVY) & set(modules)


def test_the_command_line_needs_no_extra() -> None:
    """`pip install .` alone brings a command that can say what it knows."""
    code = "import json, sys, jarvis_bench.cli; print(json.dumps(sorted(sys.modules)))"
    modules = in_a_fresh_process(code)
    assert isinstance(modules, list)
    assert not (set(HEAVY) - {"asyncio"}) & set(modules)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As with any other module."""
    with pytest.raises(AttributeError, match="reproduce_everything"):
        _ = jarvis_bench.reproduce_everything
