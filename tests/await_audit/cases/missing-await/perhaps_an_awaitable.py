from collections.abc import Coroutine


class Tracer:
    def on_start(self, run) -> Coroutine | None:
        return None


async def trace(tracer: Tracer):
    tracer.on_start(1)
