async def first(stream):
    item = anext(stream)  # expect: missing-await certain
    return item.value
