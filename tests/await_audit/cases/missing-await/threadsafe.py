import asyncio


async def work():
    return 1


def from_thread(loop):
    return asyncio.run_coroutine_threadsafe(work(), loop).result()
