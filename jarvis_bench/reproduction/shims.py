"""Commands on PATH that answer as Docker's command line does in a given world."""

from __future__ import annotations

from pathlib import Path

from jarvis_bench.reproduction.worlds import Engine

NOT_RUNNING = (
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
)
DENIED = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"
)
LISTED = {Engine.READY: "Up 3 minutes (healthy)", Engine.UNHEALTHY: "Up 3 minutes (unhealthy)"}
# Every attempt to start something, a line each.
STARTS = "starts.log"
REFUSED = {Engine.STOPPED: NOT_RUNNING, Engine.DENIED: DENIED}


def write_shims(folder: Path, engine: Engine) -> None:
    """Write `docker`, `curl`, `pgrep`, `systemctl` and `open` for that state of Docker into `folder`.

    `curl` stands for the health check of the container's port: it succeeds where something answers 200.
    Nothing can be started: `systemctl` and `open` note in `STARTS` what they were told, and fail.
    """
    answers = engine in {Engine.READY, Engine.UNHEALTHY}
    scripts = {
        "curl": "exit 0" if answers else "exit 7",
        "pgrep": "exit 1",
        **{name: f'echo "{name} $*" >> "{folder / STARTS}"\nexit 1' for name in ("systemctl", "open")},
    }
    if engine is not Engine.ABSENT:
        scripts["docker"] = _docker(engine)
    for name, body in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)


def read_starts(folder: Path) -> tuple[str, ...]:
    """The commands of this world that were told to start something, in order."""
    log = folder / STARTS
    return tuple(log.read_text(encoding="utf-8").splitlines()) if log.is_file() else ()


def _docker(engine: Engine) -> str:
    """`docker --version` always works; `info` and `ps` depend on the daemon; `ps --filter` on the container."""
    version = '[ "$1" = --version ] && { echo "Docker version 29.1.0, build 0000000"; exit 0; }'
    if engine in REFUSED:
        return f"{version}\necho '{REFUSED[engine]}' >&2\nexit 1"
    if engine is Engine.STUCK:
        return f'{version}\n[ "$2" = --filter ] && exec /bin/sleep 30\nexit 0'
    listing = f"echo '{LISTED[engine]}'" if engine in LISTED else ":"
    return f'{version}\n[ "$2" = --filter ] && {listing}\nexit 0'
