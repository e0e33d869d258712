from collections.abc import Coroutine
from typing import Any


async def job():
    return 1


async def choose() -> Coroutine[Any, Any, int]:
    return job()
