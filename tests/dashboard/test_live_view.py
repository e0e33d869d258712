"""The view below a cell: it follows while the block runs, and shows the end."""

from __future__ import annotations

import asyncio

import IPython.display
import pytest

from jarvis_bench.dashboard.live_view import TiersView, live_view
from jarvis_bench.selection.router import Router
from jarvis_bench.tiers.fake import DEAD, FakeTier
from tests.dashboard.serving import CLIP


async def test_it_follows_and_ends_with_the_last_state(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[TiersView] = []

    class Handle:
        def update(self, view: TiersView) -> None:
            shown.append(view)

    def display(view: TiersView, *, display_id: bool) -> Handle:
        assert display_id
        shown.append(view)
        return Handle()

    monkeypatch.setattr(IPython.display, "display", display)
    docker, local = FakeTier("docker"), FakeTier("local")
    async with Router([docker, local]) as router, live_view(router, every_s=0.01):
        while len(shown) < 3:
            await asyncio.sleep(0.01)
        docker.act(DEAD)
        await router.embed(CLIP)
    assert shown[0].state.active == "docker"
    assert shown[-1].state.active == "local"
    assert "local" in shown[-1]._repr_html_()
