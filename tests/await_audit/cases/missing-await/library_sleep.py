import asyncio


async def pause():
    asyncio.sleep(1)  # expect: missing-await certain
