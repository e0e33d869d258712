_index = None


async def index(opened, parse):
    global _index
    if _index is None:  # expect: racy-async-singleton certain
        async with opened("file") as handle:
            _index = parse(handle)
    return _index
