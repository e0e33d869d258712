import asyncio


def in_background(thing):
    return asyncio.ensure_future(thing)


async def beat():
    return None


def start():
    in_background(beat())
