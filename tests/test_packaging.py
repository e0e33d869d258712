"""What people install: the core stays small, and conda users get the same packages."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE_LIMIT_BYTES = 30_000_000
CONDA_NAMES = {
    "torch": "pytorch",
    "docker": "docker-py",
    "memory-profiler": "memory_profiler",
    "huggingface-hub": "huggingface_hub",
    "matplotlib": "matplotlib-base",
    "prometheus-client": "prometheus_client",
}


def _project() -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return content["project"]  # type: ignore[no-any-return]


def _split(requirement: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement)
    assert match is not None, requirement
    return match[1].lower(), match[2].replace(" ", "")


def test_environment_yml_has_the_packages_of_pyproject() -> None:
    """Names (under conda-forge's names) and version ranges are equal."""
    import yaml

    project = _project()
    extras: dict[str, list[str]] = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(
            r
            for name in ("kit", "local", "serve", "openvino", "docker", "cloud", "dask")
            for r in extras[name]
        ),
    ]
    pip_side = {(CONDA_NAMES.get(name, name), version) for name, version in map(_split, wanted)}
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = dict(_split(entry) for entry in content["dependencies"] if isinstance(entry, str))
    assert content["channels"] == ["conda-forge"]
    assert conda.pop("python") == project["requires-python"]
    assert conda.pop("pip") == ""
    assert set(conda.items()) == pip_side


def test_every_requirement_has_a_tested_version() -> None:
    """constraints.txt pins each direct dependency."""
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    project = _project()
    named = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    direct = {_split(requirement.split("[")[0])[0] for requirement in named}
    assert direct - {"jarvis-bench"} <= pinned


def test_versions_agree() -> None:
    """The changelog's newest version is the package's."""
    newest = re.search(
        r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert newest is not None
    assert newest[1] == _project()["version"]


@pytest.mark.install
def test_the_core_is_small_and_works(tmp_path: Path) -> None:
    """`pip install .` alone brings at most 30 MB, and the command line runs without any extra."""
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / "bin"
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    before = _bytes_below(packages)
    subprocess.run(
        [binaries / "python", "-m", "pip", "install", "--quiet", "--no-input", str(ROOT)],
        check=True,
        timeout=300,
    )
    assert _bytes_below(packages) - before <= CORE_LIMIT_BYTES
    program = binaries / "jarvis-bench"
    done = subprocess.run(
        [program, "reproduce", "v10.5", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "'coroutine' object has no attribute 'check_docker_installed'" in done.stdout
    for arguments in (["reproduce", "v10.5", "--world", "docker-ready"], ["run"]):
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
        )
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, "one line, not a traceback"


def _bytes_below(folder: Path) -> int:
    return sum(os.lstat(path).st_size for path in folder.rglob("*") if path.is_file())
