"""The same parts inside a notebook, kept up to date while a cell runs."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from jarvis_bench.dashboard.fragments import fragments, sheet
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.router_state import RouterState

EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class TiersView:
    """The record of one moment, as the page shows it."""

    state: RouterState

    def _repr_html_(self) -> str:
        parts = fragments(self.state)
        tiles = "".join(
            f"<article>{html}</article>" for name, html in parts.items() if name.startswith("tile-")
        )
        head = f'<p class="active">{parts["active"]}</p><p class="quiet">{parts["counters"]}</p>'
        # Nested, so that neither the page's style nor this one reaches the other's elements.
        style = re.sub(r":root|\bbody(?= \{)", "&", sheet())
        inner = f'{head}<div class="tiles">{tiles}</div>{parts["lanes"]}'
        return f'<style>.jarvis-tiers {{ {style} }}</style><div class="jarvis-tiers">{inner}</div>'

    def __repr__(self) -> str:
        return "\n".join(f"{tier.name}: {tier.status.value} ({tier.reason})" for tier in self.state.tiers)


@contextlib.asynccontextmanager
async def live_view(router: Router, *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Show the router's tiers below the cell for as long as the block runs.

    Args:
        router: what to show.
        every_s: seconds between two looks.
    """
    from IPython.display import display

    handle = display(TiersView(router.state()), display_id=True)

    async def keep() -> None:
        while True:
            await asyncio.sleep(every_s)
            if handle is not None:
                handle.update(TiersView(router.state()))

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if handle is not None:
            handle.update(TiersView(router.state()))
