from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Hook:
    action: Callable[[], int]


async def make() -> Hook:
    return Hook(lambda: 1)


async def main():
    hook = await make()
    return hook.action()
