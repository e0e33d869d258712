import asyncio


async def worker():
    return None


async def main():
    task = asyncio.create_task(worker())
    return task
