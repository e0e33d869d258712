"""What a tier is to the rest of the package."""

from __future__ import annotations

from typing import Protocol

from jarvis_bench.records import Status, TierStatus


class Tier(Protocol):
    """A place that serves embeddings.

    `probe` is fast, bounded, free of side effects, starts nothing and never blocks the loop.
    `when_silent` is the status of a tier that does not answer a probe in time.
    """

    @property
    def name(self) -> str:
        """The tier's name on the command line: `docker`, `cloud-run`, `local`."""

    @property
    def title(self) -> str:
        """The tier's name in a sentence."""

    @property
    def when_silent(self) -> Status:
        """What silence means for this tier."""

    async def probe(self) -> TierStatus:
        """One question: can this tier serve now?"""
