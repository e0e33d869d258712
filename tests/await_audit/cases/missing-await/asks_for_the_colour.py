import inspect
from collections.abc import Callable, Coroutine


class Bucket:
    def __init__(self, key: Callable[[str], Coroutine[None, None, str]]):
        self._key = key

    async def get(self, payload):
        if inspect.iscoroutinefunction(self._key):
            key = await self._key(payload)
        else:
            key = self._key(payload)
        return key.strip()
