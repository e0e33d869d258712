"""The engines people have: where their sockets are, how one sees that they are installed, and how they are started."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Product:
    """One product that answers the Engine API.

    Args:
        name: as in a sentence.
        sockets: patterns of paths; `~` is the home, `{run}` the user's run-time folder.
        signs: commands on PATH, or paths, that only an installed one has.
        start: the platform's own command that starts it, by `sys.platform`; {} where it runs by itself.
    """

    name: str
    sockets: tuple[str, ...]
    signs: tuple[str, ...]
    start: Mapping[str, tuple[str, ...]]


PRODUCTS = (
    # The system's engine; Docker Desktop may put a link to its own socket there.
    Product("Docker Engine", ("/var/run/docker.sock",), ("dockerd",), {}),
    Product(
        "rootless Docker",
        ("{run}/docker.sock",),
        ("dockerd-rootless.sh",),
        {"linux": ("systemctl", "--user", "start", "docker")},
    ),
    Product(
        "Docker Desktop",
        ("~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock"),
        ("/Applications/Docker.app", "/opt/docker-desktop", "C:/Program Files/Docker/Docker"),
        {
            "darwin": ("open", "--background", "-a", "Docker"),
            "linux": ("systemctl", "--user", "start", "docker-desktop"),
            "win32": ("docker", "desktop", "start"),
        },
    ),
    Product(
        "OrbStack",
        ("~/.orbstack/run/docker.sock",),
        ("/Applications/OrbStack.app", "orbctl"),
        {"darwin": ("orbctl", "start")},
    ),
    Product(
        "Colima",
        ("~/.colima/default/docker.sock", "~/.config/colima/default/docker.sock"),
        ("colima",),
        {"darwin": ("colima", "start"), "linux": ("colima", "start")},
    ),
    Product(
        "Rancher Desktop",
        ("~/.rd/docker.sock",),
        ("rdctl",),
        {"darwin": ("rdctl", "start"), "linux": ("rdctl", "start")},
    ),
    Product("Lima", ("~/.lima/*/sock/docker.sock",), ("limactl",), {}),
    Product(
        "Podman",
        (
            "{run}/podman/podman.sock",
            "/run/podman/podman.sock",
            "~/.local/share/containers/podman/machine/podman.sock",
        ),
        ("podman",),
        {
            "linux": ("systemctl", "--user", "start", "podman.socket"),
            "darwin": ("podman", "machine", "start"),
            "win32": ("podman", "machine", "start"),
        },
    ),
)


def existing_sockets(environ: Mapping[str, str], root: Path = Path("/")) -> Iterator[tuple[Path, Product]]:
    """The sockets of the table that exist, a link that points nowhere among them, in the order of the table.

    Args:
        environ: HOME and XDG_RUNTIME_DIR are read from it.
        root: what absolute paths of the table are below; another one only in tests.
    """
    home = environ.get("HOME") or str(Path.home())
    uid = os.getuid() if hasattr(os, "getuid") else 0
    run = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    for product in PRODUCTS:
        for pattern in product.sockets:
            text = pattern.replace("{run}", run)
            if text.startswith("~"):
                found = sorted(Path(home).glob(text[2:]))
                # A glob leaves out a link that points nowhere, and that is what a stopped Desktop leaves.
                found = found or [path for path in [Path(home) / text[2:]] if path.is_symlink()]
            else:
                path = Path(text) if text.startswith(run) else root / text.lstrip("/")
                found = [path] if os.path.lexists(path) else []
            yield from ((path, product) for path in found)


def installed_product() -> Product | None:
    """The first product whose signs are on this machine; a bare `docker` command counts as an engine's."""
    for product in PRODUCTS:
        if any(_is_there(sign) for sign in product.signs):
            return product
    return PRODUCTS[0] if shutil.which("docker") else None


def start_command(product: Product) -> tuple[str, ...]:
    """The platform's own command that starts it; empty where none is known."""
    if product.name != "Docker Engine":
        return product.start.get(sys.platform, ())
    if sys.platform != "linux":
        return next(p for p in PRODUCTS if p.name == "Docker Desktop").start.get(sys.platform, ())
    if Path("/run/systemd/system").is_dir():
        return ("systemctl", "start", "docker")
    return ("service", "docker", "start") if Path("/etc/init.d/docker").is_file() else ()


def _is_there(sign: str) -> bool:
    return Path(sign).exists() if "/" in sign else shutil.which(sign) is not None
