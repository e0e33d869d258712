async def first(stream):
    item = await anext(stream)  # expect: missing-await certain
    return item.value
