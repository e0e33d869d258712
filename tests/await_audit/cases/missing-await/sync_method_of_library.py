import asyncio


async def main():
    event = asyncio.Event()
    event.set()
    queue = asyncio.Queue()
    queue.put_nowait(1)
    return queue.qsize()
