from collections.abc import Awaitable


async def timed(work: Awaitable[int]) -> int:
    return await work


async def answer() -> int:
    return 42


async def main():
    return await timed(answer())
