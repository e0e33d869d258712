from typing import Any


async def payload():
    return {}


def body() -> dict[str, Any]:  # expect: hidden-coroutine certain
    return payload()
