from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    Answer = Coroutine[Any, Any, int]


async def ask() -> int:
    return 1


def answer() -> "Answer":
    return ask()
