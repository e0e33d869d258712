import asyncio

_task = None


async def ready(load):
    global _task
    if _task is None:
        _task = asyncio.ensure_future(load())
    return await _task
