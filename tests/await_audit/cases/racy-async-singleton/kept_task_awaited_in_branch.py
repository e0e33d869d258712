import asyncio

_task = None


async def ready(load):
    global _task
    if _task is None:
        _task = asyncio.create_task(load())
        await asyncio.shield(_task)
    return _task
