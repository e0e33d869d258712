import asyncio


async def commit():
    return None


async def main():
    await asyncio.shield(commit())
