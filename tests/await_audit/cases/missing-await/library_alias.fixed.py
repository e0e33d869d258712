from asyncio import sleep as nap


async def pause():
    await nap(2)  # expect: missing-await certain
