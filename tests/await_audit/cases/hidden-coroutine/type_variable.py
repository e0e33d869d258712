from typing import TypeVar

T = TypeVar("T")


async def fetch(value):
    return value


def same(value: T) -> T:
    return fetch(value)
