"""Which engine is meant: the setting, DOCKER_HOST, DOCKER_CONTEXT, the current context, the known sockets."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jarvis_bench.errors import MissingExtra
from jarvis_bench.tiers.docker.products import PRODUCTS, Product, existing_sockets, installed_product

UNIX, PIPE = "http+unix://", "npipe://"
LOCAL_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is.

    Args:
        url: as docker-py wants it (`http+unix:///…`, `http://host:port`).
        origin: who said so, in words.
        product: what answers there, as far as one knows; None for an address that the user gave.
        tls: docker-py's description of keys and certificates, where there is one.
    """

    url: str
    origin: str
    product: Product | None = None
    tls: object = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Where the ports of its containers are published; a local engine's on 127.0.0.1."""
        if self.url.startswith((UNIX, PIPE)):
            return LOCAL_HOST
        return urlsplit(self.url).hostname or LOCAL_HOST

    @property
    def socket_path(self) -> Path | None:
        """The unix socket; None for other kinds of address."""
        if not self.url.startswith(UNIX):
            return None
        return Path(f"/{self.url.removeprefix(UNIX).lstrip('/')}")


class NoEngine(Exception):
    """There is no engine to ask; `product` is the one that could be started, None where none is installed."""

    def __init__(self, product: Product | None) -> None:
        super().__init__("no engine")
        self.product = product


def load_docker_client() -> Any:
    """Import docker-py.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import docker
        import docker.errors
    except ModuleNotFoundError as exc:
        raise MissingExtra("docker", "docker") from exc
    return docker


def find_address(
    setting: str, environ: Mapping[str, str] | None = None, *, timeout_s: float = 1.5, root: Path = Path("/")
) -> Address:
    """The engine to ask.

    Args:
        setting: an address that goes before everything else; empty for none.
        environ: default the process's environment.
        timeout_s: for knocking at one of the known sockets.
        root: what the known sockets' absolute paths are below; another one only in tests.

    Raises:
        NoEngine: nobody said where one is, and no known socket exists.
        OSError: the known sockets exist, and none can be connected to; the reason of the first.
        Exception: what docker-py raises for an address or a context that it cannot use.
    """
    environ = os.environ if environ is None else environ
    docker = load_docker_client()
    if setting:
        return Address(docker.utils.parse_host(setting), "setting docker_host")
    if host := environ.get("DOCKER_HOST", ""):
        tls = docker.utils.kwargs_from_env(environment=dict(environ)).get("tls")
        return Address(docker.utils.parse_host(host, tls=bool(tls)), "DOCKER_HOST", tls=tls or None)
    name = environ.get("DOCKER_CONTEXT", "") or docker.context.config.get_current_context_name()
    if name != "default":
        return _of_context(docker, name)
    return _of_known_sockets(environ, timeout_s, root)


def _of_context(docker: Any, name: str) -> Address:
    context = docker.ContextAPI.get_context(name)
    if context is None or not context.Host:
        raise docker.errors.ContextNotFound(name)
    tls = context.TLSConfig or None
    return Address(docker.utils.parse_host(context.Host, tls=bool(tls)), f"context {name!r}", tls=tls)


def _of_known_sockets(environ: Mapping[str, str], timeout_s: float, root: Path) -> Address:
    first: OSError | None = None
    for path, product in existing_sockets(environ, root):
        try:
            knock(path, timeout_s)
        except OSError as exc:
            exc.add_note(str(path))
            # A socket that may not be opened says more than one that is left over.
            if first is None or (first.errno == errno.ECONNREFUSED and exc.errno != errno.ECONNREFUSED):
                first = exc
            continue
        return Address(f"{UNIX}{path}", f"the usual place of {product.name}", product)
    if first is not None:
        raise first
    raise NoEngine(installed_product())


def knock(path: Path, timeout_s: float) -> None:
    """Connect once to a unix socket: docker-py leaks its own where that fails.

    Raises:
        OSError: why it cannot be connected to.
    """
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(timeout_s)
        knocking.connect(str(path))


def default_product() -> Product:
    """What is started where nothing tells which: the installed one, else the system's engine."""
    return installed_product() or PRODUCTS[0]
