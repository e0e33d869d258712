_thing = None


async def thing(build):
    global _thing
    if _thing == None:  # expect: racy-async-singleton certain
        _thing = await build()
    return _thing
