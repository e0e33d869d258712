import asyncio


def pause() -> None:  # expect: hidden-coroutine certain
    return asyncio.sleep(1)
