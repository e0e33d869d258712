"""A dashboard on loopback over scripted tiers, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import numpy as np

from jarvis_bench.dashboard.server import serve_dashboard
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.service.server import listen
from jarvis_bench.tiers.fake import Behaviour, FakeTier

CLIP = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
# A return in two seconds in place of twenty-five.
QUICK = Rules(back_off_s=0.5, good_over_s=0.5, probe_every_s=0.2, trial_every_s=0.2, idle_every_s=0.2)
WAIT_S = 15.0


class Serving:
    """What a test can do to it."""

    def __init__(self, port: int, tiers: dict[str, FakeTier], router: Router) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port, self.tiers, self.router = port, tiers, router
        self._loop = asyncio.get_running_loop()
        self.stop = asyncio.Event()
        self.ended = threading.Event()

    def act(self, tier: str, behaviour: Behaviour) -> None:
        """Let a tier behave like this from now on."""
        self._loop.call_soon_threadsafe(self.tiers[tier].act, behaviour)

    def end(self) -> None:
        """Stop serving."""
        with contextlib.suppress(RuntimeError):  # it has ended already
            self._loop.call_soon_threadsafe(self.stop.set)


@contextlib.contextmanager
def serving(titles: dict[str, str] | None = None, port: int = 0) -> Iterator[Serving]:
    """Serve until the end of the block, with five requests a second.

    Args:
        titles: of tiers, by name; default their names.
        port: where; 0 is anywhere.
    """
    listener = listen("127.0.0.1", port)
    started = threading.Event()
    box: list[Serving] = []

    async def main() -> None:
        tiers = {
            name: FakeTier(name, [(0.0, well(latency_s))], title=(titles or {}).get(name, name))
            for name, latency_s in (("docker", 0.02), ("cloud-run", 0.04), ("local", 0.03))
        }
        async with Router(list(tiers.values()), rules=QUICK, trial_clip=TrialClip(CLIP)) as router:
            box.append(Serving(listener.getsockname()[1], tiers, router))
            asking = asyncio.create_task(_ask(router))
            await serve_dashboard(router, listener, stop=box[0].stop, started=started.set)
            asking.cancel()
            box[0].ended.set()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert started.wait(WAIT_S)
    try:
        yield box[0]
    finally:
        box[0].end()
        thread.join(WAIT_S)
        assert not thread.is_alive()


def well(latency_s: float) -> Behaviour:
    """A tier without faults."""
    return Behaviour(latency_s=latency_s, memory_bytes=300_000_000)


async def _ask(router: Router) -> None:
    while True:
        await router.embed(CLIP)
        await asyncio.sleep(0.2)
