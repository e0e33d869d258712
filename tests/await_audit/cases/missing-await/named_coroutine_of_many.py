import asyncio


async def retry(operation, *arguments, **named):
    return await operation(*arguments, **named)


async def started(coro):
    return asyncio.ensure_future(coro)


async def measured():
    return {"cpu": 1}


async def beat():
    return await retry(started, coro=measured())
