"""The claims of the document that this kit tests, from `data/claims.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_bench.errors import MissingExtra, UsageError


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim on one line of the document; `quote` is a short excerpt of it."""

    line: int
    quote: str
    check: str


@dataclass(frozen=True, slots=True)
class Check:
    """How claims are tested; `notebook` makes the evidence, None where nothing does yet."""

    key: str
    title: str
    how: str
    notebook: str | None
    claims: tuple[Claim, ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """The document's lines that rest on this check."""
        return tuple(sorted({claim.line for claim in self.claims}))


def load_checks(data_dir: Path) -> tuple[Check, ...]:
    """All checks with their claims, in the order of the file."""
    try:
        import yaml
    except ModuleNotFoundError as exc:
        raise MissingExtra("pyyaml", "kit") from exc
    path = data_dir / "claims.yaml"
    if not path.is_file():
        raise UsageError(f"no {path}: run from a clone of jarvis-bench")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    claims = [
        Claim(entry["lines"][0], entry["quote"], entry["check"])
        for entry in content["entries"]
        if entry["kind"] == "claim"
    ]
    return tuple(
        Check(
            key,
            fields["title"],
            fields["how"],
            fields["notebook"],
            tuple(c for c in claims if c.check == key),
        )
        for key, fields in content["checks"].items()
    )
