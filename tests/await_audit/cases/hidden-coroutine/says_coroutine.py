from collections.abc import Coroutine
from typing import Any


async def fetch() -> int:
    return 1


def load() -> Coroutine[Any, Any, int]:
    return fetch()
