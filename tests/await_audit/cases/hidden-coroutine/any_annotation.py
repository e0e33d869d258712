from typing import Any


async def fetch():
    return 1


def load() -> Any:
    return fetch()
