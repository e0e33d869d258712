from asyncio import sleep as nap


async def pause():
    nap(2)  # expect: missing-await certain
