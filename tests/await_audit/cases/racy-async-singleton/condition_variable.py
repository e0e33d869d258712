import asyncio

_condition = asyncio.Condition()
_pool = None


async def pool(create):
    global _pool
    async with _condition:
        if _pool is None:
            _pool = await create()
        _condition.notify_all()
    return _pool
