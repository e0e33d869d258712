import asyncio

_parts = None


async def parts(first, second):
    global _parts
    if _parts is None:  # expect: racy-async-singleton certain
        _parts = await asyncio.gather(first(), second())
    return _parts
