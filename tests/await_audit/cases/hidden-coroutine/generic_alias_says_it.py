from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
Reply = Coroutine[Any, Any, T]


async def fetch() -> int:
    return 1


def load() -> Reply[int]:
    return fetch()
