import asyncio


async def thing():
    return 1


def test_thing():
    assert asyncio.iscoroutine(thing())
