async def next_item():
    return None


async def loop():
    while (item := await next_item()) is not None:  # expect: missing-await certain
        print(item)
