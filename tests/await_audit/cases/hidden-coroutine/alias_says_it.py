from collections.abc import Coroutine
from typing import Any

Reply = Coroutine[Any, Any, int]


async def fetch() -> int:
    return 1


class Http:
    def load(self) -> Reply:
        return fetch()
