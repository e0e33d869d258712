"""What a user wants of the choice between tiers, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jarvis_bench.errors import UsageError, unknown_name

ORDER = ("docker", "cloud-run", "local")
CLOUD_FIRST = ("cloud-run", "docker", "local")


@dataclass(frozen=True, slots=True)
class Policy:
    """Which tiers may serve, in which order, and what may be started for it.

    Args:
        order: best first; a tier that is not in it comes after those that are, in the order given.
        forced: only this tier, whatever state it is in; never silently another.
        skipped: never asked, so that a skipped Cloud Run is not woken and costs nothing.
        local_ram_floor_bytes: free RAM below which `local` is passed over; None leaves that to the tier.
        started: started in the background where nothing in `sufficient` is ready.
        sufficient: while one of these serves, nothing is started.
        paid: every probe may cost money; while idle they are watched by what passes, or every 15 minutes.
        warm: started in the background at once, so that a failover finds them loaded; costs their RAM.
        lazy: a clip is not sent to them just to see how they are: it would load the model.

    Raises:
        UsageError: a tier is forced and skipped, or in the order twice.
    """

    order: tuple[str, ...] = ORDER
    forced: str | None = None
    skipped: frozenset[str] = field(default_factory=frozenset)
    local_ram_floor_bytes: int | None = None
    started: tuple[str, ...] = ()
    sufficient: frozenset[str] = frozenset({"docker", "cloud-run"})
    paid: frozenset[str] = frozenset({"cloud-run"})
    lazy: frozenset[str] = frozenset({"local"})
    warm: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.forced in self.skipped:
            raise UsageError(f"tier {self.forced!r} is forced and skipped: choose one")
        if len(set(self.order)) != len(self.order):
            raise UsageError(f"a tier stands twice in the order {', '.join(self.order)}")

    def rank(self, tier: str) -> int:
        """The place in the order, 0 for the best."""
        return self.order.index(tier) if tier in self.order else len(self.order)

    def allows(self, tier: str) -> bool:
        """Whether the tier may be asked and chosen at all."""
        return tier == self.forced if self.forced is not None else tier not in self.skipped

    def check_names(self, known: Iterable[str]) -> None:
        """Refuse a forced or skipped tier that does not exist, and a policy that leaves nothing to choose from.

        Raises:
            UsageError: it names the nearest tier that does exist.
        """
        names = tuple(known)
        for name in (*self.skipped, *([] if self.forced is None else [self.forced])):
            if name not in names:
                raise unknown_name("tier", name, names)
        if names and not any(self.allows(name) for name in names):
            raise UsageError(f"every tier is skipped ({', '.join(names)}): nothing is left to choose from")
