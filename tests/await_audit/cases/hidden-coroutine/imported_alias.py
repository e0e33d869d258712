from asyncio import sleep as nap


def rest(seconds) -> bool:  # expect: hidden-coroutine certain
    return nap(seconds)
