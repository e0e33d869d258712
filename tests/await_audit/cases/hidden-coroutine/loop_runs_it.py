import asyncio


async def fetch() -> int:
    return 1


def load() -> int:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(fetch())
    finally:
        loop.close()
