import asyncio


async def slow():
    return None


async def main():
    return await asyncio.wait_for(slow(), timeout=1)
