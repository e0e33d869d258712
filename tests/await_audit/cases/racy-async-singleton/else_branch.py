_link = None


async def link(dial, beat):
    global _link
    if _link is None:  # expect: racy-async-singleton certain
        _link = await dial()
    else:
        beat(_link)
    return _link
