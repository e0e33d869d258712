from collections.abc import Awaitable, Callable


class App:
    def ensure_async(self, handler) -> Callable[[str], Awaitable[str]]:
        return handler

    async def handle(self, handler):
        self.ensure_async(handler)("request")  # expect: missing-await likely
