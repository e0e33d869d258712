"""Real projects as clean ground: pinned releases of big asyncio packages, fetched once into the checkout's cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "audit-ground"


@dataclass(frozen=True, slots=True)
class Package:
    """A release on the package index; `top` is the folder of its code in the wheel."""

    name: str
    version: str
    top: str


PACKAGES = (
    Package("aiogram", "3.31.0", "aiogram"),
    Package("discord.py", "2.7.1", "discord"),
    Package("distributed", "2026.8.0", "distributed"),
    Package("faust-streaming", "0.15.3", "faust"),
    Package("homeassistant", "2024.3.3", "homeassistant"),
    Package("litestar", "2.25.0", "litestar"),
    Package("prefect", "3.9.1", "prefect"),
    Package("python-telegram-bot", "22.8", "telegram"),
    Package("redis", "8.1.0", "redis"),
    Package("telethon", "1.45.0", "telethon"),
)


def fetch(package: Package) -> Path:
    """The folder of a package's code, below a folder of its own that stands for its project."""
    project = FOLDER / f"{package.name}-{package.version}"
    if not (project / ".complete").is_file():
        shutil.rmtree(project, ignore_errors=True)
        downloads = FOLDER / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--disable-pip-version-check", "--dest", str(downloads)]
        subprocess.run([*command, f"{package.name}=={package.version}"], check=True)
        stem = package.name.replace("-", "_").replace(".", "_").lower()
        (wheel,) = downloads.glob(f"{stem}-{package.version}-*.whl")
        with zipfile.ZipFile(wheel) as content:
            names = [name for name in content.namelist() if name.startswith(f"{package.top}/")]
            content.extractall(project, [name for name in names if name.endswith((".py", ".pyi"))])
        (project / "pyproject.toml").write_text(f"[project]\nname = {package.name!r}\n", encoding="utf-8")
        (project / ".complete").touch()
    return project / package.top
